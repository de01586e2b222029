"""Passages as an output model carries them."""

import pytest
from pydantic import BaseModel

from atelier.artefact.passage import Passage, has_passages, passages_of, title_of
from atelier.kernel.canonical import Json
from atelier.kernel.form import form_of


class Synthesis(BaseModel):
    passages: list[Passage]
    title: str = ""


def test_passages_come_back_from_the_canonical_value_in_order() -> None:
    passages = [Passage(text="She ran.", claims=("a",), heading="Body"), Passage(text="So.")]
    output = form_of(Synthesis).dump(Synthesis(passages=passages, title="Week 3"))
    assert passages_of(output) == passages
    assert title_of(output) == "Week 3"


def test_users_own_fields_beside_ours_are_left_aside() -> None:
    assert passages_of({"passages": [{"text": "a", "mood": 3}]}) == [Passage(text="a")]


@pytest.mark.parametrize(
    "output",
    [None, [], "x", {}, {"passages": "x"}, {"passages": ["x"]}, {"passages": [{"text": 1}]}],
)
def test_what_is_no_list_of_passages_is_none(output: Json) -> None:
    assert passages_of(output) is None


def test_title_that_is_no_text_is_empty() -> None:
    assert title_of({"title": 3}) == ""


class Numbered(BaseModel):
    passages: list[int]


class Without(BaseModel):
    text: str


class Frozen(BaseModel):
    passages: tuple[Passage, ...]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Synthesis, True),
        (Frozen, True),
        (Numbered, False),
        (Without, False),
        (list[Passage], False),
    ],
)
def test_only_a_model_with_passages_can_be_printed(annotation: object, expected: bool) -> None:  # noqa: FBT001
    assert has_passages(annotation) is expected
