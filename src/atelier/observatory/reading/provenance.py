"""The history of an artefact in two common forms: W3C PROV as JSON-LD, and an in-toto statement."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from atelier.ledger.rows import ArtefactRow, JudgementRow, PacketRecord, Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.lineage import lineage

STATEMENT = "https://in-toto.io/Statement/v1"
SLSA = "https://slsa.dev/provenance/v1"
# What a workflow's run is, where a verifier asks how to read its parameters.
BUILD = "urn:atelier:workflow-run:1"
BUILDER = "urn:atelier:harness"
_CONTEXT = {
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "atelier": "urn:atelier:",
}


@dataclass(frozen=True, slots=True)
class History:
    """What led to an artefact: its run, its packet, and the rows, each behind what it read.

    `judgements` are what people have said since of the claims among it.
    """

    artefact: ArtefactRow
    run: RunRecord
    packet: PacketRecord | None
    rows: tuple[Row, ...]
    judgements: tuple[JudgementRow, ...] = ()


def history_of(archive: Archive, artefact: ArtefactRow) -> History:
    """The history of an artefact; of a reused value, the row that made it."""
    run = archive.ledger.find_run(artefact.run)
    if run is None:  # the ledger's own rule: an artefact is of a run
        raise AssertionError(artefact.run)
    rows = [step.source for step in lineage(archive, run, artefact.stage)]
    outputs = dict.fromkeys(row.output for row in rows if row.output)
    words = (word for output in outputs for word in archive.ledger.iter_judgements(output))
    packet = archive.ledger.find_packet(run.start.packet)
    return History(artefact, run, packet, tuple(rows), tuple(words))


def prov_json(history: History) -> dict[str, Any]:
    """The history as PROV-O in JSON-LD, with its context inside: nothing has to be fetched."""
    nodes: dict[str, dict[str, Any]] = {}
    for node in _graph(history):
        nodes.setdefault(node["@id"], node)  # equal values of two stages are one entity
    return {"@context": dict(_CONTEXT), "@graph": list(nodes.values())}


def _graph(history: History) -> Iterator[dict[str, Any]]:
    artefact, rows = history.artefact, history.rows
    own = next((row for row in rows if row.stage == artefact.stage), None)
    printed = own.output if own else None
    yield {
        "@id": _named(artefact.digest),
        "@type": "prov:Entity",
        "rdfs:label": artefact.path,
        "prov:generatedAtTime": _time(artefact.recorded_at),
        "prov:wasGeneratedBy": _ref(f"atelier:run:{artefact.run}"),
        **({"prov:wasDerivedFrom": _ref(_named(printed))} if printed else {}),
    }
    yield _run(history.run)
    for agent in dict.fromkeys(_agent(row) for row in rows):
        yield {"@id": agent, "@type": ["prov:Agent", "prov:SoftwareAgent"]}
    for row in rows:
        yield from _of_row(row)
    for word in history.judgements:
        yield from _of_word(word)
    yield {"@id": _named(history.run.start.packet), **_packet(history.packet)}
    if history.packet is not None:
        for name, digest in history.packet.slices.items():
            yield {"@id": _named(digest), "@type": "prov:Entity", "rdfs:label": name}
    for row in rows:
        yield {"@id": f"atelier:run:{row.run}", "@type": "prov:Activity"}
        if row.recipe:
            yield {"@id": _named(row.recipe), "@type": ["prov:Entity", "prov:Plan"]}
        # Slices that were derived, and the packet as a stage read it, have no record of their own.
        for item in row.consumed:
            yield {"@id": _named(item.whole), "@type": "prov:Entity", "rdfs:label": item.source}


def _packet(packet: PacketRecord | None) -> dict[str, Any]:
    if packet is None:
        return {"@type": "prov:Entity"}
    members = [_ref(_named(digest)) for digest in packet.slices.values()]
    return {"@type": ["prov:Entity", "prov:Collection"], "prov:hadMember": members}


def _run(run: RunRecord) -> dict[str, Any]:
    start = run.start
    return {
        "@id": f"atelier:run:{start.run}",
        "@type": "prov:Activity",
        "rdfs:label": start.workflow,
        "prov:startedAtTime": _time(start.started_at),
        **({"prov:endedAtTime": _time(run.ended_at)} if run.ended_at else {}),
        "prov:used": _ref(_named(start.packet)),
    }


def _of_row(row: Row) -> Iterator[dict[str, Any]]:
    """The execution of a stage, and the value that it gave."""
    name = f"atelier:row:{row.seq}"
    read = dict.fromkeys(item.whole for item in row.consumed if item.supply is not Supply.PARAMETER)
    activity: dict[str, Any] = {
        "@id": name,
        "@type": "prov:Activity",
        "rdfs:label": row.stage,
        "prov:endedAtTime": _time(row.recorded_at),
        "prov:wasInformedBy": _ref(f"atelier:run:{row.run}"),
        "prov:used": [_ref(_named(digest)) for digest in read],
        "atelier:reason": row.reason,
    }
    activity["prov:qualifiedAssociation"] = {
        "@type": "prov:Association",
        "prov:agent": _ref(_agent(row)),
        **({"prov:hadPlan": _ref(_named(row.recipe))} if row.recipe else {}),
    }
    yield activity
    if row.output:
        yield {
            "@id": _named(row.output),
            "@type": "prov:Entity",
            "prov:wasGeneratedBy": _ref(name),
            "prov:wasDerivedFrom": [_ref(_named(digest)) for digest in read],
        }


def _of_word(word: JudgementRow) -> Iterator[dict[str, Any]]:
    """A person's judgement of a claim, and the person."""
    person = f"atelier:person:{quote(word.who, safe='')}"
    yield {
        "@id": f"atelier:judgement:{word.seq}",
        "@type": "prov:Activity",
        "rdfs:label": f"judgement of claim {word.claim}",
        "prov:endedAtTime": _time(word.recorded_at),
        "prov:used": _ref(_named(word.output)),
        "prov:wasAssociatedWith": _ref(person),
        "atelier:claim": word.claim,
        "atelier:verdict": word.verdict,
        "atelier:reason": word.reason,
    }
    yield {"@id": person, "@type": ["prov:Agent", "prov:Person"], "rdfs:label": word.who}


def _agent(row: Row) -> str:
    """Who did what a stage does: the model that answered, or the harness by itself."""
    return f"atelier:model:{row.model_served}" if row.model_served else BUILDER


def in_toto(history: History) -> dict[str, Any]:
    """The history as an in-toto statement with SLSA provenance: what a verifier of builds reads.

    It is a statement, unsigned: a signature is made over its bytes by whoever vouches for them.
    """
    artefact, run = history.artefact, history.run
    start = run.start
    return {
        "_type": STATEMENT,
        "subject": [{"name": artefact.path, "digest": _digest(artefact.digest)}],
        "predicateType": SLSA,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {
                    "workflow": start.workflow,
                    "target": start.target,
                    "parameters": dict(start.parameters),
                },
                "internalParameters": {"scope": start.scope, "runKey": start.run_key},
                "resolvedDependencies": list(_dependencies(history)),
            },
            "runDetails": {
                "builder": {"id": BUILDER, "version": dict(start.versions)},
                "metadata": {
                    "invocationId": start.run,
                    "startedOn": start.started_at,
                    **({"finishedOn": run.ended_at} if run.ended_at else {}),
                },
                "byproducts": _byproducts(history.rows),
            },
        },
    }


def _dependencies(history: History) -> Iterator[dict[str, Any]]:
    yield {"name": "packet", "digest": _digest(history.run.start.packet)}
    if history.packet is not None:
        for name, digest in history.packet.slices.items():
            yield {"name": f"slice {name}", "digest": _digest(digest)}
    for row in history.rows:
        if row.recipe:
            yield {"name": f"recipe of {row.stage}", "digest": _digest(row.recipe)}


def _byproducts(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "name": row.stage,
            "digest": _digest(row.output),
            "annotations": {"row": row.seq, "run": row.run, "reason": row.reason},
        }
        for row in rows
        if row.output
    ]


def _digest(digest: str) -> dict[str, str]:
    algorithm, _, value = digest.partition(":")
    return {algorithm: value}


def _named(digest: str) -> str:
    return f"atelier:{digest}"


def _ref(name: str) -> Mapping[str, str]:
    return {"@id": name}


def _time(moment: str) -> Mapping[str, str]:
    return {"@type": "xsd:dateTime", "@value": moment}
