"""A packet type is checked before anything is read."""

import warnings
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType

import pytest
from pydantic import BaseModel, Field

from atelier.aggregate import Derived, Obligation, Packet, Parameter, Slice, Subject, shape
from atelier.isilon import Json, Markdown, Sql, Text, WebVtt, Yaml
from atelier.kernel.errors import AtelierError, SetupError


class Mood(Enum):
    GOOD = "good"


class Turn(BaseModel):
    speaker: str
    text: str


StudentId = NewType("StudentId", str)


def refusal(annotations: dict[str, Any]) -> AtelierError:
    declared = type("Declared", (Packet,), {"__annotations__": annotations})
    with pytest.raises(AtelierError) as caught:
        shape(declared)
    return caught.value


def test_scalars_are_parameters_and_everything_else_is_a_slice() -> None:
    class Everything(Packet):
        a: str
        b: int
        c: date | None
        d: Decimal
        e: Mood
        f: Literal["x", "y"]
        g: StudentId
        h: Annotated[int, Field(ge=0)] = 3
        i: str | int
        j: Turn
        k: list[str]
        m: dict[str, int]
        n: Annotated[str, Text("a.txt")]
        o: Annotated[Turn, Derived(lambda a: Turn(speaker=a, text=""))]

    found = shape(Everything)
    assert [field.name for field in found.parameters] == [*"abcdefghi", "o"]
    assert [field.name for field in found.slices] == list("jkmn")


def test_markers_are_found_on_either_side_of_none() -> None:
    class Both(Packet):
        a: Annotated[list[Turn] | None, Json("a.json")] = None
        b: Annotated[list[Turn], Json("b.json"), Field(min_length=1)] | None = None

    for name in ("a", "b"):
        (field,) = (field for field in shape(Both).slices if field.name == name)
        assert (field.is_list, field.element, field.optional) == (True, Turn, True)
        assert field.source == Json(f"{name}.json")
    assert shape(Both).slices[1].form.schema["anyOf"][0]["minItems"] == 1


def test_a_slice_says_what_its_markers_say() -> None:
    def is_open(turn: Turn) -> bool:
        return bool(turn.text)

    class Marked(Packet):
        student: Annotated[str, Subject()]
        turns: Annotated[
            tuple[Turn, ...], Json("{student}.json", key="text"), Obligation(when=is_open)
        ]

    student, turns = shape(Marked).fields
    assert isinstance(student, Parameter)
    assert student.is_subject
    assert isinstance(turns, Slice)
    assert (turns.key, turns.is_list, turns.obligation) == ("text", True, Obligation(is_open))


def test_every_field_name_is_free() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Free(Packet):
            json: str  # type: ignore[assignment]
            copy: list[str]  # type: ignore[assignment]
            digest: str
            elements: str
            model_name: str

    packet = Free(json="a", copy=["b"], digest="c", elements="d", model_name="e")
    assert (packet.json, packet.copy, packet.model_name) == ("a", ["b"], "e")
    assert [field.name for field in shape(Free).slices] == ["copy"]


@pytest.mark.parametrize(
    ("annotations", "why"),
    [
        ({"a": Annotated[list[str], Json]}, "its marker is the class Json"),
        ({"a": Annotated[list[str], Json("a"), Yaml("a")]}, "it has two sources"),
        ({"a": Annotated[str, Json("a"), Subject()]}, "it is a slice with a parameter's marker"),
        ({"a": Annotated[str, Obligation()]}, "it is a parameter with an Obligation"),
        (
            {"a": Annotated[str, Subject()], "b": Annotated[str, Subject()]},
            "it is the second subject",
        ),
        ({"a": Annotated[Turn, WebVtt("a")]}, "a webvtt file holds a list"),
        ({"a": Annotated[Turn, Markdown("*.md")]}, "its path is a pattern of many files"),
        ({"a": Annotated[Turn, Json("a", key="text")]}, "`where` and `key` are for lists"),
        ({"a": Annotated[str, Field(alias="b")]}, "it has an alias"),
        (
            {"a": Annotated[Turn, Json("{b}")]},
            "its source takes `b`, which is no parameter and no earlier slice",
        ),
        (
            {"a": Annotated[list[Turn], Sql("select :b_start as x order by 1")], "b": list[Turn]},
            "its source takes `b_start`, which is no parameter and no earlier slice",
        ),
        (
            {"a": Annotated[str, Derived(lambda late: late)], "late": list[str]},
            "it takes `late`, which is no parameter and no earlier slice",
        ),
        ({"a": Annotated[str, Derived(lambda *b: b)]}, "it takes `*b`"),
        ({"a": Annotated[list[str], Json("a", where=lambda: True)]}, "it takes no element"),
        (
            {"a": Annotated[list[str], Obligation(when=lambda x, y: x == y)]},
            "it takes `y`, which is no parameter and no earlier slice",
        ),
        ({"a": Annotated[list[str], Sql("select 1")]}, "it has no ORDER BY"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(annotations: dict[str, Any], why: str) -> None:
    assert why in refusal(annotations).facts["why"]


def test_a_given_parameter_may_stand_anywhere() -> None:
    class Late(Packet):
        a: Annotated[str, Derived(lambda b: b.upper())]
        b: str

    assert shape(Late).fields[0].name == "a"


def test_an_unknown_name_gets_the_nearest_one() -> None:
    found = refusal({"student": str, "a": Annotated[str, Derived(lambda studnet: studnet)]})
    assert found.next_step == "Did you mean `student`?"


def test_a_default_of_a_functions_own_is_left_alone() -> None:
    class Defaults(Packet):
        a: str
        b: Annotated[str, Derived(lambda a, sep="-": a + sep)]

    (b,) = (field for field in shape(Defaults).parameters if field.name == "b")
    assert b.derived is not None
    assert b.derived.names == ("a",)


def test_a_type_that_does_not_exist_is_named() -> None:
    declared = type("Unknown", (Packet,), {"__annotations__": {"turns": "list[Nowhere]"}})
    with pytest.raises(SetupError, match="Unknown"):
        shape(declared)


def test_a_slice_has_no_default_but_none() -> None:
    class Defaulted(Packet):
        a: list[str] = Field(default_factory=list)

    with pytest.raises(SetupError, match="a slice has a default"):
        shape(Defaulted)


def test_the_contract_has_no_names_of_python_in_its_digest() -> None:
    def declare(element: type[BaseModel], name: str, note: str) -> type[Packet]:
        return type(name, (Packet,), {"__annotations__": {"turns": list[element]}, "__doc__": note})

    class Other(BaseModel):
        """Said in other words."""

        speaker: str
        text: str

    class Longer(Other):
        extra: str

    first = shape(declare(Turn, "A", "x")).digest
    assert shape(declare(Other, "B", "y")).digest == first
    assert shape(declare(Longer, "A", "x")).digest != first


@pytest.mark.parametrize(
    "annotations",
    [
        {"a": Annotated[str, Subject()], "b": list[Turn]},
        {"a": str, "b": Annotated[list[Turn], Obligation()]},
        {"a": str, "b": list[Turn] | None},
        {"a": str, "b": Annotated[list[Turn], Json("x", key="text")]},
    ],
)
def test_markers_that_bind_are_part_of_the_contract(annotations: dict[str, Any]) -> None:
    plain = type("P", (Packet,), {"__annotations__": {"a": str, "b": list[Turn]}})
    marked = type("P", (Packet,), {"__annotations__": annotations})
    assert shape(marked).digest != shape(plain).digest


def test_where_evidence_lies_is_no_part_of_the_contract() -> None:
    plain = type("P", (Packet,), {"__annotations__": {"a": Annotated[list[Turn], Json("x")]}})
    moved = type("P", (Packet,), {"__annotations__": {"a": Annotated[list[Turn], Yaml("y")]}})
    assert shape(moved).digest == shape(plain).digest
