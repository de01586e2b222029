"""The form of typed values: what cannot come back the same is refused before it is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import pytest
from pydantic import (
    Base64Bytes,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    computed_field,
    create_model,
    field_serializer,
)
from typing_extensions import TypedDict

from atelier.kernel.canonical import ValueRefusedError
from atelier.kernel.errors import SetupError
from atelier.kernel.form import Form, faults, form_of


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Turn(BaseModel):
    """One turn."""

    speaker: str
    text: str = Field(description="What was said.")


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]


class Pair(NamedTuple):
    left: int
    right: str


class Options(TypedDict, total=False):
    mood: str


@dataclass(frozen=True)
class Point:
    x: float
    label: str = ""


class Blob(BaseModel):
    data: Base64Bytes
    extra: Any = None


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
SUMMER = timezone(timedelta(hours=2))

ROUND_TRIPS: list[tuple[Any, Any]] = [
    (int, 2**53 - 1),
    (float, 0.1),
    (str | None, None),
    (int | str, "1"),
    (int | str, 1),
    (bool | int, True),
    (list[Turn], [Turn(speaker="Maya", text="é😀")]),
    (dict[str, list[float]], {"a": [1.0, -0.0, 1e-9]}),
    (tuple[int, str], (1, "a")),
    (Sequence[int], [1, 2]),
    (Tree, Tree(name="a", children=[Tree(name="b", children=[Tree(name="c")])])),
    (list[Pet], [Cat(kind="cat"), Dog(kind="dog")]),
    (Level, Level.HIGH),
    (Decimal, Decimal("1.50")),
    (datetime, datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)),
    (datetime, datetime(2026, 7, 1, 9, 30, tzinfo=SUMMER)),
    (time, time(9, 30, tzinfo=UTC)),
    (date, date(2026, 3, 1)),
    (timedelta, timedelta(days=-1, microseconds=7)),
    (UUID, UUID(int=5)),
    (PurePosixPath, PurePosixPath("a/b")),
    (Base64Bytes, b"\xff\x00binary"),
    (Blob, Blob(data=b"/wA=", extra=[{"a": None}])),
    (Point, Point(x=0.5, label="here")),
    (Pair, Pair(1, "a")),
    (Options, {"mood": "calm"}),
    (Literal["a", "b"], "b"),
    (None, None),
    (Any, {"a": [1, "x", None]}),
]


@pytest.mark.parametrize(("annotation", "value"), ROUND_TRIPS, ids=lambda v: repr(v)[:40])
def test_a_value_comes_back_the_same(annotation: Any, value: Any) -> None:
    form = form_of(annotation)
    data = form.encode(value)
    back = form.decode(data)
    assert back == value
    assert type(back) is type(value)
    assert form.encode(back) == data


def test_a_decimal_and_a_datetime_stay_as_they_were_written() -> None:
    assert form_of(Decimal).encode(Decimal("1.500")) == b'"1.500"'
    moment = datetime(2026, 7, 1, 9, 30, tzinfo=SUMMER)
    assert form_of(datetime).encode(moment) == b'"2026-07-01T09:30:00+02:00"'


class Foreign:
    """A class that no JSON reader can build."""


class HoldsForeign(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Foreign


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        (set[int], "a set has no order"),
        (dict[str, frozenset[str]], "a set has no order"),
        (create_model("M", tags=(set[str], ...)), "a set has no order"),
        (bytes, "Base64Bytes"),
        (list[bytes | None], "Base64Bytes"),
        (Callable[[int], int], "a function is not a value"),
        (type[int], "a class is not a value"),
        (Foreign, "pydantic-core schema"),
        (HoldsForeign, "IsInstance"),
        ("NoSuchName", "NoSuchName"),
    ],
    ids=str,
)
def test_a_type_that_json_cannot_hold_is_refused_before_any_value(
    annotation: Any, why: str
) -> None:
    with pytest.raises(SetupError) as refusal:
        form_of(annotation)
    assert refusal.value.code == "value.unsupported"
    assert why in refusal.value.facts["why"]


class Mark(Enum):
    A = "a"


class Score(BaseModel):
    value: float
    note: Any = None


@pytest.mark.parametrize(
    ("annotation", "value", "path", "why"),
    [
        (Any, {"a": [{1}]}, "/a/0", "a set has no order"),
        (Any, {"a": b"abc"}, "/a", "bytes are not JSON"),
        (Blob, Blob(data=b"/wA=", extra=b"\xff"), "/extra", "bytes are not JSON"),
        (Score, Score(value=1, note=(1, b"x")), "/note/1", "bytes are not JSON"),
        (Score, Score(value=float("nan")), "/value", "nan is not JSON"),
        (list[datetime], [datetime(2026, 1, 1)], "/0", "without a zone"),  # noqa: DTZ001
        (Any, {"at": time(9)}, "/at", "without a zone"),
        (Any, [Decimal("NaN")], "/0", "NaN is not JSON"),
        (Decimal, Decimal("Infinity"), "(the value itself)", "Infinity is not JSON"),
        (dict[int, str], {1: "a"}, "/1", "a key that is not a string"),
        (dict[Mark, int], {Mark.A: 1}, "/Mark.A", "a key that is not a string"),
        (Any, {"a": {2: 1}}, "/a/2", "a key that is not a string"),
        (Any, object(), "(the value itself)", "Unable to serialize"),
        (list[int], [2**53], "/0", "beyond"),
        (list[str], ["\ud800"], "/0", "a lone surrogate"),
        (list[int], "text", "(the value itself)", "Expected `list[int]`"),
    ],
)
def test_a_value_that_json_cannot_give_back_is_refused_with_its_path(
    annotation: Any, value: Any, path: str, why: str
) -> None:
    with pytest.raises(ValueRefusedError) as refusal:
        form_of(annotation).encode(value)
    assert refusal.value.facts["path"] == path
    assert why in refusal.value.facts["why"]


def test_a_value_that_holds_itself_is_refused_and_does_not_hang() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ValueRefusedError):
        form_of(Any).encode(endless)


def test_bytes_of_another_type_are_not_read() -> None:
    with pytest.raises(ValidationError):
        form_of(Turn).decode(b'{"speaker":"Maya"}')


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    text: str


class Astral(BaseModel):
    a: str = Field(serialization_alias="\U0001f600")
    b: str = Field(serialization_alias="\ufb33")


class Serialized(BaseModel):
    text: str

    @field_serializer("text")
    def number(self, _: str) -> float:
        return 1.0


class Computed(BaseModel):
    text: str

    @computed_field
    @property
    def number(self) -> float:
        return 2.0


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Open.model_validate({"text": "", "n": 1.0}), '{"n":1,"text":""}'),
        (Astral(a="1", b="2"), '{"\U0001f600":"1","\ufb33":"2"}'),
        (Serialized(text=""), '{"text":1}'),
        (Computed(text=""), '{"number":2,"text":""}'),
    ],
)
def test_what_a_type_does_not_name_is_looked_at_before_it_is_written(
    value: BaseModel, data: str
) -> None:
    assert Form(type(value)).encode(value) == data.encode()


@pytest.mark.parametrize(
    ("turn", "path"),
    [
        (Turn.model_construct(speaker="Maya", text="\ud800"), "/text"),
        (Turn.model_construct(speaker=1.0, text=""), "(the value itself)"),
    ],
)
def test_a_plain_form_refuses_what_its_type_does_not_allow(turn: Turn, path: str) -> None:
    with pytest.raises(ValueRefusedError) as refused:
        Form(Turn).encode(turn)
    assert refused.value.facts["path"] == path


def test_a_value_is_checked_into_its_form() -> None:
    assert form_of(Turn).check({"speaker": "a", "text": "b"}) == Turn(speaker="a", text="b")


def test_equal_annotations_share_a_form_and_unhashable_ones_still_have_one() -> None:
    assert form_of(list[Turn]) is form_of(list[Turn])
    assert isinstance(form_of(Annotated[int, Field(gt=0, json_schema_extra={"a": 1})]), Form)
    assert form_of(Annotated[str, ["a list"]]).encode("x") == b'"x"'


def test_faults_name_the_place_and_stop_after_three() -> None:
    with pytest.raises(ValidationError) as error:
        form_of(list[int]).decode(b'["a","b","c","d","e"]')
    assert faults(error.value).startswith("/0: Input should be a valid integer")
    assert faults(error.value).endswith("; and 2 more")
    with pytest.raises(ValidationError) as error:
        form_of(int).decode(b'"a"')
    assert faults(error.value).startswith("/: ")


# A contract is what binds: not the names of classes, modules or definitions, nor their prose.


def built(module: str, turn: str, tree: str) -> Any:
    """The same contract, declared in another module under other names."""
    source = f'''
from typing import Annotated, Literal
from pydantic import BaseModel, Field
class {turn}(BaseModel):
    """Prose about {turn}."""
    title: str = Field(description="prose")
    kind: Literal["a"] = "a"
class Other{turn}(BaseModel):
    kind: Literal["b"]
class {tree}(BaseModel):
    """Prose about {tree}."""
    turns: list[Annotated[{turn} | Other{turn}, Field(discriminator="kind")]]
    below: "list[{tree}]" = []
    first: {turn} | None = None
'''
    space: dict[str, Any] = {"__name__": module}
    exec(source, space)  # noqa: S102 - the point is where the class is declared
    space[tree].model_rebuild(_types_namespace=space)
    return space[tree]


def test_a_schema_depends_on_the_contract_and_not_on_names_or_modules() -> None:
    one, two = Form(built("one", "Turn", "Tree")), Form(built("far.away", "Zug", "Abc"))
    assert one.schema == two.schema
    assert one.digest == two.digest
    assert "Turn" not in str(one.schema)
    assert "title" in str(one.schema), "a field named title is a field"


@pytest.mark.parametrize(
    "changed",
    [
        create_model("M", a=(str, ...)),
        create_model("M", a=(int, 1)),
        create_model("M", a=(int | None, ...)),
        create_model("M", b=(int, ...)),
        create_model("M", a=(int, ...), b=(int, ...)),
        create_model("M", a=(Annotated[int, Field(gt=0)], ...)),
        create_model("M", a=(int, Field(alias="x"))),
        create_model("M", a=(int, Field(serialization_alias="x"))),
        create_model("M", __config__=ConfigDict(extra="forbid"), a=(int, ...)),
    ],
    ids=lambda m: str(m.model_fields),
)
def test_a_change_of_the_contract_changes_its_digest(changed: Any) -> None:
    assert Form(changed).digest != Form(create_model("M", a=(int, ...))).digest


def test_the_order_of_fields_does_not_count() -> None:
    one = create_model("M", a=(int, ...), b=(Turn, ...), c=(Tree, ...))
    two = create_model("M", c=(Tree, ...), b=(Turn, ...), a=(int, ...))
    assert Form(one).digest == Form(two).digest


def test_only_a_model_is_shown_descriptions() -> None:
    form = form_of(list[Turn])
    assert "What was said." not in str(form.schema)
    assert "What was said." in str(form.asked)
    assert "One turn." in str(form.asked)


def test_a_field_may_be_called_like_a_keyword_of_schemas() -> None:
    fields: dict[str, Any] = dict.fromkeys(
        ("description", "examples", "required", "properties", "default"), (str, ...)
    )
    schema = Form(create_model("M", **fields)).schema
    assert sorted(schema["properties"]) == sorted(fields)
    assert schema["required"] == sorted(fields)
