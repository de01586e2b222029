"""The graph is checked before anything runs, and an error names stage and parameter."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from atelier import Artefact, Ask, Packet, SetupError, Stage, Workflow, stage
from atelier.orchestrate.graph import Graph


class Turn(BaseModel):
    speaker: str
    text: str


class Evidence(Packet):
    student: str
    transcript: list[Turn]


class Words(BaseModel):
    text: str


class Draft(BaseModel):
    text: str
    note: str = ""
    turns: list[Turn] = []


@stage
def draft(transcript: list[Turn]) -> Draft:
    return Draft(text=str(len(transcript)))


@stage
def count(draft: Words, student: str) -> int:
    return len(draft.text) + len(student)


def graph_of(*stages: Stage[..., Any], artefact: Artefact[Any] | None = None) -> Graph:
    return Workflow("w", packet=Evidence, stages=stages, artefact=artefact).graph


def refused(*stages: Stage[..., Any]) -> SetupError:
    with pytest.raises(SetupError) as caught:
        graph_of(*stages)
    return caught.value


def declared(function: Callable[..., Any], **options: Any) -> Stage[..., Any]:
    return stage(**options)(function) if options else stage(function)


def test_a_parameter_name_is_the_wiring_whatever_the_order_of_declaration() -> None:
    graph = graph_of(count, draft)
    assert list(graph.nodes) == ["draft", "count"]
    assert [wire.supply.value for wire in graph.nodes["count"].wires] == ["stage", "parameter"]
    assert graph.final == ("count",)


def test_a_narrower_annotation_is_a_lens() -> None:
    graph = graph_of(draft, count)
    assert [wire.lens for wire in graph.nodes["count"].wires] == [True, False]


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    def lost(transkript: list[Turn]) -> int:
        return len(transkript)

    error = refused(declared(lost))
    assert error.code == "graph.unknown_name"
    assert error.facts["parameter"] == "transkript"
    assert error.next_step == "Did you mean 'transcript'?"


def test_a_circle_is_named_whole() -> None:
    def left(right: int) -> int:
        return right

    def right(middle: int) -> int:
        return middle

    def middle(left: int) -> int:
        return left

    error = refused(declared(left), declared(right), declared(middle))
    assert error.code == "graph.cycle"
    assert set(error.facts["circle"].split(" → ")) == {"left", "middle", "right"}


@pytest.mark.parametrize("length", [2, 3_000])
def test_a_long_circle_is_found_without_recursion(length: int) -> None:
    stages = [link(f"s{n}", f"s{(n + 1) % length}") for n in range(length)]
    assert refused(*stages).code == "graph.cycle"


def link(name: str, upstream: str) -> Stage[..., Any]:
    """A stage that takes one number from another, made without source of its own."""
    from inspect import Parameter, Signature

    def function(**given: int) -> int:
        return given[upstream] + 1

    function.__signature__ = Signature(
        [Parameter(upstream, Parameter.KEYWORD_ONLY, annotation=int)], return_annotation=int
    )
    return stage(name=name)(function)


def test_two_things_of_one_name_are_refused() -> None:
    assert refused(draft, draft).code == "graph.duplicate_name"

    def transcript(student: str) -> int:
        return len(student)

    assert "field of the packet" in refused(declared(transcript)).facts["other"]


def test_a_type_that_the_producer_cannot_give_is_refused() -> None:
    def wrong(draft: int) -> int:
        return draft

    error = refused(draft, declared(wrong))
    assert error.code == "graph.type"
    assert "is object, not integer" in error.facts["why"]


def test_a_lens_may_not_ask_for_more_than_is_produced() -> None:
    class More(BaseModel):
        text: str
        mood: str

    def greedy(draft: More) -> str:
        return draft.mood

    assert refused(draft, declared(greedy)).facts["why"] == "/mood is required and not produced"


def test_a_lens_that_forbids_extra_fields_is_refused() -> None:
    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        text: str

    def strict(draft: Strict) -> str:
        return draft.text

    assert "forbids the field" in refused(draft, declared(strict)).facts["why"]


def test_a_type_that_keeps_extra_fields_depends_on_the_whole_and_warns() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        text: str

    def loose(draft: Open) -> str:
        return draft.text

    with pytest.warns(UserWarning, match="depends on the whole value"):
        graph_of(draft, declared(loose))


def test_a_default_other_than_none_is_refused() -> None:
    def defaulted(draft: Draft, student: str = "maya") -> str:
        return draft.text + student

    error = refused(draft, declared(defaulted))
    assert (error.code, error.facts["parameter"]) == ("graph.parameter", "student")


def test_an_unannotated_parameter_or_result_is_refused() -> None:
    def silent(draft):  # type: ignore[no-untyped-def]
        return draft

    assert refused(draft, declared(silent)).code == "graph.annotation"


def test_none_as_default_makes_an_input_optional() -> None:
    def careful(draft: Draft | None = None) -> str:
        return "" if draft is None else draft.text

    node = graph_of(draft, declared(careful)).nodes["careful"]
    assert [(wire.optional, wire.lens) for wire in node.wires] == [(True, False)]


def test_a_mapped_stage_takes_an_element_and_gives_a_list() -> None:
    def speaker(transcript: Turn) -> str:
        return transcript.speaker

    def speakers(speaker: list[str]) -> int:
        return len(speaker)

    graph = graph_of(declared(speaker, each="transcript"), declared(speakers))
    assert graph.nodes["speaker"].mapped is not None
    assert graph.nodes["speakers"].wires[0].lens is False


def test_mapping_over_a_field_of_a_stage_reaches_into_its_output() -> None:
    def speaker(draft: Turn) -> str:
        return draft.speaker

    node = graph_of(draft, declared(speaker, each="draft.turns")).nodes["speaker"]
    assert node.mapped is not None
    assert node.mapped.each == ("turns",)


@pytest.mark.parametrize("each", ["student", "draft.text", "draft.nothing"])
def test_mapping_over_what_is_no_list_is_refused(each: str) -> None:
    def one(student: str, draft: Draft) -> str:
        return student + draft.text

    assert refused(draft, declared(one, each=each)).code == "graph.each"


def test_an_artefact_of_a_stage_outside_the_workflow_is_refused() -> None:
    with pytest.raises(SetupError, match="not in the workflow"):
        graph_of(draft, artefact=Artefact(count, "x.md"))


def test_what_is_no_stage_is_refused() -> None:
    with pytest.raises(SetupError, match="made of stages"):
        graph_of(len)  # type: ignore[arg-type]


def test_a_stage_that_asks_says_what_it_asks_for() -> None:
    async def asking(ask: Ask, draft: Draft) -> Draft:  # type: ignore[type-arg]
        return draft

    error = refused(draft, declared(asking, model="writer", prompt="missing.md"))
    assert (error.code, error.facts["parameter"]) == ("graph.annotation", "ask")


def test_a_missing_prompt_and_an_unknown_slot_are_refused(tmp_path: Any) -> None:
    async def asking(ask: Ask[Draft], draft: Draft) -> Draft:
        return await ask(draft=draft)

    missing = str(tmp_path / "none.md")
    assert refused(draft, declared(asking, model="w", prompt=missing)).code == "prompt.unreadable"
    (tmp_path / "p.md").write_text("{{draft}} {{mood}}")
    error = refused(draft, declared(asking, model="w", prompt=str(tmp_path / "p.md")))
    assert (error.code, error.facts["slot"]) == ("prompt.unknown_slot", "mood")


@pytest.mark.parametrize(
    ("options", "is_async", "problem"),
    [
        ({"prompt": "p.md"}, True, "names a prompt but no model class"),
        ({"model": "w", "prompt": "p.md"}, False, "not `async def`"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(
    options: dict[str, Any], *, is_async: bool, problem: str
) -> None:
    async def asking(ask: Ask[Draft]) -> Draft:
        return await ask()

    def plain(ask: Ask[Draft]) -> Draft:
        raise AssertionError

    with pytest.raises(SetupError, match=problem):
        declared(asking if is_async else plain, **options)


def test_ask_without_a_model_class_and_a_model_class_without_ask_are_refused() -> None:
    async def asks(ask: Ask[Draft]) -> Draft:
        return await ask()

    async def does_not(draft: Draft) -> Draft:
        return draft

    with pytest.raises(SetupError, match="names no model class"):
        declared(asks)
    with pytest.raises(SetupError, match="does not take `ask` first"):
        declared(does_not, model="w", prompt="p.md")


def test_a_long_chain_is_wired_in_order_without_recursion() -> None:
    class Start(Packet):
        s0: int

    stages = [link(f"s{n}", f"s{n - 1}") for n in range(1, 2_000)]
    graph = Workflow("chain", packet=Start, stages=list(reversed(stages))).graph
    assert list(graph.nodes) == [f"s{n}" for n in range(1, 2_000)]
