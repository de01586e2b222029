"""The memo changes how long a collection takes, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel
from session_packet import PARAMETERS, Commitment, MemoryMemo, Note, Session, Turn, before_session

from atelier.aggregate import Packet, Substrate, collect
from atelier.aggregate.memo import pack, unpack
from atelier.isilon import Csv, Json, Markdown, Origin, Yaml
from atelier.isilon.document import Document
from atelier.isilon.origin import Record

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ORIGIN = st.builds(
    Origin,
    file=TEXT,
    line=st.none() | st.integers(1, 10**6),
    row=st.none() | st.integers(1, 10**6),
    speaker=TEXT,
    time=TEXT,
)


def _is_short(turn: Turn) -> bool:
    return len(turn.text) < 3


def test_with_and_without_memo_the_collection_is_the_same(substrate: Substrate) -> None:
    memo = MemoryMemo()
    plain, first, second = (
        collect(Session, PARAMETERS, substrate=substrate, memo=used) for used in (None, memo, memo)
    )
    assert plain == first == second
    assert plain.packet == first.packet == second.packet
    assert plain.origins == first.origins == second.origins
    assert (len(memo.kept), memo.hits) == (4, 4)  # the journal is a query, the wishes are missing


@given(st.lists(ORIGIN), st.sampled_from([b"[]", b'[{"value":1}]', b'{"origins":[],"value":2}']))
def test_what_is_packed_is_unpacked(origins: list[Origin], value: bytes) -> None:
    found = unpack(pack(value, origins))
    assert (found.value, found.origins) == (value, origins)


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("path", "old", "new", "missed"),
    [
        ("students/maya/s12.vtt", "Fine", "Fina", 1),
        ("students/maya/notes/s11.md", "Note", "note", 1),
        ("students/maya/commitments.yaml", "sleep", "sleek", 1),
        ("programs/maya.yaml", "2026-05-01", "2026-05-02", 1),
    ],
)
def test_an_edit_of_one_document_misses_one_slice(
    substrate: Substrate, path: str, old: str, new: str, missed: int
) -> None:
    memo = MemoryMemo()
    collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    edit(substrate.root, path, old, new)
    collected = collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    assert collected == collect(Session, PARAMETERS, substrate=substrate)
    assert memo.hits == 4 - missed


def test_what_where_takes_is_in_the_key(substrate: Substrate) -> None:
    class Filtered(Packet):
        session: str
        notes: Annotated[list[Note], Markdown("students/maya/notes/*.md", where=before_session)]

    memo = MemoryMemo()
    found = [
        len(collect(Filtered, {"session": name}, substrate=substrate, memo=memo).packet.notes)
        for name in ("s11", "s12", "s11")
    ]
    assert found == [1, 2, 1]
    assert memo.hits == 1


def test_code_is_in_the_key(substrate: Substrate) -> None:
    def kept(note: Note) -> bool:
        return note.session == "s10"

    def other(note: Note) -> bool:
        return note.session == "s11"

    memo = MemoryMemo()
    for where, expected in ((kept, "s10"), (other, "s11")):
        source = Markdown("students/maya/notes/*.md", where=where)
        declared = type(
            "Filtered", (Packet,), {"__annotations__": {"notes": Annotated[list[Note], source]}}
        )
        (note,) = collect(declared, {}, substrate=substrate, memo=memo).packet.__dict__["notes"]
        assert note.session == expected


def test_a_validator_of_the_list_is_in_the_key(substrate: Substrate) -> None:
    def first(notes: list[Note]) -> list[Note]:
        return notes[:1]

    def last(notes: list[Note]) -> list[Note]:
        return notes[-1:]

    memo = MemoryMemo()
    for rule, expected in ((first, "s10"), (last, "s12")):
        source = Markdown("students/maya/notes/*.md")
        annotation = Annotated[list[Note], source, AfterValidator(rule)]
        declared = type("Ruled", (Packet,), {"__annotations__": {"notes": annotation}})
        collected = collect(declared, {}, substrate=substrate, memo=memo)
        (note,) = collected.packet.__dict__["notes"]
        assert note.session == expected
        assert [str(origin) for origin in collected.origins["notes"]] == [
            f"students/maya/notes/{expected}.md:6"
        ]


def test_an_option_of_the_reader_is_in_the_key(substrate: Substrate) -> None:
    (substrate.root / "a.csv").write_text("a;b,c\n1;2,3\n")
    memo = MemoryMemo()
    for delimiter, expected in (";", {"a": "1", "b,c": "2,3"}), (",", {"a;b": "1;2", "c": "3"}):
        source = Csv("a.csv", delimiter=delimiter)
        declared = type(
            "Rows",
            (Packet,),
            {"__annotations__": {"rows": Annotated[list[dict[str, str]], source]}},
        )
        collected = collect(declared, {}, substrate=substrate, memo=memo)
        assert collected.packet.__dict__["rows"] == [expected]


def test_what_cannot_be_identified_is_never_kept(substrate: Substrate) -> None:
    memo = MemoryMemo()
    memo.unidentified = {before_session, list[Commitment]}
    collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    assert len(memo.kept) == 2


def test_what_was_collected_while_something_else_was_read_is_never_kept(
    substrate: Substrate,
) -> None:
    memo = MemoryMemo()
    memo.is_whole = False
    collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    assert memo.kept == {}


class Shouting(Json):
    """A user's reader, under the name that it inherits."""

    def parse(self, document: Document) -> list[Record]:
        return [Record({"speaker": "x", "text": document.text.upper()}, Origin())]


def test_a_users_reader_is_never_kept(substrate: Substrate) -> None:
    (substrate.root / "a.json").write_text('[{"speaker": "a", "text": "b"}]')

    class Plain(Packet):
        turns: Annotated[list[Turn], Json("a.json")]

    class Loud(Packet):
        turns: Annotated[list[Turn], Shouting("a.json")]

    memo = MemoryMemo()
    collect(Plain, {}, substrate=substrate, memo=memo)
    assert collect(Loud, {}, substrate=substrate, memo=memo).packet.turns[0].speaker == "x"


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"origins":{},"value":[{}]}', b"\xff"])
def test_a_damaged_memo_is_a_miss(substrate: Substrate, damage: bytes) -> None:
    memo = MemoryMemo()
    collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    memo.kept = dict.fromkeys(memo.kept, damage)
    collected = collect(Session, PARAMETERS, substrate=substrate, memo=memo)
    assert collected == collect(Session, PARAMETERS, substrate=substrate)


class OneName(MemoryMemo):
    """A memo that cannot tell code apart."""

    def identify(self, thing: object) -> str:
        return "one name for all"


def test_a_change_of_the_type_is_a_miss_though_its_name_is_the_same(substrate: Substrate) -> None:
    def declare(status: object) -> type[Packet]:
        item = type(
            "Item", (BaseModel,), {"__annotations__": {"status": status}, "__module__": "m"}
        )
        source = Yaml("students/maya/commitments.yaml")
        return type("P", (Packet,), {"__annotations__": {"a": Annotated[list[item], source]}})

    memo = OneName()
    collect(declare(str), {}, substrate=substrate, memo=memo)
    (first, *_) = collect(declare(str | None), {}, substrate=substrate, memo=memo).packet.__dict__[
        "a"
    ]
    assert first.status == "open"
    assert len(memo.kept) == 2


@settings(max_examples=30)
@given(
    st.lists(st.fixed_dictionaries({"speaker": TEXT, "text": TEXT})),
    st.sampled_from([None, _is_short]),
)
def test_any_slice_comes_out_of_the_memo_as_it_went_in(
    tmp_path_factory: pytest.TempPathFactory,
    turns: list[dict[str, str]],
    where: Callable[[Turn], bool] | None,
) -> None:
    root = tmp_path_factory.mktemp("memo")
    (root / "a.json").write_bytes(orjson.dumps(turns))
    source = Json("a.json", where=where)
    declared = type("P", (Packet,), {"__annotations__": {"turns": Annotated[list[Turn], source]}})
    memo = MemoryMemo()
    found = [
        collect(declared, {}, substrate=Substrate(root), memo=used) for used in (None, memo, memo)
    ]
    assert found[0] == found[1] == found[2]
    assert found[0].origins == found[1].origins == found[2].origins
    assert memo.hits == 1
