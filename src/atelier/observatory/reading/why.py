"""One question, one chain: from a sentence, a file, a digest or a run back to the evidence and rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from atelier.artefact.mark import read_mark
from atelier.kernel.digest import is_digest
from atelier.ledger.queries import queries
from atelier.ledger.rows import ArtefactRow, RunRecord
from atelier.observatory.reading.archive import LATEST, Archive
from atelier.observatory.reading.artefact import ArtefactView, LineView, view_artefact
from atelier.observatory.reading.causes import Causes
from atelier.observatory.reading.claims import CitationView, ClaimView
from atelier.observatory.reading.evidence import Evidence, Neighbour
from atelier.observatory.reading.graph import Made
from atelier.observatory.reading.lineage import Step, lineage
from atelier.observatory.reading.packet import RunNamed, run_named
from atelier.observatory.reading.recognised import Recognised, recognise
from atelier.observatory.reading.roles import roles_of
from atelier.observatory.reading.run import Emitted
from atelier.observatory.reading.sentence import Said, Saying, find_parts, find_said, newest

# Of the claims that cite an element.
RESTING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWhy:
    """A stage that led to what was asked about: how it ended, why, and where its value was made."""

    stage: str
    outcome: str
    because: str
    seq: int
    made: Made
    output: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A named statement of the ledger's own, which answers a part of the question."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a citation in its slice."""

    citation: str
    elements: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A claim that cites an element, and the run in which that was said first."""

    output: str
    claim: str
    text: str
    verdict: str
    role: str
    quote: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A sentence that has in it what was asked about, and where it was printed last."""

    text: str
    path: str
    line: int
    run: str
    recorded_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyView:
    """The answer to one question; `kind` is sentence, part, artefact, run, digest or unknown.

    A part stands in several sentences, the `candidates`; in one alone, the answer is that one's. Of
    a sentence `line` is what was printed; of an artefact `lines` are all. `roles` are what a digest
    is known as; of an element's, `resting` are the claims that cite it.
    """

    asked: str
    kind: str
    state: str = ""
    run: RunNamed | None = None
    artefact: Emitted | None = None
    line: LineView | None = None
    lines: tuple[LineView, ...] = ()
    claims: tuple[ClaimView, ...] = ()
    citations: tuple[CitationView, ...] = ()
    context: tuple[Context, ...] = ()
    steps: tuple[StepWhy, ...] = ()
    roles: tuple[Mapping[str, Any], ...] = ()
    resting: tuple[Resting, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    statements: tuple[Statement, ...] = field(default=())
    missing: tuple[str, ...] = ()


def view_why(archive: Archive, asked: str, saying: Saying = newest) -> WhyView:
    """The chain behind whatever was pasted: a run's id, a digest, a file's text, or a sentence.

    `saying` gives the artefacts that may say a sentence; without an index, these are the newest.
    """
    archive = archive.remembering()
    text = asked.strip()
    digest = text if text.startswith("sha256:") else f"sha256:{text}"
    if is_digest(digest):
        return _of_digest(archive, digest)
    run = archive.find_run(text) if text == LATEST or (text.isalnum() and len(text) > 5) else None
    if run is not None:
        return _of_run(archive, text, run)
    if read_mark(asked.encode()) is not None:
        found = recognise(archive, _as_emitted(asked))
        if found is not None:
            is_mark_alone = len(text.splitlines()) == 1  # which says nothing of an edit
            return why_artefact(archive, found.row, found=None if is_mark_alone else found)
    return _of_sentence(archive, text, saying)


def why_artefact(
    archive: Archive, row: ArtefactRow, *, found: Recognised | None = None, line: int | None = None
) -> WhyView:
    """The chain behind an artefact, or one of its lines; lines count from 1, as emitted."""
    run = archive.ledger.find_run(row.run)
    if run is None:  # the ledger's own rule: an artefact is of a run
        raise AssertionError(row.run)
    view = view_artefact(archive, row, found=found)
    steps = _steps(archive, run, lineage(archive, run, row.stage))
    if line is None:
        return WhyView(
            asked=row.path,
            kind="artefact",
            state=view.state,
            run=run_named(run),
            artefact=view.emitted,
            lines=tuple(one for one in view.lines if one.part != "footnote"),
            claims=view.claims,
            citations=view.citations,
            steps=steps,
            statements=_statements("artefacts_by_mark", "iter_claims", "chain"),
            missing=view.missing,
        )
    return _of_line(archive, view, next(_at(view, line), None), run=run, steps=steps)


def _of_line(
    archive: Archive,
    view: ArtefactView,
    line: LineView | None,
    *,
    run: RunRecord,
    steps: tuple[StepWhy, ...],
) -> WhyView:
    claims = line.claims if line else ()
    named = line.citations if line else ()
    cited = tuple(one for one in view.citations if one.id in named)
    return WhyView(
        asked=line.text if line else view.emitted.path,
        kind="sentence",
        state=view.state,
        run=run_named(run),
        artefact=view.emitted,
        line=line,
        claims=tuple(claim for claim in view.claims if claim.claim in claims),
        citations=cited,
        context=tuple(_context(archive, run, cited)),
        steps=steps,
        statements=_statements(
            "artefacts_by_mark",
            "iter_claims",
            "citations_of_claim",
            "judgements_of_output",
            "chain",
        ),
        missing=view.missing,
    )


def _at(view: ArtefactView, line: int) -> Iterator[LineView]:
    yield from (one for one in view.lines if one.first <= line <= one.last)


def _as_emitted(asked: str) -> bytes:
    """A pasted file: a browser's form sends CRLF, and may drop the last line's end."""
    text = asked.replace("\r\n", "\n")
    return (text if text.endswith("\n") else f"{text}\n").encode()


def _of_run(archive: Archive, asked: str, run: RunRecord) -> WhyView:
    rows = list(archive.ledger.iter_stage_rows(run.start.run))
    steps = _steps(archive, run, [Step(row, archive.original(row)) for row in rows])
    return WhyView(
        asked=asked,
        kind="run",
        run=run_named(run),
        steps=steps,
        statements=_statements("find_run", "stage_rows", "precedents"),
    )


def _of_digest(archive: Archive, digest: str) -> WhyView:
    roles = tuple(roles_of(archive, digest))
    producer = archive.ledger.find_producer(digest)
    run = archive.ledger.find_run(producer.run) if producer else None
    steps = _steps(archive, run, lineage(archive, run, producer.stage)) if run and producer else ()
    is_gone = bool(roles) and archive.read(digest) is None
    stored = {role["role"] for role in roles} & {"output", "slice", "artefact"}
    return WhyView(
        asked=digest,
        kind="digest" if roles else "unknown",
        run=run_named(run) if run else None,
        steps=steps,
        roles=roles,
        resting=tuple(islice(_resting(archive, digest), RESTING)),
        statements=_statements(
            "find_producer", "chain", "packets_of_slice", "citations_of_element"
        ),
        missing=("Its bytes are gone from the store.",) if is_gone and stored else (),
    )


def _resting(archive: Archive, element: str) -> Iterator[Resting]:
    for one in archive.ledger.iter_citing(element):
        claims = archive.ledger.iter_claims(one.output)
        claim = next((each for each in claims if each.claim == one.claim), None)
        made = archive.ledger.find_producer(one.output)
        if claim is not None:
            yield Resting(
                output=one.output,
                claim=one.claim,
                text=claim.text,
                verdict=claim.verdict,
                role=one.role,
                quote=one.quote,
                run=made.run if made else "",
            )


def _of_sentence(archive: Archive, asked: str, saying: Saying) -> WhyView:
    said = find_said(archive, asked, saying)
    if said is not None:
        return why_artefact(archive, said.row, line=said.line)
    parts = find_parts(archive, asked, saying)
    if len(parts) == 1:
        said = next(iter(parts.values()))
        return why_artefact(archive, said.row, line=said.line)
    candidates = tuple(_candidate(text, said) for text, said in parts.items())
    return WhyView(asked=asked, kind="part" if parts else "unknown", candidates=candidates)


def _candidate(text: str, said: Said) -> Candidate:
    row = said.row
    return Candidate(
        text=text, path=row.path, line=said.line, run=row.run, recorded_at=row.recorded_at
    )


def _steps(archive: Archive, run: RunRecord, steps: list[Step]) -> tuple[StepWhy, ...]:
    causes = Causes(archive, run, list(archive.ledger.iter_stage_rows(run.start.run)))
    return tuple(
        StepWhy(
            stage=step.row.stage,
            outcome=step.row.outcome.value,
            because=causes.of(step.row.stage).text,
            seq=step.row.seq,
            made=Made(seq=step.source.seq, run=step.source.run, reason=step.source.reason),
            output=step.row.output,
        )
        for step in steps
    )


def _context(
    archive: Archive, run: RunRecord, cited: tuple[CitationView, ...]
) -> Iterator[Context]:
    evidence = Evidence(archive, run.start.packet)
    for one in cited:
        yield Context(one.id, evidence.around(one.slice, one.element, one.occurrence))


def _statements(*names: str) -> tuple[Statement, ...]:
    known = queries()
    return tuple(Statement(name, known[name]) for name in names)
