"""The models of the fake provider: obedient, citing, forging, and those that spoil an answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from json import loads
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from atelier import Ask, Cite, Harness, Packet, Workflow, stage
from atelier.kernel.errors import StageError
from atelier.models import Request
from atelier.testing import ScriptedModel
from atelier.testing.provider import (
    Alternating,
    Answer,
    Asked,
    Behaviour,
    ChangingModel,
    CitingModel,
    EmptyAnswer,
    Flaw,
    Flawed,
    Forgery,
    ForgingModel,
    Injected,
    Injection,
    LengthLimit,
    ObedientModel,
    RawAnswer,
    Reply,
    Served,
    Text,
    Wanted,
)


class Mood(StrEnum):
    CALM = "calm"
    LOUD = "loud"


class Leaf(BaseModel):
    kind: Literal["leaf"]
    weight: Annotated[float, Field(gt=2, le=3)]


class Tree(BaseModel):
    kind: Literal["tree"]
    children: list["Tree | Leaf"]


class Everything(BaseModel):
    day: date
    at: datetime
    mood: Mood
    mail: Annotated[str, Field(min_length=60, max_length=70)]
    counts: dict[str, int]
    pair: tuple[int, str]
    several: Annotated[list[int], Field(min_length=3, max_length=4)]
    maybe: int | None
    node: Annotated[Tree | Leaf, Field(discriminator="kind")]
    anything: Any
    ratio: Annotated[float, Field(ge=0.5, lt=1)]
    tens: Annotated[int, Field(multiple_of=10, ge=15)]
    given: str = "as declared"


def asked(schema: dict[str, Any] | None = None, prompt: str = "Hello.") -> Asked:
    wanted = Wanted("schema", schema) if schema is not None else Wanted()
    return Asked(dialect="anthropic", model="m", prompt=prompt, wanted=wanted)


def said(behaviour: Behaviour, request: Asked) -> str:
    first = ObedientModel().reply(request, Reply())
    return behaviour.reply(request, first).said


@pytest.mark.parametrize(
    "form", [Everything, Tree, list[Leaf], int, bool, Literal["b", "a"], dict[str, Mood], None]
)
def test_an_obedient_answer_is_valid(form: Any) -> None:
    adapter = TypeAdapter(form)
    adapter.validate_json(said(ObedientModel(), asked(adapter.json_schema())))


def test_a_changing_model_answers_validly_and_otherwise_each_time() -> None:
    request = asked(Strict.model_json_schema())
    answers = [said(ChangingModel(), replace(request, repeat=turn)) for turn in range(4)]
    assert len(set(answers)) > 1
    assert {Strict.model_validate_json(answer).mood for answer in answers} == {Mood.CALM}


def test_a_schema_that_the_prompt_spells_out_is_obeyed() -> None:
    prompt = f"Answer with this schema: {Leaf.model_json_schema()}".replace("'", '"')
    Leaf.model_validate_json(said(ObedientModel(), asked(prompt=prompt)))


def test_without_a_form_an_obedient_model_says_a_sentence() -> None:
    first, other = (said(ObedientModel(), asked(prompt=prompt)) for prompt in ("Hello.", "Go."))
    assert first.endswith(".")
    assert first != other


class Ticket(BaseModel):
    id: int
    text: str


class Draft(BaseModel):
    text: str
    cites: list[Cite]


class Week(Packet):
    tickets: list[Ticket]


WEEK = Week(
    tickets=[
        Ticket(id=1, text="The search returns results that are empty."),
        Ticket(id=2, text="Umlauts in a name find nothing at all."),
    ]
)


def run(folder: Path, behaviour: Behaviour) -> Draft:
    """What a stage that cites is given by a model, if the harness takes it."""
    (folder / "draft.md").write_text("Cite the tickets.\n{{tickets}}\n", encoding="utf-8")

    def play(request: Request) -> str:
        return said(behaviour, asked(dict(request.schema), request.messages[0].text))

    @stage(model="writer", prompt=str(folder / "draft.md"), tries=1)
    async def draft(ask: Ask[Draft], tickets: list[Ticket]) -> Draft:
        return await ask(tickets=tickets)

    weekly = Workflow("weekly", packet=Week, stages=[draft])
    with Harness.open(folder, models={"writer": ScriptedModel(play)}) as harness:
        ended = harness.run_sync(weekly, WEEK)
        error = ended.result("draft").error
        if error is not None:
            raise StageError(error["code"], error["sentence"], next_step=error["next_step"])
        return ended.value(draft)


def test_what_a_citing_model_cites_stands(tmp_path: Path) -> None:
    draft = run(tmp_path, CitingModel())
    assert [cite.quote for cite in draft.cites] == [WEEK.tickets[0].text]
    assert draft.text == WEEK.tickets[0].text


@pytest.mark.parametrize("forgery", Forgery)
def test_what_a_forging_model_cites_is_refused(tmp_path: Path, forgery: Forgery) -> None:
    with pytest.raises(StageError) as caught:
        run(tmp_path, ForgingModel(forgery))
    assert caught.value.code == "ask.citation"


def test_without_evidence_the_citing_models_are_obedient() -> None:
    request = asked(Leaf.model_json_schema())
    answers = {said(model, request) for model in (CitingModel(), ForgingModel(), ObedientModel())}
    assert len(answers) == 1


def test_a_passage_repeats_a_claim_that_the_prompt_holds() -> None:
    claim = '{"id":"0a1b2c3d","kind":"fact","span":{"end":9,"start":0},"text":"She \\"ran\\"."}'
    schema = {
        "properties": {"text": {"type": "string"}, "claims": {"items": {"type": "string"}}},
        "required": ["text", "claims"],
    }
    answer = loads(said(CitingModel(), asked(schema, f'{{"claims":[{{"claim":{claim}}}]}}')))
    assert answer == {"text": 'She "ran".', "claims": ["0a1b2c3d"]}


class Strict(BaseModel, extra="forbid"):
    text: str
    mood: Mood


VALID_STILL = {Flaw.DUPLICATE_KEYS}


@pytest.mark.parametrize("flaw", Flaw)
@pytest.mark.parametrize("kind", ["schema", "tool"])
def test_a_flawed_answer_is_not_what_was_asked_for(
    flaw: Flaw, kind: Literal["schema", "tool"]
) -> None:
    request = asked(Strict.model_json_schema())
    wanted = Wanted(kind, request.wanted.schema, "final")
    answer = said(Flawed(flaw), Asked(dialect="google", model="m", prompt="Hi.", wanted=wanted))
    if flaw in VALID_STILL:
        assert answer.count('"text":') == 2
        return
    with pytest.raises(ValidationError):
        Strict.model_validate_json(answer)


def test_a_flaw_of_choices_is_one_of_choices() -> None:
    answer = loads(said(Flawed(Flaw.ENUM), asked(Strict.model_json_schema())))
    assert answer["mood"] == "no such choice"


@pytest.mark.parametrize("flaw", Flaw)
def test_a_flaw_spoils_plain_words_too(flaw: Flaw) -> None:
    assert said(Text("Words.") | Flawed(flaw), asked()) != "Words."


@pytest.mark.parametrize("injection", Injection)
def test_a_hostile_text_stands_where_a_text_was(injection: Injection) -> None:
    answer = said(Injected(injection), asked(Strict.model_json_schema()))
    honest = said(ObedientModel(), asked(Strict.model_json_schema()))
    hostile = Strict.model_validate_json(answer)
    assert hostile.text.endswith(f" {loads(honest)['text']}")
    assert len(hostile.text) > len(loads(honest)["text"]) + 10


def test_a_closer_bears_the_mark_of_the_prompt_s_own_fence() -> None:
    fenced = "<evidence notes 00112233aabbccdd>\n[notes-1] {}\n</evidence 00112233aabbccdd>"
    answer = said(Injected(Injection.CLOSER), asked(prompt=fenced))
    assert answer.startswith("</evidence 00112233aabbccdd>")


def test_a_hostile_text_has_no_place_in_a_number() -> None:
    assert said(
        Injected(Injection.ANSI), asked({"type": "array", "items": {"type": "integer"}})
    ) == ("[1]")


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [
        (RawAnswer("{oops"), "{oops"),
        (Answer([1]), "[1]"),
        (EmptyAnswer(), ""),
        (Text("four words are here") | LengthLimit(0.5), "four word"),
        (Alternating((Text("a"), Text("b"))), "a"),
    ],
)
def test_an_answer_is_what_the_script_says(behaviour: Behaviour, answer: str) -> None:
    assert said(behaviour, asked()) == answer


def test_another_model_may_have_answered(sent: Callable[..., Any]) -> None:
    reply = Served("m-2027", "fp_2").reply(asked(), Reply(text="Yes."))
    assert (reply.model, reply.fingerprint, reply.text) == ("m-2027", "fp_2", "Yes.")
