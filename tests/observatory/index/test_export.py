"""Exports hold all that a question has, and nothing that a spreadsheet runs."""

import csv
from io import StringIO

import orjson
import pytest

from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import Event
from atelier.ledger.store import Commit
from atelier.observatory.index.export import safe_cell
from atelier.observatory.index.index import Index
from atelier.observatory.index.query import parse_query
from atelier.observatory.index.tables import TABLES
from atelier.testing.ledger_samples import NOW, add


def read_csv(index: Index, table: str, *pairs: tuple[str, str]) -> list[dict[str, str]]:
    text = "".join(index.export_csv(parse_query(table, pairs)))
    return list(csv.DictReader(StringIO(text, newline="")))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_exported_with_every_column(index: Index, table: str) -> None:
    lines = read_csv(index, table)
    objects = orjson.loads(b"".join(index.export_json(parse_query(table, []))))
    assert len(lines) == len(objects) == index.count(parse_query(table, [])).number
    assert set(lines[0]) == set(objects[0]) == {one.field for one in TABLES[table].columns}


def test_amounts_are_dollars_and_unknown_is_empty(index: Index) -> None:
    (run,) = read_csv(index, "runs", ("run", "r1"))
    assert run["incurred_usd"] == "0.0015"
    (open_attempt,) = read_csv(index, "attempts", ("outcome", "intent"), ("run", "r3"))
    assert (open_attempt["incurred_usd"], open_attempt["reserved_usd"]) == ("", "0.0007")
    (found,) = orjson.loads(b"".join(index.export_json(parse_query("attempts", [("run", "r3")]))))
    assert (found["incurred_usd"], found["reserved_usd"]) == (None, "0.0007")


def test_an_export_goes_on_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier.observatory.index.page.MOST", 7)
    ledger = MemoryLedger()
    events = tuple(
        Event(kind="k", subject=f"s{place}", detail="", recorded_at=NOW) for place in range(50)
    )
    add(ledger, Commit(events=events))
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    subjects = [line["subject"] for line in read_csv(index, "events", ("order", "number"))]
    assert subjects == [f"s{place}" for place in range(50)]
    index.close()


def test_an_export_of_nothing_is_whole(index: Index) -> None:
    query = parse_query("runs", [("run", "nobody")])
    assert orjson.loads(b"".join(index.export_json(query))) == []
    assert len("".join(index.export_csv(query)).splitlines()) == 1


@pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(begins: str) -> None:
    assert safe_cell(begins) == f"'{begins}"


def test_hostile_text_stays_one_cell(index: Index) -> None:
    (event,) = read_csv(index, "events")
    assert event["detail"] == "'=1+1"
    (plain,) = orjson.loads(b"".join(index.export_json(parse_query("events", []))))
    assert plain["detail"] == "=1+1"
