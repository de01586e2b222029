"""What a stage gave, as lines that a difference can be read from."""

from typing import Any

from atelier.kernel.canonical import canonical
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.store import Commit
from atelier.orchestrate.paired import said
from atelier.orchestrate.recorded import get_recording
from atelier.testing.ledger_samples import add, ran, start


def told(value: Any) -> list[str]:
    ledger = MemoryLedger()
    [row] = add(ledger, start("r"), Commit(rows=(ran("r", "draft", output="o"),)))
    recording = get_recording("r", ledger, {"o": canonical(value)}.get)
    return said(recording, row).split("\n")


def test_each_line_says_where_it_stands() -> None:
    value = {"page": {"title": "A week", "lines": ["one\ntwo", ""]}, "kept": True}
    assert sorted(told(value)) == [
        "kept: True",
        "page.lines[0]: one",
        "page.lines[0]: two",
        "page.lines[1]: ",
        "page.title: A week",
    ]


def test_a_text_is_its_own_lines_and_what_holds_nothing_has_none() -> None:
    assert told("one\ntwo") == ["one", "two"]
    assert told([]) == [""]


def test_a_value_that_is_gone_is_said_to_be() -> None:
    ledger = MemoryLedger()
    [row] = add(ledger, start("r"), Commit(rows=(ran("r", "draft"),)))
    assert said(get_recording("r", ledger, lambda _: None), row) == "(no value)"
