"""Replay: a recorded run executed again from its receipts, and every digest compared."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from atelier.ledger.rows import Attempt, Row
from atelier.models.fault import RULES, Fault
from atelier.orchestrate.outcome import Run
from atelier.orchestrate.reasons import components_of, reasons_between, sentence
from atelier.orchestrate.recorded import Read, Recording, find_recording
from atelier.orchestrate.run import run_workflow
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.state import RunOptions
from atelier.orchestrate.workflow import Workflow

_DIGESTS = ("key", "recipe", "input", "output")
_NO_RECEIPT = RULES[Fault.NO_RECEIPT].code
ADDED = "the recorded run has no such stage"
REMOVED = "the workflow has no such stage any more"


class Verdict(StrEnum):
    """What came of comparing one stage's value with the recorded one."""

    SAME = "same"
    DIFFERS = "differs"
    NO_RECEIPT = "no receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One stage, as recorded and as replayed; `request` is one that has no receipt."""

    stage: str
    verdict: Verdict
    recorded: Row | None
    replayed: Row | None
    why: str = ""
    request: str | None = None

    def as_json(self) -> dict[str, Any]:
        """One entry of `stages` in `atelier replay --json`."""
        return {
            "stage": self.stage,
            "verdict": self.verdict.value,
            "why": self.why,
            "request": self.request,
            "recorded": _digests(self.recorded),
            "replayed": _digests(self.replayed),
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """A digest as recorded and as replayed; None where there is nothing."""

    recorded: str | None
    replayed: str | None

    @property
    def same(self) -> bool:
        """Whether both are one."""
        return self.recorded == self.replayed

    def as_json(self) -> dict[str, Any]:
        """The pair as `--json` gives it."""
        return {"same": self.same, "recorded": self.recorded, "replayed": self.replayed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of replaying a run; nothing of it is in the project's ledger."""

    run: str
    workflow: str
    packet: Pair
    stages: tuple[Compared, ...]
    artefact: Pair

    @property
    def same(self) -> bool:
        """Whether everything came out as it was recorded."""
        stages = all(one.verdict is Verdict.SAME for one in self.stages)
        return stages and self.packet.same and self.artefact.same

    def as_json(self) -> dict[str, Any]:
        """What `atelier replay --json` prints."""
        return {
            "run": self.run,
            "workflow": self.workflow,
            "same": self.same,
            "packet": self.packet.as_json(),
            "stages": [one.as_json() for one in self.stages],
            "artefact": self.artefact.as_json(),
        }


async def replay_run(workflow: Workflow[Any], recording: Recording, runtime: Runtime) -> Replay:
    """Execute a recorded run again in a runtime that holds nothing yet, and compare.

    Raises:
        SetupError: the packet is not kept, or the workflow or the install must be mended.
    """
    collected = recording.collected(workflow.packet)
    options = RunOptions(target=recording.run.start.target)
    done = await run_workflow(workflow, collected, runtime, options=options)
    replayed = _recording_of(done, runtime)
    return Replay(
        run=recording.run.start.run,
        workflow=workflow.name,
        packet=Pair(recording.run.start.packet, done.packet),
        stages=tuple(_compared(recording, replayed, list(workflow.graph.nodes))),
        artefact=Pair(recording.artefact, done.artefact.digest if done.artefact else None),
    )


def _recording_of(done: Run[Any], runtime: Runtime) -> Recording:
    record = runtime.ledger.find_run(done.id)
    if record is None:
        raise AssertionError(done.id)
    return find_recording(record, runtime.ledger, runtime.content.read)


def _compared(earlier: Recording, now: Recording, order: list[str]) -> Iterator[Compared]:
    unanswered = {
        one.stage: one for one in now.ledger.iter_attempts(now.run.start.run) if _is_unanswered(one)
    }

    def read(digest: str) -> bytes | None:
        return now.read(digest) or earlier.read(digest)

    for stage in dict.fromkeys([*order, *earlier.rows]):
        before, after = earlier.rows.get(stage), now.rows.get(stage)
        silent = unanswered.get(stage) if after is not None and after.output is None else None
        yield Compared(
            stage=stage,
            verdict=_verdict(before, after, silent),
            recorded=before,
            replayed=after,
            why=_why(before, after, read),
            request=silent.request if silent is not None else None,
        )


def _is_unanswered(attempt: Attempt) -> bool:
    return attempt.error is not None and attempt.error.get("code") == _NO_RECEIPT


def _verdict(before: Row | None, after: Row | None, silent: Attempt | None) -> Verdict:
    if silent is not None:
        return Verdict.NO_RECEIPT
    if before is None or after is None:
        return Verdict.DIFFERS
    same = _ended(before) == _ended(after)
    return Verdict.SAME if same else Verdict.DIFFERS


def _ended(row: Row) -> tuple[str | None, str | None]:
    """How a stage ended: its value, or the code of why it has none."""
    return row.output, None if row.error is None else row.error.get("code")


def _why(before: Row | None, after: Row | None, read: Read) -> str:
    """Why a stage was not what it had been, also where its value came out the same."""
    if before is None or after is None:
        return ADDED if before is None else REMOVED
    earlier, now = components_of(before, read), components_of(after, read)
    reasons = reasons_between(earlier, now, read) if earlier and now else []
    if reasons:
        return sentence(reasons)
    if _ended(before) == _ended(after):
        return ""
    if after.error is not None:
        return str(after.error.get("sentence", ""))
    unseen = [item["what"] for item in (*after.unseen, *before.unseen)]
    return f"same key; it reads what no key sees: {unseen[0]}" if unseen else "same key"


def _digests(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    code = None if row.error is None else row.error.get("code")
    return {**{name: getattr(row, name) for name in _DIGESTS}, "error": code}
