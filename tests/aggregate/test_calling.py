"""What a packet's own functions and sources raise is told as theirs, with their own line."""

from collections.abc import Callable, Iterable
from json import loads
from typing import Annotated, Any

import pytest
from session_packet import Commitment

from atelier.aggregate import Derived, Obligation, Packet, Substrate, collect
from atelier.isilon import Look, Markdown, MissingEvidenceError, Origin, Record, Text, Yaml
from atelier.kernel.errors import AtelierError, SetupError

WEEKS = {"s12": "10"}


def week_of(session: str) -> str:
    return WEEKS[session]


def before(note: Any) -> bool:
    return loads(note["text"])["ok"]


def is_late(commitment: Commitment) -> bool:
    return commitment.due  # type: ignore[attr-defined, no-any-return]


class Malformed:
    """A source of a user's own that trips over a line."""

    def read(self, look: Look) -> Iterable[Record]:
        yield Record("fine", Origin(file="a.txt", line=1))
        raise ValueError("line 2 has no colon")


class Absent:
    def read(self, look: Look) -> Iterable[Record]:
        raise MissingEvidenceError("evidence.absent", "Not yet.", next_step="Wait.")


class Loud(Text):
    def parse(self, document: Any) -> Iterable[Record]:
        return [Record(document.text.decode(), Origin())]


def refused(packet_type: type[Packet], substrate: Substrate, **given: object) -> AtelierError:
    with pytest.raises(AtelierError) as caught:
        collect(packet_type, given, substrate=substrate)
    return caught.value


def line_of(function: Callable[..., Any], *, below: int = 1) -> str:
    return f"test_calling.py:{function.__code__.co_firstlineno + below}, in {function.__name__}"


def test_a_derived_function_that_raises_is_named_by_its_own_line(substrate: Substrate) -> None:
    class Own(Packet):
        session: str
        week: Annotated[str, Derived(week_of)]

    error = refused(Own, substrate, session="s99")
    assert isinstance(error, SetupError)
    assert (error.code, error.facts["field"]) == ("packet.function", "week, Derived")
    assert error.facts["at"].endswith(line_of(week_of))
    assert error.facts["raised"] == "KeyError: 's99'"
    assert isinstance(error.__cause__, KeyError)


def test_where_that_raises_names_the_element_and_no_line_of_a_library(
    substrate: Substrate,
) -> None:
    class Own(Packet):
        notes: Annotated[list[Any], Markdown("students/maya/notes/*.md", where=before)]

    error = refused(Own, substrate)
    assert (error.code, error.facts["field"]) == ("packet.function", "notes, where")
    assert error.facts["element"] == "students/maya/notes/s10.md:6"
    assert error.facts["at"].endswith(line_of(before))
    assert error.facts["raised"].startswith("JSONDecodeError: ")


def test_when_that_raises_names_the_element(substrate: Substrate) -> None:
    class Own(Packet):
        owed: Annotated[
            list[Commitment], Yaml("students/maya/commitments.yaml"), Obligation(when=is_late)
        ]

    error = refused(Own, substrate)
    assert (error.code, error.facts["field"]) == ("packet.function", "owed, when")
    assert error.facts["element"] == "students/maya/commitments.yaml:1"
    assert error.facts["at"].endswith(line_of(is_late))


def test_a_users_source_that_raises_is_named_by_its_own_line(substrate: Substrate) -> None:
    class Own(Packet):
        lines: Annotated[list[str], Malformed()]

    error = refused(Own, substrate)
    assert isinstance(error, SetupError)
    assert (error.code, error.facts["field"]) == ("evidence.source", "lines")
    assert error.facts["at"].endswith(line_of(Malformed.read, below=2))
    assert error.facts["raised"] == "ValueError: line 2 has no colon"


def test_a_users_reader_of_files_is_held_to_the_same(substrate: Substrate) -> None:
    class Own(Packet):
        text: Annotated[list[str], Loud("students/maya/s12.vtt")]

    error = refused(Own, substrate)
    assert (error.code, error.facts["field"]) == ("evidence.source", "text")
    assert error.facts["at"].endswith(line_of(Loud.parse))


def test_what_a_users_source_says_in_our_words_passes(substrate: Substrate) -> None:
    class Must(Packet):
        lines: Annotated[list[str], Absent()]

    class May(Packet):
        lines: Annotated[list[str] | None, Absent()] = None

    assert refused(Must, substrate).code == "evidence.absent"
    assert collect(May, {}, substrate=substrate).packet.lines is None
