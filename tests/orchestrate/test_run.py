"""Runs: what executes, what is reused, what a failure blocks, and what the ledger says of it."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import (
    Aside,
    ExhaustedError,
    Harness,
    Packet,
    RunOptions,
    SetupError,
    StageError,
    Workflow,
    stage,
)
from atelier.kernel.errors import TransientError
from atelier.ledger.pending import Pending
from atelier.ledger.rows import Outcome, RunStatus
from atelier.ledger.store import Commit, Committed
from atelier.orchestrate.events import RunEvent, StageBegan, StageEnded
from atelier.orchestrate.outcome import Run


class Entry(BaseModel):
    id: int
    text: str


class Evidence(Packet):
    student: str
    journal: list[Entry]


def entries(*texts: str) -> list[Entry]:
    return [Entry(id=number, text=text) for number, text in enumerate(texts)]


def evidence(*texts: str, student: str = "maya") -> Evidence:
    return Evidence(student=student, journal=entries(*texts))


calls: list[str] = []
broken: set[str] = set()
executions = logging.getLogger("atelier.tests.executions")


class Witness(logging.Handler):
    """Notes executions, and breaks some: a logger is no input, so no key sees what it does."""

    def emit(self, record: logging.LogRecord) -> None:
        calls.append(record.getMessage())
        if record.getMessage() in broken:
            message = f"{record.getMessage()} is broken"
            raise ValueError(message)


def called(name: str) -> None:
    executions.warning(name)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    calls.clear()
    broken.clear()
    witness = Witness()
    executions.addHandler(witness)
    executions.propagate = False
    yield
    executions.removeHandler(witness)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with Harness.open(tmp_path) as opened:
        yield opened


class Words(BaseModel):
    count: int
    longest: str


class Count(BaseModel):
    count: int


@stage
def words(journal: list[Entry]) -> Words:
    text = " ".join(entry.text for entry in journal).split()
    return Words(count=len(text), longest=max(text, key=len, default=""))


@stage
def doubled(words: Count) -> int:
    return words.count * 2


@stage
def report(doubled: int, student: str) -> str:
    return f"{student}: {doubled}"


chain = Workflow("chain", packet=Evidence, stages=[words, doubled, report])


def outcomes(run: Run[Any]) -> dict[str, str]:
    return {result.stage: result.outcome.value for result in run.stages}


def test_a_run_gives_values_and_a_row_per_stage(harness: Harness) -> None:
    run = harness.run_sync(chain, evidence("a bb", "ccc"))
    assert (run.status, run.served) == (RunStatus.COMPLETE, "run")
    assert run.value(report) == "maya: 6"
    assert run.value(words) == Words(count=3, longest="ccc")
    rows = list(harness.ledger.iter_stage_rows(run.id))
    assert [(row.stage, row.outcome, row.reason) for row in rows] == [
        ("words", Outcome.RAN, "first run"),
        ("doubled", Outcome.RAN, "first run"),
        ("report", Outcome.RAN, "first run"),
    ]
    assert [consumed.parameter for consumed in rows[2].consumed] == ["doubled", "student"]


def test_a_lease_that_is_not_taken_back_costs_no_value_and_is_told(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise SetupError("ledger.full", "The disk is full.", next_step="Make room.")

    monkeypatch.setattr(harness.runtime.flights.leases, "release", full)
    run = harness.run_sync(Workflow("one", packet=Evidence, stages=[words]), evidence("a"))
    assert (run.status, run.value(words).count) == (RunStatus.COMPLETE, 1)
    assert run.warnings[0].startswith("[ledger.full] The disk is full. Nothing is lost;")


def test_an_equal_run_is_served_whole_and_names_its_source(harness: Harness) -> None:
    first = harness.run_sync(chain, evidence("a"))
    second = harness.run_sync(chain, evidence("a"))
    assert (second.served, second.served_from) == ("cache", first.id)
    assert set(outcomes(second).values()) == {"reused"}
    assert second.value(report) == first.value(report)
    shown = list(harness.ledger.iter_stage_rows(second.id))
    assert [row.stage for row in shown] == ["words", "doubled", "report"]


def test_a_change_that_a_lens_does_not_see_stops_there(harness: Harness) -> None:
    harness.run_sync(chain, evidence("a bb"))
    run = harness.run_sync(chain, evidence("a cc"))
    assert outcomes(run) == {"words": "ran", "doubled": "reused", "report": "reused"}
    assert run.result("words").reason.startswith("input changed: journal/0/text")


def test_another_subject_is_a_first_run(harness: Harness) -> None:
    harness.run_sync(chain, evidence("a bb"))
    run = harness.run_sync(chain, evidence("ccc", student="tomas"))
    assert run.result("words").reason == "first run"


def test_a_failure_blocks_only_what_needs_it_and_is_mended_from_there(harness: Harness) -> None:
    @stage
    def fragile(journal: list[Entry]) -> int:
        called("fragile")
        return len(journal)

    @stage
    def after(fragile: int) -> int:
        return fragile

    workflow = Workflow("fragile", packet=Evidence, stages=[words, fragile, after])
    broken.add("fragile")
    run = harness.run_sync(workflow, evidence("a"))
    assert run.status is RunStatus.PARTIAL
    assert outcomes(run) == {"words": "ran", "fragile": "failed", "after": "blocked"}
    error = run.result("fragile").error or {}
    assert (error["code"], error["facts"]["message"]) == ("stage.raised", "fragile is broken")
    assert error["facts"]["at"].startswith("test_run.py:")
    assert run.result("after").reason == "needs fragile"
    with pytest.raises(SetupError, match=r"\[stage.raised\] .* raised ValueError(?s:.*)Mend the"):
        run.value(fragile)
    broken.clear()
    again = harness.run_sync(workflow, evidence("a"))
    assert again.status is RunStatus.COMPLETE
    assert outcomes(again)["words"] == "reused"


def test_a_run_without_any_final_value_has_failed(harness: Harness) -> None:
    @stage
    def fragile(journal: list[Entry]) -> int:
        called("fragile")
        return len(journal)

    broken.add("fragile")
    run = harness.run_sync(Workflow("fails", packet=Evidence, stages=[fragile]), evidence("a"))
    assert run.status is RunStatus.FAILED


def test_an_optional_input_that_is_missing_degrades_and_is_never_taken_for_a_whole(
    harness: Harness,
) -> None:
    @stage
    def fragile(journal: list[Entry]) -> int:
        called("fragile")
        return len(journal)

    @stage
    def summary(words: Words, fragile: int | None = None) -> str:
        return f"{words.count} {fragile}"

    workflow = Workflow("optional", packet=Evidence, stages=[words, fragile, summary])
    broken.add("fragile")
    run = harness.run_sync(workflow, evidence("a"))
    assert (run.status, run.value(summary)) == (RunStatus.DEGRADED, "1 None")
    assert run.result("summary").missing == ("fragile",)
    broken.clear()
    whole = harness.run_sync(workflow, evidence("a"))
    assert (whole.status, whole.value(summary)) == (RunStatus.COMPLETE, "1 1")
    assert outcomes(whole)["summary"] == "ran"
    assert harness.run_sync(workflow, evidence("a")).served == "cache"


@stage(each="journal")
def lengths(journal: Entry) -> int:
    called(journal.text)
    return len(journal.text)


@stage
def longest(lengths: list[int]) -> int:
    return max(lengths)


mapped = Workflow("mapped", packet=Evidence, stages=[lengths, longest])


def named(*texts: str) -> Evidence:
    return Evidence(student="maya", journal=[Entry(id=0, text=text) for text in texts])


def test_a_mapped_stage_runs_each_distinct_element_once_in_source_order(harness: Harness) -> None:
    run = harness.run_sync(mapped, named("a", "bbb", "a", "cc"))
    assert run.value(lengths) == [1, 3, 1, 2]
    assert sorted(calls) == ["a", "bbb", "cc"]
    assert len(list(harness.ledger.iter_element_rows(run.id, "lengths"))) == 3


def test_a_new_element_anywhere_runs_alone(harness: Harness) -> None:
    harness.run_sync(mapped, named("a", "bbb"))
    calls.clear()
    run = harness.run_sync(mapped, named("new", "a", "bbb"))
    assert calls == ["new"]
    assert outcomes(run) == {"lengths": "ran", "longest": "ran"}


def test_reordered_elements_run_nothing(harness: Harness) -> None:
    harness.run_sync(mapped, named("a", "bbb"))
    calls.clear()
    run = harness.run_sync(mapped, named("bbb", "a"))
    assert (calls, run.value(lengths)) == ([], [3, 1])


def test_one_failed_element_makes_the_stage_partial_and_the_rest_is_kept(harness: Harness) -> None:
    broken.add("bbb")
    run = harness.run_sync(mapped, named("a", "bbb", "cc"))
    assert outcomes(run) == {"lengths": "failed", "longest": "blocked"}
    error = run.result("lengths").error or {}
    assert (error["code"], error["sentence"]) == (
        "stage.partial",
        "Stage 'lengths' failed for 1 of 3 elements.",
    )
    broken.clear()
    calls.clear()
    again = harness.run_sync(mapped, named("a", "bbb", "cc"))
    assert (calls, again.status) == (["bbb"], RunStatus.COMPLETE)


def test_an_empty_slice_maps_to_an_empty_list(harness: Harness) -> None:
    workflow = Workflow("empty", packet=Evidence, stages=[lengths])
    assert harness.run_sync(workflow, named()).value(lengths) == []


def test_a_refresh_appends_a_draw_which_is_then_current(harness: Harness) -> None:
    draws = iter([1, 2, 3])

    @stage(rules="drawn: rules@1")
    def drawn(journal: list[Entry]) -> int:
        called("drawn")
        return next(draws)

    workflow = Workflow("draws", packet=Evidence, stages=[drawn])
    first = harness.run_sync(workflow, evidence("a"))
    options = RunOptions(refresh={"drawn": "a second opinion"})
    second = harness.run_sync(workflow, evidence("a"), options=options)
    assert (first.value(drawn), second.value(drawn)) == (1, 2)
    assert second.result("drawn").reason == "refreshed: a second opinion"
    third = harness.run_sync(workflow, evidence("a"))
    assert (third.served, third.served_from, third.value(drawn)) == ("cache", second.id, 2)
    rows = [next(iter(harness.ledger.iter_stage_rows(run.id))) for run in (first, second)]
    assert [row.draw for row in rows] == [0, 1]


def test_refreshing_an_unknown_stage_is_refused(harness: Harness) -> None:
    with pytest.raises(SetupError, match="no stage 'gone'"):
        harness.run_sync(chain, evidence("a"), options=RunOptions(refresh={"gone": "why"}))


def test_an_output_of_another_type_is_refused_with_its_place(harness: Harness) -> None:
    @stage
    def wrong(student: str) -> Words:
        return {"count": "many", "longest": student}  # type: ignore[return-value]

    run = harness.run_sync(Workflow("wrong", packet=Evidence, stages=[wrong]), evidence())
    error = run.result("wrong").error or {}
    assert error["code"] == "stage.output"
    assert error["facts"]["why"].startswith("/count:")


def test_stages_that_do_not_depend_on_each_other_overlap(harness: Harness) -> None:
    both = threading.Barrier(2, timeout=10)

    @stage(rules="left: rules@1")
    def left(student: str) -> int:
        return both.wait()

    @stage(rules="right: rules@1")
    def right(student: str) -> int:
        return both.wait()

    run = harness.run_sync(Workflow("wide", packet=Evidence, stages=[left, right]), evidence())
    assert {run.value(left), run.value(right)} == {0, 1}


def test_events_tell_what_began_and_how_it_ended(harness: Harness) -> None:
    seen: list[RunEvent] = []
    harness.run_sync(chain, evidence("a"), options=RunOptions(observe=seen.append))
    assert [event.stage for event in seen if isinstance(event, StageBegan)] == [
        "words",
        "doubled",
        "report",
    ]
    ended = [event.result for event in seen if isinstance(event, StageEnded)]
    assert [result.outcome.value for result in ended] == ["ran"] * 3


def test_an_aside_stands_on_the_row_and_in_no_value(harness: Harness) -> None:
    @stage
    def scored(journal: list[Entry], aside: Aside) -> int:
        aside["score"] = 0.5
        return len(journal)

    workflow = Workflow("aside", packet=Evidence, stages=[scored])
    run = harness.run_sync(workflow, evidence("a"))
    row = next(iter(harness.ledger.iter_stage_rows(run.id)))
    assert row.aside is not None
    assert harness.runtime.content.read(row.aside) == b'{"score":0.5}'


def test_the_whole_packet_may_be_consumed_and_is_read_anew(harness: Harness) -> None:
    @stage
    def everything(packet: Evidence) -> int:
        packet.journal.clear()
        return len(packet.student)

    @stage
    def still_there(packet: Evidence, everything: int) -> int:
        return len(packet.journal)

    workflow = Workflow("packet", packet=Evidence, stages=[everything, still_there])
    assert harness.run_sync(workflow, evidence("a", "b")).value(still_there) == 2


def test_two_runs_at_once_execute_each_stage_once(harness: Harness) -> None:
    @stage
    async def slow(journal: list[Entry]) -> int:
        called("slow")
        await asyncio.sleep(0.05)
        return len(journal)

    workflow = Workflow("slow", packet=Evidence, stages=[slow])

    async def both() -> list[Run[None]]:
        runs = [harness.run(workflow, evidence("a")) for _ in range(5)]
        return await asyncio.gather(*runs)

    runs = asyncio.run(both())
    assert calls == ["slow"]
    assert sorted(run.result("slow").outcome.value for run in runs) == ["ran"] + ["reused"] * 4


def test_a_cancelled_run_ends_interrupted_and_keeps_what_had_ended(harness: Harness) -> None:
    @stage
    async def endless(words: Words) -> int:
        await asyncio.sleep(60)
        return words.count

    workflow = Workflow("endless", packet=Evidence, stages=[words, endless])

    async def cancelled() -> None:
        began = asyncio.Event()

        def observe(event: RunEvent) -> None:
            if isinstance(event, StageBegan) and event.stage == "endless":
                began.set()

        task = asyncio.create_task(
            harness.run(workflow, evidence("a"), options=RunOptions(observe=observe))
        )
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    (record,) = harness.ledger.iter_runs(limit=5)
    assert record.status is RunStatus.INTERRUPTED
    rows = list(harness.ledger.iter_stage_rows(record.start.run))
    assert [(row.stage, row.outcome) for row in rows] == [("words", Outcome.RAN)]


def test_a_damaged_value_is_a_miss_and_is_repaired(harness: Harness, tmp_path: Path) -> None:
    import apsw

    run = harness.run_sync(chain, evidence("a"))
    output = run.result("words").output or ""
    database = apsw.Connection(str(tmp_path / ".atelier" / "ledger.sqlite"))
    database.execute("update blob set data = zeroblob(length(data)) where digest = ?", (output,))
    database.close()
    again = harness.run_sync(chain, evidence("a"))
    # It executed, came out the same, and the row says so: one key has one value.
    assert again.result("words").reason.startswith("damaged")
    assert set(outcomes(again).values()) == {"reused"}
    assert harness.runtime.content.read(output) is not None
    assert [event.kind for event in harness.ledger.iter_events(limit=5)] == ["blob.damaged"]
    assert harness.run_sync(chain, evidence("a")).served == "cache"


def test_packet_and_parameters_together_are_refused(harness: Harness) -> None:
    with pytest.raises(SetupError, match="not both"):
        harness.run_sync(chain, evidence("a"), student="maya")


def test_a_packet_of_another_type_is_refused(harness: Harness) -> None:
    class Other(Packet):
        student: str

    with pytest.raises(SetupError, match="runs over Evidence"):
        harness.run_sync(chain, Other(student="maya"))


def test_a_plan_executes_nothing_and_says_what_would(harness: Harness) -> None:
    plan = harness.plan(chain, evidence("a bb"))
    assert [(step.stage, step.standing.value) for step in plan.steps] == [
        ("words", "stale"),
        ("doubled", "pending"),
        ("report", "pending"),
    ]
    assert list(harness.ledger.iter_runs(limit=5)) == []
    harness.run_sync(chain, evidence("a bb"))
    assert harness.plan(chain, evidence("a bb")).served_from is not None
    changed = harness.plan(chain, evidence("a cc"))
    assert changed.steps[0].reason.startswith("input changed: journal")
    assert changed.steps[1].reason == "may run, if words changes"


def test_a_value_of_the_run_is_not_the_cached_object(harness: Harness) -> None:
    run = harness.run_sync(chain, evidence("a"))
    first = run.value(words)
    first.longest = "changed"
    assert run.value(words).longest == "a"


def test_a_workflow_without_an_artefact_has_no_output(harness: Harness) -> None:
    run = harness.run_sync(chain, evidence("a"))
    with pytest.raises(SetupError, match="declares no artefact"):
        _ = run.output


def test_a_transient_failure_is_told_as_it_is(harness: Harness) -> None:
    @stage
    def limited(student: str) -> int:
        raise TransientError("x.limit", "Too many requests.", next_step="Wait.")

    run = harness.run_sync(Workflow("limited", packet=Evidence, stages=[limited]), evidence())
    assert (run.result("limited").error or {})["code"] == "x.limit"
    assert issubclass(TransientError, StageError)


def test_an_unbound_model_class_is_refused_before_anything_runs(
    harness: Harness, tmp_path: Path
) -> None:
    from atelier import Ask

    (tmp_path / "p.md").write_text("{{student}}")

    @stage(model="writer", prompt=str(tmp_path / "p.md"))
    async def asks(ask: Ask[str], student: str) -> str:
        return await ask(student=student)

    with pytest.raises(SetupError, match="bound to nothing"):
        harness.run_sync(Workflow("asks", packet=Evidence, stages=[words, asks]), evidence("a"))
    assert list(harness.ledger.iter_runs(limit=5)) == []


def test_timings_are_on_the_row(harness: Harness) -> None:
    @stage
    def slow(student: str) -> int:
        time.sleep(0.02)
        return 1

    run = harness.run_sync(Workflow("slow", packet=Evidence, stages=[slow]), evidence())
    assert run.result("slow").seconds >= 0.02


def test_an_iteration_that_stops_fails_its_stage_like_any_other_exception(harness: Harness) -> None:
    @stage
    def absent(journal: list[Entry]) -> str:
        return next(entry.text for entry in journal if entry.text == "absent")

    run = harness.run_sync(Workflow("absent", packet=Evidence, stages=[absent]), evidence())
    error = run.result("absent").error or {}
    assert (error["code"], error["sentence"]) == (
        "stage.raised",
        "Stage 'absent' raised StopIteration.",
    )
    assert error["facts"]["at"].startswith("test_run.py:")


def test_a_store_that_gives_way_is_raised_as_it_is_and_the_run_has_its_end(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = ExhaustedError("storage.full", "The disk is full.", next_step="Free space.")
    commit = harness.ledger.commit

    def failing(commits: Commit) -> Pending[Committed]:
        if not commits.rows:
            return commit(commits)
        pending: Pending[Committed] = Pending()
        pending.set_exception(full)
        return pending

    monkeypatch.setattr(harness.ledger, "commit", failing)
    with pytest.raises(ExhaustedError, match="disk is full"):
        harness.run_sync(mapped, named("a", "b"))
    (record,) = harness.ledger.iter_runs(limit=2)
    assert record.status is RunStatus.FAILED
