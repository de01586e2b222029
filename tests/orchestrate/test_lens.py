"""Lenses: what fits, what fits through a lens, and what a reader is told where nothing fits."""

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from atelier.kernel.form import form_of
from atelier.orchestrate.lens import Fit, fit, project


class Tree(BaseModel):
    name: str
    weight: int = 0
    children: list["Tree"] = []


class Bare(BaseModel):
    name: str
    children: list["Bare"] = []


class Wordy(BaseModel):
    name: list[str]
    children: list["Wordy"] = []


class Whole(BaseModel):
    text: str
    note: str = ""
    inner: Tree


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


class Renamed(BaseModel):
    """Another description, another title: neither decides."""

    text: str = Field(title="The words", description="What was said", examples=["x"])
    note: str = ""
    inner: Tree


def fits(made: Any, wanted: Any) -> Fit:
    return fit(form_of(made), form_of(wanted))


def test_an_equal_type_needs_no_lens() -> None:
    assert fits(Whole, Whole) == Fit()


def test_words_for_people_decide_nothing() -> None:
    assert fits(Whole, Renamed).problem == ""


def test_a_recursive_type_is_compared_once_and_fits() -> None:
    assert fits(Tree, Bare) == Fit(lens=True)


def test_a_recursive_type_that_differs_below_names_the_field() -> None:
    assert fits(Tree, Wordy).problem == "/name is string, not array"


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (int, float),
        (Literal["a", "b"], str),
        (int, int | None),
        (int | None, int | str | None),
        (tuple[int, ...], list[int]),
        (Whole, Any),
        (Whole, dict[str, Any]),
        (dict[str, int], dict[str, int]),
        (list[Tree], list[Bare]),
        (Tree | None, Bare | None),
        (Annotated[str, Field(max_length=3)], str),
        (Literal["a"], Literal["a"]),
    ],
)
def test_a_wider_type_takes_what_a_narrower_one_makes(made: Any, wanted: Any) -> None:
    assert fits(made, wanted).problem == ""


@pytest.mark.parametrize(
    ("made", "wanted", "problem"),
    [
        (float, int, "/ is number, not integer"),
        (int | None, int, "/ is integer or null, not integer"),
        (int | str, int | None, "/ is integer or string, not integer or null"),
        (list[str], list[int], "[] is string, not integer"),
        (list[Any], list[int], "[] is anything, not integer"),
        (Tree, list[Tree], "/ is object, not array"),
        (Tree, Strict, "/ forbids the field 'children' that is produced"),
    ],
)
def test_a_misfit_says_what_is_made_and_what_is_wanted(
    made: Any, wanted: Any, problem: str
) -> None:
    assert fits(made, wanted).problem == problem


def test_any_text_does_not_fit_one_that_is_closed() -> None:
    assert fits(str, Literal["a"]).problem.startswith("/ is string")
    assert fits(Literal["a", "b"], Literal["a"]).problem != ""


def test_a_misfit_names_its_path() -> None:
    class Deep(BaseModel):
        inner: Wordy

    assert fits(Whole, Deep).problem == "/inner/name is string, not array"


def test_a_consumer_may_have_optional_fields_that_nobody_makes() -> None:
    class Hopeful(BaseModel):
        text: str
        mood: str = "calm"

    assert fits(Whole, Hopeful) == Fit(lens=True)


def test_extra_fields_that_are_kept_below_warn_with_their_place() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        name: str

    class Around(BaseModel):
        inner: Open

    found = fits(Whole, Around)
    assert found.problem == ""
    assert found.warning == "/inner keeps extra fields, so it depends on the whole value"


@given(name=st.text(max_size=5), one=st.integers(-9, 9), other=st.integers(-9, 9))
def test_what_a_lens_does_not_see_changes_no_digest(name: str, one: int, other: int) -> None:
    tree, bare = form_of(Tree), form_of(Bare)
    first = project(tree.encode(Tree(name=name, weight=one)), bare)
    second = project(tree.encode(Tree(name=name, weight=other)), bare)
    assert first == second
    assert b"weight" not in first[0]
