"""What sources share, and how a user writes one."""

from collections.abc import Iterable
from pathlib import Path

import pytest

import atelier.isilon
from atelier.isilon import Json, Look, Markdown, Origin, Record, Source, Substrate, WebVtt
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError


class Lines:
    """A source of a user's own: each line of a file."""

    def read(self, look: Look) -> Iterable[Record]:
        document = look.file(look.fill("{student}.txt"))
        for number, line in enumerate(document.text.splitlines(), start=1):
            yield Record(line, Origin(file=document.path, line=number))


def test_a_users_source_is_a_class_with_one_method(tmp_path: Path) -> None:
    (tmp_path / "maya.txt").write_text("a\nb\n")
    source: Source = Lines()
    with Substrate(tmp_path).visit() as visit:
        records = list(source.read(visit.look({"student": "maya"})))
    assert [(record.value, str(record.origin)) for record in records] == [
        ("a", "maya.txt:1"),
        ("b", "maya.txt:2"),
    ]


def test_a_pattern_reads_its_files_in_order_of_path(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.md").write_text(name)
    with Substrate(tmp_path).visit() as visit:
        records = list(Markdown("*.md").read(visit.look({})))
    assert [record.origin.file for record in records] == ["a.md", "b.md", "c.md"]


def test_a_parameter_cannot_become_a_wildcard(tmp_path: Path) -> None:
    with Substrate(tmp_path).visit() as visit, pytest.raises(EvidenceError, match="wildcards"):
        list(Json("{student}.json").read(visit.look({"student": "*"})))


def test_a_transcript_is_never_one_value() -> None:
    with pytest.raises(EvidenceError, match="holds a list"):
        WebVtt("x").whole(Document("x", b"WEBVTT"))


def test_origins_round_trip_as_json() -> None:
    origin = Origin(file="a.vtt", line=3, speaker="Maya", time="00:00:01")
    assert Origin.from_json(origin.as_json()) == origin
    keyed = Origin(file="journal", row=6, key="113")
    assert Origin.from_json(keyed.as_json()) == keyed
    assert Origin.from_json({"file": "journal", "row": 6}) == Origin(file="journal", row=6)
    assert Origin().as_json() == {}
    assert str(Origin()) == ""


def test_the_room_hands_on_what_its_stub_says() -> None:
    stub = Path(atelier.isilon.__file__).with_suffix(".pyi").read_text()
    named = sorted(line.split()[-1] for line in stub.splitlines())
    assert dir(atelier.isilon) == named
    assert all(getattr(atelier.isilon, name) is not None for name in named)
    assert not hasattr(atelier.isilon, "nope")
