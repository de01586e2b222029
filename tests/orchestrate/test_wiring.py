"""Wiring: what a parameter may be, and what is said of one that cannot be wired."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from atelier import Ask, Packet, SetupError, Workflow, stage


class Turn(BaseModel):
    speaker: str


class Evidence(Packet):
    student: str
    transcript: list[Turn] | None = None


def refused(function: Callable[..., Any], **options: Any) -> SetupError:
    declared: Any = stage(**options)(function)
    with pytest.raises(SetupError) as caught:
        _ = Workflow("w", packet=Evidence, stages=[declared]).graph
    return caught.value


def test_an_annotation_that_names_nothing_is_refused_with_its_place() -> None:
    def lost(student: "Gone") -> str:  # type: ignore[name-defined]  # noqa: F821
        return str(student)

    error = refused(lost)
    assert error.code == "graph.annotation"
    assert "'Gone' is not defined" in error.facts["why"]


def test_a_mapped_stage_takes_what_it_is_mapped_over() -> None:
    def lonely(student: str) -> str:
        return student

    error = refused(lonely, each="transcript")
    assert error.code == "graph.each"
    assert error.next_step.startswith("Give it a parameter named 'transcript'")


def test_inputs_are_named_one_by_one() -> None:
    def many(*student: str) -> str:
        return str(student)

    def silent(student) -> str:  # type: ignore[no-untyped-def]
        return str(student)

    assert refused(many).sentence == "Stage 'many' takes *student: str."
    assert refused(silent).sentence == "Stage 'silent' does not annotate 'student'."


def test_a_slice_that_may_be_none_is_taken_as_it_is() -> None:
    @stage
    def turns(transcript: list[Turn] | None = None) -> int:
        return len(transcript or [])

    (wire,) = Workflow("w", packet=Evidence, stages=[turns]).graph.nodes["turns"].wires
    assert (wire.optional, wire.lens) == (True, False)


def test_what_is_asked_for_may_be_none_while_the_class_is_unbound(tmp_path: Any) -> None:
    (tmp_path / "p.md").write_text("{{student}}")

    @stage(model="writer", required=False, prompt=str(tmp_path / "p.md"))
    async def asks(ask: Ask[Turn] | None, student: str) -> str:
        return student

    workflow = Workflow("w", packet=Evidence, stages=[asks])
    asked = workflow.graph.nodes["asks"].asks
    assert asked is not None
    assert asked.annotation is Turn
    assert repr(workflow) == "<workflow w: asks>"
