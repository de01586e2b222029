"""The public interface as a user writes it: type-checked under two strict checkers, never run."""

from datetime import date
from typing import Annotated, assert_type

from pydantic import BaseModel

from atelier import (
    Artefact,
    Aside,
    Ask,
    Derived,
    Excerpt,
    Excerpts,
    Harness,
    Obligation,
    Packet,
    Passage,
    Run,
    Stage,
    Subject,
    Workflow,
    elements,
    soqratic,
    stage,
    terra,
)
from atelier.isilon import Csv, Json, JsonLines, Markdown, Sql, Srt, Text, Toml, WebVtt, Yaml


class Week(BaseModel):
    start: date
    end: date


class Turn(BaseModel):
    speaker: str
    text: str


class Note(BaseModel):
    text: str


class Commitment(BaseModel):
    text: str
    done: bool = False


class Entry(BaseModel):
    id: int
    day: date
    text: str


class Program(BaseModel):
    name: str


class Draft(BaseModel):
    text: str


class Synthesis(BaseModel):
    passages: list[Passage]


def week_of(session: str) -> Week:
    return Week(start=date(2026, 3, int(session[1:])), end=date(2026, 3, int(session[1:]) + 6))


def before_session(note: Note, session: str) -> bool:
    return note.text < session


def is_open(commitment: Commitment) -> bool:
    return not commitment.done


class Session(Packet):
    """Everything that one synthesis may rest on."""

    student: Annotated[str, Subject()]
    session: str
    week: Annotated[Week, Derived(week_of)]
    transcript: Annotated[list[Turn], WebVtt("students/{student}/{session}.vtt")]
    prior_sessions: Annotated[
        list[Note], Markdown("students/{student}/notes/*.md", where=before_session)
    ]
    commitments: Annotated[
        list[Commitment], Yaml("students/{student}/commitments.yaml"), Obligation(when=is_open)
    ]
    journal: Annotated[
        list[Entry],
        Sql(
            "select id, day, text from journal where student = :student"
            " and day between :week_start and :week_end order by day, id"
        ),
    ]
    program: Annotated[Program, Yaml("programs/{student}.yaml")]
    seating: Annotated[list[Note], Csv("seating.csv", key="text")]
    scores: Annotated[list[Note], JsonLines("scores.jsonl")]
    settings: Annotated[Note | None, Json("settings.json")] = None
    limits: Annotated[Note | None, Toml("limits.toml")] = None
    preface: Annotated[str | None, Text("preface.txt")] = None
    captions: Annotated[list[Turn] | None, Srt("captions.srt")] = None


def extract(transcript: list[Turn], program: Program) -> Draft:
    return Draft(text=program.name + transcript[0].text)


@stage(model="writer", prompt="prompts/draft.md", offline=extract)
async def draft(ask: Ask[Draft], transcript: list[Turn], program: Program) -> Draft:
    return await ask(transcript=transcript, program=program)


@stage
def themes(journal: list[Entry]) -> list[str]:
    return [entry.text for entry in journal]


@stage
async def moods(journal: list[Entry], aside: Aside) -> list[str]:
    aside["seen"] = len(journal)
    return [entry.text for entry in journal]


@stage(each="journal", formerly=("lengths_of",))
def lengths(journal: Entry) -> int:
    return len(journal.text)


def fill(grounded: terra.Grounded, review: soqratic.Review, themes: list[str]) -> Synthesis:
    text = f"{grounded.text} {review} {themes}"
    return Synthesis(passages=[Passage(text=text, claims=())])


@stage(model="writer", prompt="prompts/synthesis.md", offline=fill)
async def synthesis(
    ask: Ask[Synthesis], grounded: terra.Grounded, review: soqratic.Review, themes: list[str]
) -> Synthesis:
    return await ask(grounded=grounded, review=review, themes=themes)


@stage(model="writer", required=False, prompt="prompts/picked.md", slots=("picked",))
async def picked(ask: Ask[Draft] | None, packet: Session) -> list[str]:
    if ask is None:
        return []
    found = [Excerpt(item) for item in elements(packet) if item.obliged]
    return [(await ask(picked=Excerpts(tuple(found)))).text]


grounded = terra.ground(draft)
synthesize = Workflow(
    "synthesize-session",
    packet=Session,
    stages=[draft, themes, grounded, soqratic.review(grounded), synthesis],
    artefact=Artefact(synthesis, "artefacts/{student}/{session}.md"),
)
without_artefact = Workflow("themes", packet=Session, stages=[themes, moods, lengths])


async def use(harness: Harness, ask: Ask[Draft], turns: list[Turn], program: Program) -> None:
    run = await harness.run(synthesize, student="maya", session="s12")
    assert_type(run, Run[Synthesis])
    assert_type(run.output, Synthesis)
    assert_type(run.output.passages[0].text, str)
    assert_type(await draft.call(ask, turns, program), Draft)
    assert_type(await draft.call(ask, transcript=turns, program=program), Draft)
    assert_type(themes.call([]), list[str])
    prose = terra.Prose(text="I ran.")
    assert_type(await grounded.call(None, draft=prose), terra.Grounded)
    assert_type(await grounded.call(ask, draft=prose), terra.Grounded)
    assert_type(await moods.call([], {}), list[str])
    assert_type(lengths.call(Entry(id=1, day=date(2026, 3, 1), text="a")), int)


def use_in_a_notebook() -> Synthesis:
    with Harness.open() as harness:
        return harness.run_sync(synthesize, student="maya", session="s12").output


def own_stage(upstream: Stage[..., Draft]) -> Stage[..., int]:
    @stage
    def words(draft: Draft) -> int:
        return len(draft.text.split())

    return words
