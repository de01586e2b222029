"""Small commits to try a ledger with."""

from atelier.kernel.digest import digest
from atelier.ledger.rows import (
    ArtefactRow,
    Attempt,
    CallRow,
    CitationRow,
    ClaimRow,
    Consumed,
    JudgementRow,
    Outcome,
    Row,
    RunEnd,
    RunStart,
    RunStatus,
    Supply,
)
from atelier.ledger.store import Commit, LedgerStore

NOW = "2026-03-01T09:30:00.000000Z"


def add(ledger: LedgerStore, *commits: Commit) -> list[Row]:
    """Commit in order; the rows as they stand in the ledger."""
    done = [ledger.commit(commit).result() for commit in commits]
    return [row for committed in done for row in committed.rows]


def start(run: str, *, workflow: str = "w", run_key: str = "run-key", packet: str = "p") -> Commit:
    """A run that begins."""
    return Commit(
        start=RunStart(
            run=run,
            workflow=workflow,
            scope="default",
            packet=packet,
            run_key=run_key,
            started_at=NOW,
        )
    )


def ended(run: str, *, served_from: str | None = None, sound: bool = True) -> Commit:
    """A run that ends complete."""
    end = RunEnd(
        run=run, status=RunStatus.COMPLETE, ended_at=NOW, sound=sound, served_from=served_from
    )
    return Commit(end=end)


def ran(run: str, stage: str, *, key: str | None = None, output: str | None = None) -> Row:
    """A row of a stage that ran; its output is named after key and stage if none is given."""
    return Row(
        run=run,
        stage=stage,
        outcome=Outcome.RAN,
        recorded_at=NOW,
        key=key,
        output=output or digest([stage, key]),
        reason="new",
    )


def reads(stage: str, whole: str) -> Consumed:
    """An input that is all of a stage's output."""
    return Consumed(parameter=stage, supply=Supply.STAGE, source=stage, digest=whole, whole=whole)


def attempt(run: str) -> Attempt:
    """An intent."""
    return Attempt(
        id=f"{run}-1",
        run=run,
        stage="draft",
        call=digest("call"),
        number=1,
        request=digest("request"),
        model_class="writer",
        model_requested="m:writer-1",
        sent_at=NOW,
        reserved=500,
    )


def claim(output: str, name: str, ordinal: int) -> ClaimRow:
    """A claim of an output."""
    return ClaimRow(
        output=output,
        claim=name,
        ordinal=ordinal,
        text="I slept.",
        kind="statement",
        verdict="supported",
        flag="",
        decided_by="rule",
        checks="[]",
    )


def citation(output: str, claim: str, ordinal: int, *, element: str = "e") -> CitationRow:
    """A citation of an output."""
    return CitationRow(
        output=output,
        claim=claim,
        ordinal=ordinal,
        slice="transcript",
        element=element,
        occurrence=1,
        pointer="/text",
        start=0,
        end=8,
        quote="I slept.",
        match="verbatim",
        role="supports",
        found_by="rule",
    )


def judgement(output: str, claim: str, ordinal: int) -> JudgementRow:
    """What a person says of a claim."""
    return JudgementRow(
        output=output,
        claim=claim,
        ordinal=ordinal,
        verdict="unsupported",
        who="ruth",
        reason="She did not say that.",
        recorded_at=NOW,
    )


def artefact(run: str, path: str, data: str) -> Commit:
    """An emission."""
    return Commit(
        artefact=ArtefactRow(
            run=run,
            stage="synthesis",
            path=path,
            digest=digest(data),
            mark=f"mark {data}",
            lines=digest("lines"),
            action="written",
            recorded_at=NOW,
        )
    )


def call(run: str, *, answer: str) -> CallRow:
    """What the intent of a run came to."""
    sent = attempt(run)
    return CallRow(
        call=sent.call,
        draw=0,
        answer=answer,
        attempt=sent.id,
        run=run,
        stage=sent.stage,
        recorded_at=NOW,
        original=300,
    )
