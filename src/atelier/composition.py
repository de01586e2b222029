"""The composition root: the only file that names the concrete parts of an install."""

import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from atelier.artefact.publisher import ArtefactPublisher
from atelier.artefact.unemitted import Unemitted
from atelier.blobs.content import Content, find_verified
from atelier.blobs.files import FileBlobs
from atelier.blobs.memory import MemoryBlobs
from atelier.engines.local import LocalEngine
from atelier.kernel.clock import Clock, iso
from atelier.kernel.evidence import Citation, Cite
from atelier.ledger.lease_keeper import LeaseKeeper
from atelier.ledger.leases import LeaseStore, Owner
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.memory_leases import MemoryLeases
from atelier.ledger.owner import this_process
from atelier.ledger.rows import Event
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.sqlite_leases import SqliteLeases
from atelier.ledger.store import Commit, LedgerStore
from atelier.models import Binding, ModelClient
from atelier.models.admission import Gates
from atelier.models.binding import gates_of
from atelier.models.endpoint import Endpoint
from atelier.models.limits import Limits
from atelier.models.provider import open_client
from atelier.orchestrate.flights import Flights
from atelier.orchestrate.receipts import ReceiptClient, Receipts
from atelier.orchestrate.recorded import Recording
from atelier.orchestrate.runtime import Runtime
from atelier.project import Project
from atelier.soqratic import Review
from atelier.terra.quotes import resolve_cite

LEDGER = "ledger.sqlite"
BLOBS = "blobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What keeps a project's state, and how to close it."""

    ledger: LedgerStore
    leases: LeaseStore
    content: Content
    owner: Owner
    engine: LocalEngine
    close: Callable[[], None]


def writing_parts(
    project: Project, clock: Clock, *, below: Callable[[str], bytes | None] = lambda _: None
) -> Parts:
    """The ledger, leases and blobs of a folder, made where they are missing.

    What is not there is read from `below`.
    """
    ledger = SqliteLedger.open(project.home / LEDGER)
    leases = SqliteLeases(project.home / "leases.sqlite")
    owner = this_process()
    keeper = LeaseKeeper(leases, owner)
    engine = LocalEngine()

    reported: set[str] = set()

    def on_damage(digest: str, detail: str) -> None:
        if digest in reported:  # found again each time that it is read
            return
        reported.add(digest)
        now = iso(clock.now())
        event = Event(kind="blob.damaged", subject=digest, detail=detail, recorded_at=now)
        ledger.commit(Commit(events=(event,)))

    def close() -> None:
        engine.close()
        keeper.close()
        leases.close()
        ledger.close()

    return Parts(
        ledger=ledger,
        leases=leases,
        content=Content(
            lambda digest: ledger.find_blob(digest) or below(digest),
            FileBlobs(project.home / BLOBS),
            on_damage=on_damage,
        ),
        owner=owner,
        engine=engine,
        close=close,
    )


def reading_parts(project: Project) -> Parts:
    """The project's ledger and blobs for reading: damage is a miss, and is left where it is."""
    ledger = SqliteLedger.open(project.home / LEDGER, read_only=True)
    engine = LocalEngine()

    def close() -> None:
        engine.close()
        ledger.close()

    return Parts(
        ledger=ledger,
        leases=MemoryLeases(),
        content=Content(find_kept(project, ledger), MemoryBlobs()),
        owner=this_process(),
        engine=engine,
        close=close,
    )


def find_kept(project: Project, ledger: LedgerStore) -> Callable[[str], bytes | None]:
    """A reader of a project's verified bytes that leaves damage where it is."""
    return find_verified(ledger.find_blob, FileBlobs(project.home / BLOBS).find)


def runtime_of(
    project: Project, models: Mapping[str, ModelClient], clock: Clock, *, parts: Parts
) -> Runtime:
    """What a project's runs are given, with these parts to keep their state."""
    bound = {name: _bound_to_own(name, project.bindings) for name in models}
    return Runtime(
        project=project.root,
        scope=project.scope,
        bindings={**project.bindings, **bound},
        clients=lambda binding: _client(binding, models, project.endpoints),
        ledger=parts.ledger,
        owner=parts.owner,
        content=parts.content,
        engine=parts.engine,
        publisher=ArtefactPublisher(project.root, _said_by_rule),
        quote_check=_quote_check,
        clock=clock,
        flights=Flights(parts.leases, parts.owner, parts.ledger),
        gates=Gates(clock),
        limits=lambda binding: gates_of(binding, project.endpoints),
        versions={"atelier": version("atelier-harness"), "python": platform.python_version()},
    )


def replay_runtime(own: Runtime, recording: Recording) -> Runtime:
    """A runtime that begins with nothing, asks nobody and leaves nothing."""
    receipts, ledger = Receipts(recording), MemoryLedger()

    def client(binding: Binding) -> ModelClient:
        return ReceiptClient(own.clients(binding), binding, receipts)

    def unbounded(_: Binding) -> list[tuple[str, Limits]]:
        return [("replay", Limits())]

    return replace(
        own,
        # What was spent is recorded; a cap would refuse to spend it again.
        bindings={
            name: replace(binding, max_micros=None) for name, binding in own.bindings.items()
        },
        clients=client,
        ledger=ledger,
        content=Content(ledger.find_blob, MemoryBlobs()),
        publisher=Unemitted(own.project, _said_by_rule),
        flights=Flights(MemoryLeases(), own.owner, ledger),
        gates=Gates(own.clock),
        limits=unbounded,
        recorded=set(),
        histories={},
    )


def shadow_runtime(own: Runtime, shadow: LedgerStore, parts: Parts) -> Runtime:
    """A runtime whose state lies in a shadow, over all that is kept below it."""
    return replace(
        own,
        ledger=shadow,
        owner=parts.owner,
        content=parts.content,
        engine=parts.engine,
        flights=Flights(parts.leases, parts.owner, shadow),
        recorded=set(),
        histories={},
    )


def printing_into(own: Runtime, place: Path, *, namespace: str) -> Runtime:
    """The runtime with its artefacts put into a folder of their own."""
    publisher = ArtefactPublisher(place, _said_by_rule)
    return replace(own, publisher=publisher, namespace=namespace)


def _bound_to_own(model_class: str, bindings: Mapping[str, Binding]) -> Binding:
    """The binding of a class whose client is given: the install's, where that names a model."""
    found = bindings.get(model_class)
    if found is None or found.offline:
        return Binding(model_class, "own", model_class)
    return found


def _client(
    binding: Binding, models: Mapping[str, ModelClient], endpoints: Mapping[str, Endpoint]
) -> ModelClient:
    own = models.get(binding.model_class)
    return own if own is not None else open_client(binding, endpoints)


def _said_by_rule(value: Any) -> dict[str, tuple[Citation, ...]]:
    """The texts of a review that may be printed as they are, with the evidence they rest on.

    Rules made them of cited evidence, or, a question, checked it against what it cites. What a model
    found is a statement like any other.
    """
    if not isinstance(value, Review):
        return {}
    asked = [value.question] if value.question is not None else []
    stated = [item for item in value.findings if item.kind.found_by == "rule"]
    found = {question.text: question.evidence for question in asked}
    return {**{finding.statement: finding.evidence for finding in stated}, **found}


def _quote_check(cite: Cite, elements: Any) -> Citation | str:
    found = resolve_cite(cite, elements)
    return found if isinstance(found, Citation) else found.detail
