"""The plot as values: what happens, when, and in which process."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from atelier.demo.cast import read_cast
from atelier.demo.events import Event, Jot, Replace, RunSession, chapters
from atelier.demo.folder import example
from atelier.demo.plot import small_history, whole_history
from atelier.demo.scenes import Scene
from atelier.demo.turns import at


def test_a_history_is_told_in_order_over_five_months() -> None:
    events = whole_history()
    runs = [event for event in events if isinstance(event, RunSession)]
    assert all(one.at <= other.at for one, other in pairwise(events))
    assert 120 <= len(runs) <= 160
    assert (runs[-1].at - runs[0].at).days > 140
    assert {run.student for run in runs} == {student.id for student in read_cast()}


def test_edited_code_begins_a_chapter_and_edited_prompts_do_not() -> None:
    run = RunSession(at=at("2026-01-01", "09:00"), student="a", session="s1")
    prompt = Replace(at=at("2026-01-02", "09:00"), path="/prompts/a.md", old="a", new="b")
    code = Replace(at=at("2026-01-03", "09:00"), path="/a.py", old="a", new="b")
    later = RunSession(at=at("2026-01-04", "09:00"), student="a", session="s1")
    assert [list(one.events) for one in chapters([later, code, prompt, run])] == [
        [run, prompt],
        [code, later],
    ]


def test_a_process_that_dies_ends_its_chapter() -> None:
    killed = RunSession(at=at("2026-01-01", "09:00"), student="a", session="s1", stop="killed")
    again = RunSession(at=at("2026-01-02", "09:00"), student="a", session="s1")
    assert [one.runs for one in chapters([killed, again])] == [1, 1]


@pytest.mark.parametrize("history", [whole_history, small_history])
def test_every_edit_finds_its_passage_in_the_example(history: Callable[[], list[Event]]) -> None:
    texts: dict[str, str] = {}
    for event in history():
        if isinstance(event, Replace) and not event.path.startswith("/artefacts/"):
            name = event.path.removeprefix("/")
            text = texts.get(name) or (example() / name).read_text(encoding="utf-8")
            assert text.count(event.old) == 1, f"{name}: {event.old}"
            texts[name] = text.replace(event.old, event.new)


def test_no_two_entries_of_the_journal_share_a_number() -> None:
    numbers = [
        number
        for event in whole_history()
        if isinstance(event, Jot)
        for number, _, _ in event.entries
    ]
    assert len(numbers) == len(set(numbers))


def test_a_scene_tells_counts_once_and_leaves_no_hole() -> None:
    for student in read_cast():
        for place, name, day in student.iter_sessions():
            scene = Scene(student, place, name, day)
            texts = [scene.transcript(), scene.note(), scene.commitments()]
            texts += [text for _, _, text in scene.journal(1)]
            assert not [text for text in texts if re.search(r"\{\w*\}", text)]
