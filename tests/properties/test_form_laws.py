"""The law of forms over random typed values: what was written comes back, and is written alike."""

from datetime import date, time, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Base64Bytes, BaseModel, Field, JsonValue, TypeAdapter

from atelier.kernel.canonical import MAX_INTEGER, canonical, read
from atelier.kernel.evidence import claim_ids, handles
from atelier.kernel.form import form_of


class Mood(StrEnum):
    CALM = "calm"
    LOW = "low"


class Spoken(BaseModel):
    kind: Literal["spoken"] = "spoken"
    seconds: float


class Written(BaseModel):
    kind: Literal["written"] = "written"
    day: date
    at: time | None = None


class Record(BaseModel):
    title: str
    moment: AwareDatetime
    amount: Decimal
    picture: Base64Bytes
    mood: Mood | None
    lasted: timedelta
    identity: UUID
    source: Annotated[Spoken | Written, Field(discriminator="kind")]
    link: int | str | None = None
    below: "list[Record]" = []
    extra: dict[str, JsonValue] = {}


zones = st.integers(-12 * 60, 12 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)
numbers = st.floats(-1e9, 1e9)
pictures = (
    st.binary(max_size=8).map(TypeAdapter[bytes](Base64Bytes).dump_json).map(lambda b: b[1:-1])
)
sources = st.one_of(
    st.builds(Spoken, seconds=numbers),
    st.builds(Written, day=st.dates(), at=st.none() | st.times(timezones=zones)),
)
extras = st.dictionaries(
    st.text(max_size=4),
    st.one_of(st.none(), st.booleans(), integers, numbers, st.text(max_size=4), st.lists(integers)),
    max_size=3,
)


def record(below: Any) -> Any:
    return st.builds(
        Record,
        title=st.text(max_size=8),
        moment=st.datetimes(timezones=zones),
        amount=st.decimals(allow_nan=False, allow_infinity=False),
        picture=pictures,
        mood=st.none() | st.sampled_from(Mood),
        lasted=st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
        identity=st.uuids(),
        source=sources,
        link=st.one_of(st.none(), integers, st.text(max_size=4)),
        below=below,
        extra=extras,
    )


records = record(st.lists(record(st.just([])), max_size=2))


@given(records)
def test_a_typed_value_comes_back_and_is_written_alike(value: Record) -> None:
    form = form_of(Record)
    data = form.encode(value)
    back = form.decode(data)
    assert back == value
    assert form.encode(back) == data == canonical(read(data))


class Line(BaseModel):
    speaker: str
    text: str
    number: int
    is_last: bool = False
    kind: Literal["said", 1, True] = "said"
    pauses: list[int | None] = []
    pair: tuple[str, int] | None = None


lines = st.builds(
    Line,
    speaker=st.text(max_size=4),
    text=st.text(max_size=12),
    number=integers,
    is_last=st.booleans(),
    kind=st.sampled_from(["said", 1, True]),
    pauses=st.lists(st.none() | integers, max_size=3),
    pair=st.none() | st.tuples(st.text(max_size=3), integers),
)


@given(st.lists(lines, max_size=3))
def test_a_plain_value_is_written_at_once_as_rfc_8785_has_it(values: list[Line]) -> None:
    form = form_of(list[Line])
    data = form.encode(values)
    assert data == canonical(form.dump(values)) == rfc8785.dumps(form.dump(values))


@given(st.lists(records, max_size=2))
def test_a_value_may_be_checked_again_without_change(values: list[Record]) -> None:
    form = form_of(list[Record])
    assert form.encode(form.check(values)) == form.encode(values)


@given(st.lists(st.sampled_from(["I ran.", "I slept.", "I wrote."]) | st.text(max_size=5)))
def test_claim_ids_are_unique_and_a_claim_keeps_its_id_when_others_follow(texts: list[str]) -> None:
    ids = claim_ids(texts)
    assert len(set(ids)) == len(texts)
    assert claim_ids([*texts, "And one more."])[: len(texts)] == ids


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5)), max_size=12))
def test_handles_are_unique_and_numbered_among_equals(elements: list[tuple[str, int]]) -> None:
    digests = [(name, "sha256:" + f"{number:x}" * 64) for name, number in elements]
    found = handles(digests)
    assert len(set(found)) == len(found)
    for (name, digest), handle in zip(digests, found, strict=True):
        assert handle.startswith(f"{name}-{digest[7:15]}")
