"""Declarations: what a stage may say of itself, and calling it outside any run."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from atelier import Ask, SetupError, Stage, stage
from atelier.orchestrate.stage import AsyncStage, ModelStage, PureStage, folder_of, where


def declared(function: Any, **options: Any) -> Stage[..., Any]:
    return stage(**options)(function)


async def asks(ask: Ask[str], student: str) -> str:
    return await ask(student=student)


def refused(function: Any, **options: Any) -> SetupError:
    with pytest.raises(SetupError) as caught:
        declared(function, **options)
    return caught.value


def test_a_stage_that_asks_needs_a_prompt() -> None:
    error = refused(asks, model="writer")
    assert error.code == "stage.model"
    assert error.sentence == "Stage 'asks' asks a model but names no prompt."
    assert error.facts["at"].startswith("test_stage.py:")


def test_what_is_no_function_is_no_stage() -> None:
    error = refused("draft")
    assert (error.code, error.facts["got"]) == ("stage.not_a_function", "str")


def test_a_name_that_no_parameter_can_have_is_refused() -> None:
    assert refused(lambda student: student).sentence == "A stage cannot be called '<lambda>'."
    assert refused(asks, name="the draft").code == "stage.name"


def test_a_pure_stage_is_called_as_it_was_written() -> None:
    @stage
    def double(n: int) -> int:
        return n * 2

    @stage(name="slowly")
    async def later(n: int) -> int:
        return n + 1

    assert isinstance(double, PureStage)
    assert isinstance(later, AsyncStage)
    assert (double.call(4), asyncio.run(later.call(n=4))) == (8, 5)
    assert (repr(double), later.names) == ("<stage double>", ("slowly",))


def test_a_model_stage_is_called_with_an_ask_of_ones_own() -> None:
    asking = declared(asks, model="writer", prompt="p.md", formerly=("draft",))

    async def ask(**slots: object) -> str:
        return f"asked about {slots['student']}"

    assert isinstance(asking, ModelStage)
    assert asyncio.run(asking.call(ask, "maya")) == "asked about maya"
    assert asking.names == ("asks", "draft")
    assert asking.prompt == Path(__file__).parent / "p.md"


def test_a_callable_without_code_of_its_own_still_has_a_place_in_words() -> None:
    class Doubling:
        def __call__(self, n: int) -> int:
            return n * 2

        def __repr__(self) -> str:
            return "<doubling>"

    made = declared(Doubling(), name="doubling")
    assert isinstance(made, PureStage)
    assert made.call(4) == 8
    assert (where(made.function), folder_of(made.function)) == ("<doubling>", Path())
