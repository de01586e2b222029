"""The index is caught up from a ledger, and made anew where it does not fit."""

import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import apsw
import orjson
import pytest
from index_samples import OUTPUT, at, begin, end, fill, stage_row

from atelier.kernel.errors import SetupError
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.owner import boot_id
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.observatory.index import batch as batching
from atelier.observatory.index import index as indexing
from atelier.observatory.index.index import Index
from atelier.observatory.index.query import parse_query
from atelier.observatory.index.tables import TABLES
from atelier.testing.ledger_samples import add, judgement


def lines(index: Index, table: str, *pairs: tuple[str, str]) -> Sequence[dict[str, object]]:
    return index.page(parse_query(table, pairs)).lines


def shown(index: Index) -> dict[str, Sequence[dict[str, object]]]:
    return {table: lines(index, table, ("order", "number")) for table in TABLES}


def indexes_in(path: Path) -> set[str]:
    file = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    found = file.execute("select name from sqlite_schema where type = 'index'").fetchall()
    file.close()
    return {str(name) for (name,) in found}


def test_a_run_is_shown_with_what_came_of_its_stages(index: Index) -> None:
    (run,) = lines(index, "runs", ("run", "r1"))
    wanted = {
        "status": "complete",
        "cache": "none",
        "strip": '[["draft","ran",1],["review","ran",0]]',
        "subject": "maya",
        "parameters": "student=maya",
        "incurred": 1500,
        "claims": 3,
        "supported": 1,
        "contested": 1,
        "supported_share": 0.5,
        "obligations": 1,
        "retries": 1,
        "artefacts": 1,
    }
    assert {name: run[name] for name in wanted} == wanted


def test_a_served_run_shows_the_rows_of_the_run_it_was_served_from(index: Index) -> None:
    (run,) = lines(index, "runs", ("run", "r2"))
    assert run["strip"] == '[["draft","reused",0],["review","reused",0]]'
    assert (run["cache"], run["incurred"], run["avoided"]) == ("hit", 0, 1500)
    assert (run["claims"], run["obligations"], run["served_from"]) == (3, 1, "r1")
    rows = lines(index, "rows", ("run", "r2"), ("order", "number"))
    assert [(row["stage"], row["outcome"], row["reason"]) for row in rows] == [
        ("", "run-hit", "served from r1"),
        ("draft", "reused", "run-hit"),
        ("review", "reused", "run-hit"),
    ]


def test_a_failed_run_says_where_and_how(index: Index) -> None:
    (run,) = lines(index, "runs", ("status", "failed"))
    assert (run["run"], run["failed_stage"]) == ("r3", "draft")
    assert run["error_code"] == "stage.citation"


def test_claims_know_the_row_that_gave_them_and_what_they_cite(index: Index) -> None:
    (found,) = lines(index, "claims", ("claim", "c1"))
    assert (found["run"], found["stage"], found["model"]) == ("r1", "draft", "m:writer-1")
    assert (found["slices"], found["citations"]) == ("transcript", 1)
    (warned,) = lines(index, "claims", ("checks.has", "numbers:warn"))
    assert warned["claim"] == "c3"
    assert {one["run"] for one in lines(index, "citations")} == {"r1"}


def test_what_a_person_said_stands_beside_the_claim_and_what_was_decided(index: Index) -> None:
    (said,) = lines(index, "judgements")
    (claim,) = lines(index, "claims", ("claim", "c2"))
    shared = ("claim", "output", "text", "run", "seq", "workflow", "stage", "ordinal")
    assert {name: said[name] for name in shared} == {name: claim[name] for name in shared}
    assert (said["decided"], said["decided_by"]) == ("contested", "rule")
    wanted = judgement(OUTPUT, "c2", 1)
    assert (said["verdict"], said["who"], said["reason"]) == (
        wanted.verdict,
        wanted.who,
        wanted.reason,
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_small_batches_make_the_same_index(ledger: MemoryLedger, index: Index, limit: int) -> None:
    other = Index.temporary(ledger, ledger.find_blob)
    while other.step(limit=limit)[1]:
        pass
    assert shown(other) == shown(index)
    assert other.costs("stage") == index.costs("stage")
    assert other.stage_uses() == index.stage_uses()
    other.close()


def test_rows_are_newest_first_however_many_came_at_once(index: Index) -> None:
    assert [(row["run"], row["stage"]) for row in lines(index, "rows")] == [
        ("r3", "draft"),
        ("r2", "review"),
        ("r2", "draft"),
        ("r2", ""),
        ("r1", "review"),
        ("r1", "draft"),
    ]
    page = index.page(parse_query("rows", [("limit", "2")]))
    onward = index.page(parse_query("rows", [("limit", "2"), ("after", page.after)]))
    assert [row["run"] for row in (*page.lines, *onward.lines)] == ["r3", "r2", "r2", "r2"]


def test_what_ends_later_is_caught_up(tmp_path: Path) -> None:
    ledger = MemoryLedger()
    index = Index.open(tmp_path / "o.sqlite", ledger, ledger.find_blob)
    add(ledger, begin("r1", 0))
    assert index.catch_up() == 1
    assert lines(index, "runs")[0]["status"] == "running"
    assert index.catch_up() == 0
    add(ledger, Commit(rows=(stage_row("r1", "draft", 1, incurred=None),)), end("r1", 2))
    assert index.catch_up() == 2
    (run,) = lines(index, "runs")
    assert (run["status"], run["ended_at"], run["incurred"]) == ("complete", at(2), None)
    assert not index.standing().behind
    index.close()


def test_a_run_whose_process_is_gone_is_not_shown_as_running(tmp_path: Path) -> None:
    ledger = MemoryLedger()
    gone = orjson.dumps({"host": "h", "boot": boot_id(), "pid": 2**22, "started": "1"}).decode()
    first = begin("r1", 0)
    assert first.start is not None
    add(ledger, replace(first, start=replace(first.start, owner=gone)), begin("r2", 1))
    index = Index.open(tmp_path / "o.sqlite", ledger, ledger.find_blob)
    index.catch_up()
    index.step()
    assert [one["status"] for one in lines(index, "runs")] == ["running", "interrupted"]
    add(ledger, end("r1", 3))
    index.catch_up()
    assert [one["status"] for one in lines(index, "runs")] == ["running", "complete"]
    index.close()


def test_what_the_pages_ask_by_is_sorted_once_the_ledger_has_been_read(
    ledger: MemoryLedger, tmp_path: Path
) -> None:
    path = tmp_path / "observatory.sqlite"
    begun = Index.open(path, ledger, ledger.find_blob)
    assert begun.step(limit=2)[1]
    assert "row_run" in indexes_in(path), "what writing asks by is there from the start"
    assert "row_stage" not in indexes_in(path)
    begun.close()
    again = Index.open(path, ledger, ledger.find_blob)  # as after a process that died on its way
    again.catch_up()
    assert {"row_stage", "claim_verdict", "attempt_request"} <= indexes_in(path)
    again.close()


def test_a_small_change_is_in_after_one_step(ledger: MemoryLedger, index: Index) -> None:
    add(ledger, begin("r4", 2000), Commit(rows=(stage_row("r4", "draft", 2001, incurred=7),)))
    assert index.step() == (2, False)
    assert lines(index, "runs")[0]["incurred"] == 7


def test_the_sums_of_many_runs_are_made_in_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "REFRESHED", 2)
    ledger = MemoryLedger()
    for number in range(5):
        row = stage_row(f"r{number}", "draft", number, incurred=number)
        add(ledger, begin(f"r{number}", number), Commit(rows=(row,)))
    index = Index.temporary(ledger, ledger.find_blob)
    assert index.step() == (10, True)
    assert index.standing().behind
    assert (index.step(), index.step()) == ((0, True), (0, False))
    assert [line["incurred"] for line in lines(index, "runs")] == [4, 3, 2, 1, 0]
    index.close()


def test_it_goes_on_where_another_process_stopped(tmp_path: Path, ledger: MemoryLedger) -> None:
    first = Index.open(tmp_path / "o.sqlite", ledger, ledger.find_blob)
    first.catch_up()
    before = shown(first)
    first.close()
    second = Index.open(tmp_path / "o.sqlite", ledger, ledger.find_blob)
    assert second.catch_up() == 0
    assert shown(second) == before
    add(ledger, begin("r4", 2000))
    assert second.catch_up() == 1
    second.close()


def test_two_that_catch_up_one_file_add_everything_once(
    tmp_path: Path, ledger: MemoryLedger
) -> None:
    path = tmp_path / "o.sqlite"
    both = [Index.open(path, ledger, ledger.find_blob) for _ in range(2)]
    for minute in range(3):
        add(ledger, begin(f"x{minute}", 3000 + minute))
        for index in both:
            index.catch_up()
    assert len(lines(both[0], "runs")) == 6
    assert shown(both[0]) == shown(both[1])
    for index in both:
        index.close()


def test_what_was_not_written_after_all_is_remembered_by_nobody(
    ledger: MemoryLedger, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "o.sqlite"
    other = Index.open(path, ledger, ledger.find_blob)
    with monkeypatch.context() as broken:

        def full(*_: object) -> NoReturn:
            raise apsw.FullError("database or disk is full")

        broken.setattr(batching.Batch, "_serve", full)  # after all else of the batch
        with pytest.raises(SetupError, match="full"):
            other.step()
    other.catch_up()
    assert shown(other) == shown(index)
    assert other.choices("rows", "stage") == index.choices("rows", "stage") != ()
    assert indexes_in(path) >= {"row_output", "row_stage"}
    other.close()


def test_another_ledger_or_an_older_copy_makes_it_anew(tmp_path: Path) -> None:
    path = tmp_path / "o.sqlite"
    ledger, other = MemoryLedger(), MemoryLedger()
    fill(ledger)
    add(other, begin("other", 0))
    for store, runs in ((ledger, 3), (other, 1), (ledger, 3)):
        index = Index.open(path, store, store.find_blob)
        index.catch_up()
        assert len(lines(index, "runs")) == runs
        assert index.standing().records == index.standing().records
        index.close()


@pytest.mark.parametrize("content", [b"no database at all" * 99, b""])
def test_what_is_no_index_is_thrown_away(
    tmp_path: Path, ledger: MemoryLedger, content: bytes
) -> None:
    path = tmp_path / "o.sqlite"
    path.write_bytes(content)
    index = Index.open(path, ledger, ledger.find_blob)
    index.catch_up()
    assert len(lines(index, "runs")) == 3
    index.close()


def test_an_index_of_another_schema_is_thrown_away(tmp_path: Path, ledger: MemoryLedger) -> None:
    path = tmp_path / "o.sqlite"
    Index.open(path, ledger, ledger.find_blob).close()
    with apsw.Connection(str(path)) as old:
        old.execute("drop table artefact; create table stranger (x); pragma user_version = 7")
    old.close()
    index = Index.open(path, ledger, ledger.find_blob)
    index.catch_up()
    assert len(lines(index, "artefacts")) == 1
    index.close()


def test_a_copied_ledger_is_read_and_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    writing = SqliteLedger.open(home / "ledger.sqlite")
    fill(writing)
    writing.close()
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    reading = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    index = Index.temporary(reading, reading.find_blob)
    index.catch_up()
    assert len(lines(index, "runs")) == 3
    index.close()
    reading.close()
    kept = {path.name: path.read_bytes() for path in home.iterdir() if path.name in before}
    assert kept == before


def test_a_temporary_index_that_nobody_closes_goes_with_what_held_it(
    ledger: MemoryLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "mkdtemp", lambda prefix: str(tmp_path / prefix))
    (tmp_path / "atelier-observatory-").mkdir()
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    assert list(tmp_path.iterdir())
    del index
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_index_leaves_nothing(ledger: MemoryLedger) -> None:
    index = Index.temporary(ledger, ledger.find_blob)
    folder = index._path.parent
    assert folder.exists()
    index.close()
    assert not folder.exists()
    with pytest.raises(SetupError, match=r"observatory\.index"):
        index.page(parse_query("runs", []))


def test_content_that_is_gone_is_left_out(ledger: MemoryLedger) -> None:
    index = Index.temporary(ledger, lambda _: None)
    index.catch_up()
    assert len(lines(index, "runs")) == 3
    assert {hit.kind for hit in index.search("slept chapter").hits} == set()
    assert index.search("slept").hits[0].kind == "claim"
    index.close()


def test_choices_are_those_that_the_record_has(index: Index) -> None:
    assert index.choices("rows", "stage") == ("draft", "review")
    assert index.choices("runs", "workflow") == ("coaching",)
    assert "blocked" in index.choices("rows", "outcome")
    assert index.choices("attempts", "outcome") == ("answered", "intent", "rejected")


def test_it_says_what_keeps_it_from_the_ledger_and_since_when(
    ledger: MemoryLedger, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = SetupError("ledger.gone", "It is gone.", next_step="Put it back.")

    def refuse(*_: object, **__: object) -> NoReturn:
        raise gone

    assert (index.standing().behind, index.standing().trouble) == (False, None)
    with monkeypatch.context() as patched:
        patched.setattr(ledger, "read_tail", refuse)
        before = index.standing().as_of
        with pytest.raises(SetupError):
            index.step()
        standing = index.standing()
        assert (standing.behind, standing.trouble, standing.as_of) == (True, gone, before)
    index.step()
    standing = index.standing()
    assert (standing.behind, standing.trouble) == (False, None)
    assert standing.as_of > before


def test_a_reader_cannot_write(index: Index) -> None:
    with pytest.raises(SetupError, match=r"observatory\.index"):
        index._connections.rows("delete from run")
    assert replace(index.standing(), records=0).position.runs == 3
