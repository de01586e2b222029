"""W1 of the goals: five trivial stages over a 200 KB packet, the harness beside the floor.

    python bench/w1.py [--packets 12]

Prints medians and ratios. Every figure of a ratio is taken in this process, on the same work.
"""

import argparse
import asyncio
import gc
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from floor import Floor
from pydantic import BaseModel

from atelier import Harness, Packet, RunOptions, Workflow, stage


class Turn(BaseModel):
    speaker: str
    text: str


class Note(BaseModel):
    session: str
    text: str


class Program(BaseModel):
    title: str
    milestones: list[str]


class Session(Packet):
    student: str
    transcript: list[Turn]
    prior: list[Note]
    journal: list[Note]
    program: Program


class Text(BaseModel):
    text: str
    lines: list[str]


def _text(seed: str, length: int = 20_000) -> Text:
    line = f"{seed} " * 8
    return Text(text=seed, lines=[f"{number} {line}" for number in range(length // len(line))])


@stage
def draft(transcript: list[Turn], program: Program) -> Text:
    return _text(f"draft {len(transcript)} {program.title}")


@stage
def ground(draft: Text, journal: list[Note]) -> Text:
    return _text(f"ground {draft.text} {len(journal)}")


@stage
def review(ground: Text) -> Text:
    return _text(f"review {ground.text}")


@stage
def themes(prior: list[Note]) -> Text:
    return _text(f"themes {len(prior)}")


@stage
def synthesis(ground: Text, review: Text, themes: Text) -> Text:
    return _text(f"synthesis {ground.text} {review.text} {themes.text}")


@stage
def afterword(synthesis: Text) -> Text:
    return _text(f"afterword {synthesis.text}")


STAGES = [draft, ground, review, themes, synthesis]
WORKFLOW = Workflow("w1", packet=Session, stages=STAGES)
# Another last stage misses the run key, and every stage of W1 is looked up by its own.
LONGER = Workflow("w1-longer", packet=Session, stages=[*STAGES, afterword])


def packet(number: int) -> dict[str, Any]:
    """About 200 KB: 600 turns, 8 prior sessions, 7 journal entries, 1 program."""
    words = (
        f"so what I wanted to say about chapter {number} is that it moved a little further on " * 3
    )
    return {
        "student": f"student-{number}",
        "transcript": [
            {"speaker": "Coach" if turn % 2 else "Maya", "text": f"{turn} {words}"}
            for turn in range(600)
        ],
        "prior": [{"session": f"s{n}", "text": words * 10} for n in range(8)],
        "journal": [{"session": f"d{n}", "text": words * 4} for n in range(7)],
        "program": {"title": f"Thesis {number}", "milestones": ["outline", "draft", "defence"]},
    }


def plain_stages() -> list[Callable[[dict[str, Any], bytes], Any]]:
    """The same work without a harness: each returns about 20 KB."""

    def made(name: str) -> Callable[[dict[str, Any], bytes], Any]:
        def plain(given: dict[str, Any], before: bytes) -> Any:
            # As of the harness's stages, no two packets' values are equal: each is stored.
            return _text(f"{name} {given['program']['title']} {len(before)}").model_dump()

        plain.__name__ = name
        return plain

    return [made(name) for name in ("draft", "ground", "review", "themes", "synthesis")]


def timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


async def timed_run(harness: Harness, workflow: Workflow[Any], given: Packet) -> float:
    began = perf_counter()
    run = await harness.run(workflow, given, options=RunOptions())
    assert run.status.value == "complete"
    return (perf_counter() - began) * 1000


async def measure(folder: Path, count: int) -> dict[str, float]:
    raw = [packet(number) for number in range(count)]
    floor, plain = Floor(folder / "floor.sqlite"), plain_stages()
    floor.cold(packet(-1), plain)
    figures: dict[str, list[float]] = {}

    def note(name: str, milliseconds: float) -> None:
        figures.setdefault(name, []).append(milliseconds)

    with Harness.open(folder / "project") as harness:
        await timed_run(harness, WORKFLOW, Session.model_validate(packet(-1)))
        await timed_run(harness, WORKFLOW, Session.model_validate(packet(-1)))
        gc.collect()
        gc.freeze()  # what lives already is neither side's to traverse
        for one in raw:
            given = Session.model_validate(one)
            note("floor cold", timed(lambda one=one: floor.cold(one, plain)))
            note("cold", await timed_run(harness, WORKFLOW, given))
        assert floor.stored() == (count + 1) * len(plain), "every stage of the floor was cold"
        for one in raw:
            given = Session.model_validate(one)
            for _ in range(5):
                note("floor warm", timed(lambda one=one: floor.warm(one, plain)))
                note("warm", await timed_run(harness, WORKFLOW, given))
        for one in raw:
            # The longer workflow runs one stage: what is left is the five that are reused.
            given = Session.model_validate(one)
            note("one of six ran", await timed_run(harness, LONGER, given))
    return {name: median(values) for name, values in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--packets", type=int, default=12)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        (Path(folder) / "project").mkdir()
        figures = asyncio.run(measure(Path(folder), parser.parse_args().packets))
    for name, milliseconds in figures.items():
        print(f"{name:<16} {milliseconds:7.2f} ms")
    print(f"cold / floor     {figures['cold'] / figures['floor cold']:7.2f}  (goal: at most 4)")
    print(f"warm / floor     {figures['warm'] / figures['floor warm']:7.2f}  (goal: at most 4)")


if __name__ == "__main__":
    main()
