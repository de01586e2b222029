"""Misuse that a checker must refuse: each line marked `expect-error`, and no other."""

from pydantic import BaseModel

from atelier import Artefact, Ask, Harness, Packet, Passage, Workflow, stage


class Turn(BaseModel):
    text: str


class Draft(BaseModel):
    text: str


class Synthesis(BaseModel):
    passages: list[Passage]


class Session(Packet):
    student: str


def extract(transcript: list[Turn]) -> Draft:
    return Draft(text=transcript[0].text)


def extract_less() -> Draft:
    return Draft(text="")


def extract_other(transcript: list[str]) -> Draft:
    return Draft(text=transcript[0])


def extract_wrong(transcript: list[Turn]) -> Synthesis:
    return Synthesis(passages=[])


@stage(model="writer", prompt="p.md", offline=extract)
async def draft(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)


@stage
def themes(transcript: list[Turn]) -> list[str]:
    return [turn.text for turn in transcript]


@stage(model="writer", prompt="p.md")
async def synthesis(ask: Ask[Synthesis], draft: Draft) -> Synthesis:
    return await ask(draft=draft)


def plain(transcript: list[Turn]) -> Draft:
    return extract(transcript)


good = Workflow(
    "good", packet=Session, stages=[draft, synthesis], artefact=Artefact(synthesis, "a.md")
)


# The stand-in takes fewer inputs than the stage.
@stage(model="writer", prompt="p.md", offline=extract_less)  # expect-error
async def stand_in_takes_less(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)


# The stand-in takes another type.
@stage(model="writer", prompt="p.md", offline=extract_other)  # expect-error
async def stand_in_takes_another(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)


# The stand-in gives another output.
@stage(model="writer", prompt="p.md", offline=extract_wrong)  # expect-error
async def stand_in_gives_another(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)


# A stage with a model class does not ask.
@stage(model="writer", prompt="p.md")  # expect-error
async def never_asks(transcript: list[Turn]) -> Draft:
    return extract(transcript)


# What is asked for is not what is returned.
@stage(model="writer", prompt="p.md")
async def asks_for_another(ask: Ask[Synthesis], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)  # expect-error


# A stage that asks is not `async def`.
@stage(model="writer", prompt="p.md")  # expect-error
def asks_without_await(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return extract(transcript)


# The prompt is not named by a text.
@stage(model="writer", prompt=7)  # expect-error
async def prompt_is_a_number(ask: Ask[Draft], transcript: list[Turn]) -> Draft:
    return await ask(transcript=transcript)


# `each` is the name of a slice, not the slice.
@stage(each=themes)  # expect-error
def maps_over_a_stage(turn: Turn) -> str:
    return turn.text


# An artefact is printed by a stage, and not by a function.
Artefact(plain, "a.md")  # expect-error

# A workflow is made of stages, and not of functions.
Workflow("w", packet=Session, stages=[draft, plain])  # expect-error

# A packet is a type of packet.
Workflow("w", packet=Draft, stages=[draft])  # expect-error

# A test calls a stage without its `ask`.
draft.call([Turn(text="a")])  # expect-error

# A test calls a stage with another input.
themes.call(["a"])  # expect-error


async def use(harness: Harness) -> None:
    run = await harness.run(good, student="maya")
    # The output is a Synthesis, which has no `text`.
    print(run.output.text)  # expect-error
    # A run has no answer, it has an output.
    print(run.answer)  # expect-error
    # A harness runs workflows.
    await harness.run(synthesis, student="maya")  # expect-error
    # A run is awaited.
    print(harness.run(good, student="maya").output)  # expect-error
