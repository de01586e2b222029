"""The history that is made: real runs, of every kind, and the same each time."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from atelier.demo.events import Replace
from atelier.demo.folder import apply, example, lay_out, refuse_full
from atelier.demo.make import make
from atelier.demo.turns import at
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import Outcome, RunRecord, RunStatus
from atelier.ledger.sqlite import SqliteLedger

OWN = {"run", "owner", "id", "served_from", "seq"}


@pytest.fixture(scope="module")
def ledger(demo_project: Path) -> Iterator[SqliteLedger]:
    found = SqliteLedger.open(demo_project / ".atelier" / "ledger.sqlite", read_only=True)
    yield found
    found.close()


def runs_of(ledger: SqliteLedger) -> list[RunRecord]:
    return list(ledger.iter_runs(limit=10_000))[::-1]


@pytest.mark.slow
def test_runs_end_in_every_way_that_the_plot_has(ledger: SqliteLedger) -> None:
    statuses = Counter(run.status for run in runs_of(ledger))
    assert set(statuses) == {
        RunStatus.COMPLETE,
        RunStatus.FAILED,
        RunStatus.INTERRUPTED,
        RunStatus.RUNNING,  # its process died
    }
    assert sum(run.served_from is not None for run in runs_of(ledger)) >= 5


@pytest.mark.slow
def test_requests_fail_are_refused_and_are_in_doubt_and_models_drift(ledger: SqliteLedger) -> None:
    attempts = [one for run in runs_of(ledger) for one in ledger.iter_attempts(run.start.run)]
    assert {"answered", "failed", "rejected", "in_doubt"} <= {one.outcome for one in attempts}
    assert {one.model_served for one in attempts} >= {"gpt-5-mini-2025-08-07", "gpt-5"}
    assert all(one.incurred for one in attempts if one.outcome == "answered")


@pytest.mark.slow
def test_rows_say_why_in_many_ways(ledger: SqliteLedger) -> None:
    rows = [row for run in runs_of(ledger) for row in ledger.iter_stage_rows(run.start.run)]
    reasons = " · ".join(row.reason for row in rows)
    for words in (
        "first run",
        "input changed",
        "prompt",
        "code",
        "model",
        "before the supervision",
    ):
        assert words in reasons
    errors = {row.error["code"] for row in rows if row.error is not None}
    assert {"models.budget", "models.refusal", "stage.blocked"} <= errors
    assert {row.outcome for row in rows} >= {Outcome.FAILED, Outcome.BLOCKED, Outcome.REUSED}


@pytest.mark.slow
def test_claims_are_supported_contested_and_judged_by_a_model(ledger: SqliteLedger) -> None:
    outputs = {
        row.output
        for run in runs_of(ledger)
        for row in ledger.iter_stage_rows(run.start.run)
        if row.output
    }
    claims = [claim for output in sorted(outputs) for claim in ledger.iter_claims(output)]
    assert {"supported", "contested"} <= {claim.verdict for claim in claims}
    assert {"rule", "model"} <= {claim.decided_by for claim in claims}


@pytest.mark.slow
def test_the_coach_has_a_word_on_claims_and_notes_of_hers_are_kept(
    ledger: SqliteLedger, demo_project: Path
) -> None:
    words = list(ledger.iter_judgements())
    assert {"contested", "partial", "supported"} == {word.verdict for word in words}
    assert {word.who for word in words} == {"Ruth Amsel"}
    pages = sorted((demo_project / "artefacts" / "maya").glob("s12*.md"))
    assert len(pages) == 2
    assert "(with my notes)" in pages[-1].read_text(encoding="utf-8")


def told(ledger: SqliteLedger) -> list[Any]:
    """A ledger's content, without what must differ."""
    found: list[Any] = []
    for run in runs_of(ledger):
        rows = ledger.iter_stage_rows(run.start.run)
        attempts = ledger.iter_attempts(run.start.run)
        found.append(
            {
                "run": _without(run.start),
                "status": run.status,
                "seconds": run.seconds,
                "rows": sorted((_row(row) for row in rows), key=lambda row: row["stage"]),
                "attempts": [_without(attempt) for attempt in attempts],
            }
        )
    return found


def _row(row: Any) -> dict[str, Any]:
    # Whoever of two stages ends first writes the rows that wait: their order is the machine's.
    told = _without(row)
    if row.outcome is not Outcome.RAN:
        told.pop("recorded_at")
    if str(told["reason"]).startswith("run "):
        told.pop("reason")
    return told


def _without(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__ if name not in OWN}


@pytest.mark.slow
def test_two_of_equal_size_hold_the_same(ledger: SqliteLedger, tmp_path: Path) -> None:
    make(tmp_path / "again", size="small")
    other = SqliteLedger.open(tmp_path / "again" / ".atelier" / "ledger.sqlite", read_only=True)
    try:
        assert told(other) == told(ledger)
    finally:
        other.close()


def test_a_folder_with_anything_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SetupError, match="folder of its own"):
        make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    refuse_full(tmp_path / "new")


def test_an_edit_whose_passage_is_gone_is_an_error(tmp_path: Path) -> None:
    lay_out(tmp_path)
    edit = Replace(at=at("2026-01-01", "09:00"), path="/flow.py", old="nobody wrote this", new="")
    with pytest.raises(SetupError) as raised:
        apply(tmp_path, edit)
    assert raised.value.code == "demo.passage"


def test_the_folder_holds_the_examples_own_code(tmp_path: Path) -> None:
    lay_out(tmp_path)
    for path in example().glob("*.py"):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
