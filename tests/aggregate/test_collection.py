"""Collection reads each source once, in order, and names what is wrong."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, model_validator
from session_packet import PARAMETERS, Commitment, Entry, MemoryMemo, Session, Turn, Week

from atelier.aggregate import Derived, Packet, Substrate, collect, digests
from atelier.isilon import Csv, Json, JsonLines, Look, Markdown, Origin, Record, Sql, Text, Yaml
from atelier.isilon.errors import EvidenceError
from atelier.kernel.errors import AtelierError, SetupError


@pytest.fixture
def refusal(substrate: Substrate) -> Callable[..., AtelierError]:
    """The error that a collection ends with."""

    def fails(packet_type: type[Packet], parameters: dict[str, object]) -> AtelierError:
        with pytest.raises(AtelierError) as caught:
            collect(packet_type, parameters, substrate=substrate)
        return caught.value

    return fails


def test_a_packet_holds_what_its_sources_hold(substrate: Substrate) -> None:
    packet = collect(Session, PARAMETERS, substrate=substrate).packet
    assert packet.week == Week(start=date(2026, 3, 2), end=date(2026, 3, 8))
    assert [turn.speaker for turn in packet.transcript] == ["Ana", "Maya", "Ana"]
    assert [note.session for note in packet.notes] == ["s10", "s11"]
    assert [entry.id for entry in packet.journal] == [1, 2]
    assert packet.program.milestones[1].due == date(2026, 5, 1)
    assert packet.wishes is None


def test_every_element_has_its_origin(substrate: Substrate) -> None:
    origins = collect(Session, PARAMETERS, substrate=substrate).origins
    assert {name: [str(origin) for origin in found] for name, found in origins.items()} == {
        "transcript": [
            "students/maya/s12.vtt:4 · Ana · 00:00:01",
            "students/maya/s12.vtt:7 · Maya · 00:00:03",
            "students/maya/s12.vtt:10 · Ana · 00:00:05",
        ],
        "notes": ["students/maya/notes/s10.md:6", "students/maya/notes/s11.md:6"],
        "commitments": [
            "students/maya/commitments.yaml:1",
            "students/maya/commitments.yaml:2",
        ],
        "journal": ["default id 1", "default id 2"],
        "program": ["programs/maya.yaml"],
        "wishes": [],
    }


def test_origins_are_no_part_of_the_identity(substrate: Substrate) -> None:
    before = collect(Session, PARAMETERS, substrate=substrate)
    path = substrate.root / "students/maya/s12.vtt"
    path.write_text(path.read_text().replace("WEBVTT\n", "WEBVTT\n\nNOTE moved\n"))
    after = collect(Session, PARAMETERS, substrate=substrate)
    assert after.digests == before.digests
    assert after.origins != before.origins


def test_a_collection_has_the_digests_of_its_packet(substrate: Substrate) -> None:
    collected = collect(Session, PARAMETERS, substrate=substrate)
    assert collected.digests == digests(collected.packet)


@pytest.mark.parametrize(
    ("given", "sentence", "next_step"),
    [
        ({"student": "maya"}, "A parameter is missing.", "Give `session=...`."),
        (
            {"student": "maya", "sesion": "s12"},
            "A parameter is unknown.",
            "Did you mean `session`?",
        ),
        (
            {**PARAMETERS, "week": "w"},
            "A derived parameter was given.",
            "Leave it out: it is computed.",
        ),
        (
            {**PARAMETERS, "journal": []},
            "A slice was given as a parameter.",
            "Leave it out: it is read from its source. Or hand in a whole packet.",
        ),
        (
            {"student": 7, "session": "s12"},
            "A parameter is not of its type.",
            "Give a value of the type that the packet declares.",
        ),
    ],
)
def test_a_wrong_parameter_is_named_before_anything_is_read(
    tmp_path: Path, given: dict[str, object], sentence: str, next_step: str
) -> None:
    with pytest.raises(SetupError) as caught:
        collect(Session, given, substrate=Substrate(tmp_path / "nowhere"))
    assert (caught.value.sentence, caught.value.next_step) == (sentence, next_step)


class Level(Enum):
    LOW = 1


class Typed(Packet):
    level: Level = Level.LOW
    step: Literal[1, 2] = 1
    at: datetime | None = None
    day: date
    count: int
    share: float = 0.5
    note: str | None = None


@pytest.mark.parametrize(
    "given",
    [
        {"day": "2026-03-01", "count": "3"},
        {"day": date(2026, 3, 1), "count": 3},
        {"day": date(2026, 3, 1), "count": 3, "share": "0.5", "note": None},
        {"day": "2026-03-01", "count": "3", "level": "1", "step": "1"},
        {"day": "2026-03-01", "count": "3", "level": Level.LOW},
    ],
)
def test_a_text_is_read_as_the_type_of_its_parameter(
    substrate: Substrate, given: dict[str, object]
) -> None:
    packet = collect(Typed, given, substrate=substrate).packet
    assert packet == Typed(day=date(2026, 3, 1), count=3)


@pytest.mark.parametrize(
    ("name", "value"), [("count", 3.0), ("count", True), ("day", "soon"), ("step", "3")]
)
def test_another_type_is_refused(
    refusal: Callable[..., AtelierError], name: str, value: object
) -> None:
    given = {"day": "2026-03-01", "count": 3, name: value}
    assert refusal(Typed, given).facts["parameter"] == name


def test_a_parameter_without_a_canonical_form_is_named(
    refusal: Callable[..., AtelierError],
) -> None:
    given = {"day": "2026-03-01", "count": 3, "at": "2026-03-01T10:00:00"}
    assert refusal(Typed, given).facts["path"] == "/at"


def test_a_parameter_cannot_leave_the_root(refusal: Callable[..., AtelierError]) -> None:
    found = refusal(Session, {"student": "../noor", "session": "s12"})
    assert found.code == "evidence.path"


def test_a_missing_source_names_path_folder_slice_and_parameters(
    substrate: Substrate,
    refusal: Callable[..., AtelierError],
) -> None:
    found = refusal(Session, {"student": "maya", "session": "s13"})
    assert found.code == "evidence.missing"
    assert found.facts == {
        "at": "students/maya/s13.vtt",
        "below": str(substrate.root),
        "slice": "transcript",
        "given": "student='maya', session='s13'",
    }


def test_a_missing_pattern_names_its_folder(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    class Own(Packet):
        student: str
        notes: Annotated[list[Any], Markdown("nobody/{student}/*.md")]

    found = refusal(Own, {"student": "maya"})
    assert (found.facts["at"], found.facts["below"]) == ("nobody/maya", str(substrate.root))
    assert found.facts["given"] == "student='maya'"


def test_given_is_what_the_source_takes_and_nothing_else(
    refusal: Callable[..., AtelierError],
) -> None:
    class Own(Packet):
        student: str
        notes: Annotated[list[Any], Markdown("students/maya/notes/*.md")]
        search: Annotated[list[Any], JsonLines("search.jsonl")]

    assert "given" not in refusal(Own, {"student": "maya"}).facts


def test_an_optional_slice_is_read_where_its_source_is_there(substrate: Substrate) -> None:
    (substrate.root / "students/maya/wishes.yaml").write_text("[calm]")
    assert collect(Session, PARAMETERS, substrate=substrate).packet.wishes == ["calm"]


def test_a_malformed_optional_source_is_still_an_error(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    (substrate.root / "students/maya/wishes.yaml").write_text("[calm")
    assert refusal(Session, PARAMETERS).code == "evidence.yaml"


def test_a_pattern_without_a_match_is_an_empty_list(substrate: Substrate) -> None:
    for path in (substrate.root / "students/maya/notes").iterdir():
        path.unlink()
    assert collect(Session, PARAMETERS, substrate=substrate).packet.notes == []


@pytest.mark.parametrize(
    ("path", "old", "new", "facts"),
    [
        (
            "students/maya/commitments.yaml",
            "text: sleep",
            "text: [sleep]",
            {
                "slice": "commitments",
                "at": "students/maya/commitments.yaml:2",
                "pointer": "/text",
                "why": "Input should be a valid string",
            },
        ),
        (
            "programs/maya.yaml",
            "due: 2026-05-01",
            "due: []",
            {
                "slice": "program",
                "at": "programs/maya.yaml",
                "pointer": "/milestones/1/due",
                "why": "Input should be a valid date",
            },
        ),
        (
            "students/maya/commitments.yaml",
            "id: c2",
            "id: c1",
            {
                "slice": "commitments",
                "at": "students/maya/commitments.yaml:2",
                "first": "students/maya/commitments.yaml:1",
                "why": 'id "c1" stands twice',
            },
        ),
    ],
)
def test_an_element_of_another_type_is_named_by_line_and_pointer(
    substrate: Substrate,
    refusal: Callable[..., AtelierError],
    path: str,
    old: str,
    new: str,
    facts: dict[str, str],
) -> None:
    file = substrate.root / path
    file.write_text(file.read_text().replace(old, new))
    assert refusal(Session, PARAMETERS).facts == facts


def test_a_rule_of_the_whole_list_holds_for_what_is_left_by_where(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    def is_done(commitment: Commitment) -> bool:
        return commitment.status == "done"

    path = "students/maya/commitments.yaml"

    class One(Packet):
        a: Annotated[list[Commitment], Yaml(path, where=is_done), Field(max_length=1)]

    class Two(Packet):
        a: Annotated[list[Commitment], Yaml(path, where=is_done), Field(min_length=2)]

    assert len(collect(One, {}, substrate=substrate).packet.a) == 1
    assert "at least 2 items" in refusal(Two, {}).facts["why"]


def test_where_must_say_true_or_false(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    class Vague(Packet):
        notes: Annotated[list[Any], Markdown("students/maya/notes/*.md", where=lambda n: n["text"])]

    assert refusal(Vague, {}).facts == {"field": "notes, where", "returned": "str"}


def test_functions_take_earlier_slices_by_name(substrate: Substrate) -> None:
    def after_first(entry: Entry, commitments: list[Commitment], week: Week) -> bool:
        return len(commitments) == 2 and entry.day > week.start

    class Chained(Packet):
        week: Annotated[Week, Derived(lambda: Week(start=date(2026, 3, 2), end=date(2026, 3, 9)))]
        commitments: Annotated[list[Commitment], Yaml("students/maya/commitments.yaml")]
        open_ids: Annotated[list[str], Derived(lambda commitments: [one.id for one in commitments])]
        journal: Annotated[
            list[Entry], Sql("select id, day, text from journal order by id", where=after_first)
        ]

    packet = collect(Chained, {}, substrate=substrate).packet
    assert packet.open_ids == ["c1", "c2"]
    assert [entry.id for entry in packet.journal] == [2, 3]


class Repeated:
    """A source of a user's own."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def read(self, look: Look) -> Iterable[Record]:
        for number, value in enumerate(self.values, start=1):
            yield Record(value, Origin(file=str(look.parameters["student"]), line=number))


def test_a_users_source_feeds_a_list_or_one_value(substrate: Substrate) -> None:
    class Own(Packet):
        student: str
        many: Annotated[
            list[Turn], Repeated({"speaker": "a", "text": "b"}, {"speaker": "c", "text": "d"})
        ]
        one: Annotated[Turn, Repeated({"speaker": "a", "text": "b"})]

    collected = collect(Own, {"student": "maya"}, substrate=substrate)
    assert [turn.text for turn in collected.packet.many] == ["b", "d"]
    assert collected.packet.one.speaker == "a"
    assert [str(origin) for origin in collected.origins["many"]] == ["maya:1", "maya:2"]


@pytest.mark.parametrize(
    ("source", "code", "fact"),
    [
        (Repeated(), "evidence.count", "0"),
        (Repeated(1, 2), "evidence.count", "2"),
        (Repeated({"speaker": "a", "text": float("nan")}), "evidence.type", "nan is not JSON"),
        (
            Repeated({"speaker": "a", "text": date(2026, 3, 1)}),
            "evidence.type",
            "date is not a JSON type",
        ),
        (Repeated({"speaker": "a"}), "evidence.type", "Field required"),
    ],
)
def test_a_users_source_is_held_to_the_same_rules(
    refusal: Callable[..., AtelierError], source: Repeated, code: str, fact: str
) -> None:
    declared = type(
        "Own", (Packet,), {"__annotations__": {"student": str, "one": Annotated[Turn, source]}}
    )
    found = refusal(declared, {"student": "maya"})
    assert (found.code, fact in found.facts.values()) == (code, True)


def test_a_source_that_gives_no_records_is_named(refusal: Callable[..., AtelierError]) -> None:
    class Wrong:
        def read(self, look: Look) -> list[Any]:
            return ["text"]

    declared = type("Own", (Packet,), {"__annotations__": {"a": Annotated[list[str], Wrong()]}})
    assert refusal(declared, {}).facts == {"slice": "a", "gave": "str"}


def test_a_slice_without_a_source_is_not_collected(refusal: Callable[..., AtelierError]) -> None:
    class Bare(Packet):
        turns: list[Turn]

    assert refusal(Bare, {}).facts == {"slice": "turns", "packet": "Bare"}


def test_a_type_that_does_not_read_back_what_it_writes_is_refused(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    class Growing(BaseModel):
        text: str

        @model_validator(mode="after")
        def _grow(self) -> "Growing":
            self.text += "!"
            return self

    class Own(Packet):
        student: str
        a: Annotated[list[Growing], Repeated({"text": "x"})]

    assert refusal(Own, {"student": "maya"}).code == "packet.round_trip"


def test_a_rule_across_fields_is_the_packets_own(
    substrate: Substrate, refusal: Callable[..., AtelierError]
) -> None:
    class Ruled(Packet):
        student: str
        commitments: Annotated[list[Commitment], Yaml("students/{student}/commitments.yaml")]

        @model_validator(mode="after")
        def _has_work(self) -> "Ruled":
            if all(one.status == "done" for one in self.commitments):
                message = "nothing is open"
                raise ValueError(message)
            return self

    collected = collect(Ruled, {"student": "maya"}, substrate=substrate)
    assert collected.digests == digests(collected.packet)
    path = substrate.root / "students/maya/commitments.yaml"
    path.write_text(path.read_text().replace("open", "done"))
    assert "nothing is open" in refusal(Ruled, {"student": "maya"}).facts["why"]


def test_every_reader_feeds_a_slice(substrate: Substrate) -> None:
    root = substrate.root
    (root / "a.json").write_text('[{"speaker": "a", "text": "b"}]')
    (root / "a.jsonl").write_text('{"speaker": "a", "text": "b"}\n')
    (root / "a.csv").write_text("speaker,text\na,b\n")
    (root / "a.toml").write_text('speaker = "a"\ntext = "b"\n')
    (root / "a.txt").write_text("b")

    class All(Packet):
        a: Annotated[list[Turn], Json("a.json")]
        b: Annotated[list[Turn], JsonLines("a.jsonl")]
        c: Annotated[list[Turn], Csv("a.csv")]
        e: Annotated[str, Text("a.txt")]
        f: Annotated[list[str], Text("*.txt")]

    packet = collect(All, {}, substrate=substrate).packet
    assert packet.a == packet.b == packet.c == [Turn(speaker="a", text="b")]
    assert (packet.e, packet.f) == ("b", ["b"])


def test_an_error_reads_as_one_sentence_facts_and_a_next_step(
    substrate: Substrate,
) -> None:
    path = substrate.root / "students/maya/commitments.yaml"
    path.write_text(path.read_text() + "- {id: c3, text: x, id: c4}\n")
    with pytest.raises(EvidenceError) as caught:
        collect(Session, PARAMETERS, substrate=substrate, memo=MemoryMemo())
    assert str(caught.value) == (
        "[evidence.yaml] A source cannot be read as it stands.\n"
        "  at:   students/maya/commitments.yaml:3:21\n"
        "  why:  the key 'id' stands twice, first in line 3\n"
        "  near: - {id: c3, text: x, id: c4}\n"
        "  Keep one of the two."
    )
