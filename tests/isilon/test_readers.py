"""What each file source makes of a document, and how each names a fault."""

import random
from collections.abc import Callable

import pytest

from atelier.isilon import Csv, Json, JsonLines, Markdown, Srt, Text, Toml, WebVtt, Yaml
from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError
from atelier.isilon.origin import Record
from atelier.isilon.source import FileSource
from atelier.kernel.canonical import canonical

VTT = """WEBVTT - session 12
Kind: captions

NOTE
made by hand

STYLE
::cue { color: red }

1
00:00:01.000 --> 00:00:04.000 align:start
<v Maya>Hello <b>there</b>, R&amp;D &lt;3 AT&T
and more

00:05.000 --> 01:00:06.500
<v.loud Coach Ana>Yes</v> <v Maya>No</v>
still me
"""
NAMED_VTT = """WEBVTT

00:01.000 --> 00:02.000
Maya: hi
Sleep: five hours
Coach Ana: good

00:02.000 --> 00:03.000
Coach Ana: two things: sleep

00:03.000 --> 00:04.000
no one: says this
"""
SRT = "1\r\n00:00:01,000 --> 00:00:02,250\r\nMaya: hi\r\n<i>you</i>\r\n\r\n2\r\n00:01:03,000 --> 00:01:04,000\r\n{\\an8}Coach: ok\r\n"


def document(text: str | bytes, path: str = "maya/x") -> Document:
    return Document(path, text.encode() if isinstance(text, str) else text)


def parse(source: FileSource, text: str | bytes) -> list[Record]:
    return list(source.parse(document(text)))


def values(source: FileSource, text: str) -> list[object]:
    return [record.value for record in parse(source, text)]


def places(source: FileSource, text: str) -> list[str]:
    return [str(record.origin) for record in parse(source, text)]


def fault(source: FileSource, text: str) -> tuple[str, str]:
    with pytest.raises(EvidenceError) as caught:
        parse(source, text)
    return caught.value.facts["at"].removeprefix("maya/x:"), caught.value.facts["why"]


def test_a_json_array_is_a_record_per_element_with_its_line() -> None:
    text = '[\n  {"a": 1},\n  {"a":\n 2}, 3\n]'
    assert values(Json("x"), text) == [{"a": 1}, {"a": 2}, 3]
    assert places(Json("x"), text) == ["maya/x:2", "maya/x:3", "maya/x:4"]


def test_another_json_value_is_one_record() -> None:
    assert values(Json("x"), '{"a": [1]}') == [{"a": [1]}]
    assert Json("x").whole(document("[1, 2]")).value == [1, 2]


def test_json_lines_are_numbered() -> None:
    assert values(JsonLines("x"), '{"a": 1}\r\n2\n') == [{"a": 1}, 2]
    assert places(JsonLines("x"), "1\n2") == ["maya/x:1", "maya/x:2"]
    assert values(JsonLines("x"), "") == []


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("1\n\n2\n", "2:1", "a blank line"),
        ("1\n2\n \n", "3:1", "a blank line"),
        ('{"a": 1}\n{"a": 2, "a": 3}\n', "2:10", "the key 'a' stands twice, first at 2:2"),
        ('1\n{"a"', "2:5", "expected `:`, found the end"),
        ("1\n" + "[" * 200 + "]" * 200, "2:200", "nested deeper than 199"),
    ],
)
def test_a_bad_line_is_named(text: str, at: str, why: str) -> None:
    assert fault(JsonLines("x"), text) == (at, why)


def test_a_yaml_list_is_a_record_per_element_with_its_line() -> None:
    text = "- id: c1\n  due: 2026-03-01\n\n- id: c2\n"
    assert values(Yaml("x"), text) == [{"id": "c1", "due": "2026-03-01"}, {"id": "c2"}]
    assert places(Yaml("x"), text) == ["maya/x:1", "maya/x:4"]
    assert values(Yaml("x"), "a: 1") == [{"a": 1}]
    assert Yaml("x").whole(document("- 1")).value == [1]


def test_toml_dates_are_iso_texts() -> None:
    text = "a = 2026-03-01\nb = [2026-03-01T10:00:00Z, 10:30:00]\n[t]\nn = 1.5"
    expected = {"a": "2026-03-01", "b": ["2026-03-01T10:00:00+00:00", "10:30:00"], "t": {"n": 1.5}}
    assert values(Toml("x"), text) == [expected]


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("a = 1\na = 2\n", "2:6", "Cannot overwrite a value"),
        ("a = 1\na = 2", "2:1", "Cannot overwrite a value"),
        ("a = nan", "1:1", "/a is nan, which is not JSON"),
        (
            "[t]\na = [1, 9007199254740992]",
            "1:1",
            "/t/a/1 is beyond ±(2^53-1); write it as a string",
        ),
        ("x = " + "[" * 3000, "1:1", "nested deeper than 200"),
        ("x = " + "[" * 201 + "]" * 201, "1:1", "nested deeper than 200"),
    ],
)
def test_a_toml_fault_is_named(text: str, at: str, why: str) -> None:
    assert fault(Toml("x"), text) == (at, why)


def test_an_endless_integer_in_toml_is_refused() -> None:
    assert "4300" in fault(Toml("x"), f"a = {'9' * 5000}")[1]


def test_text_is_the_file_as_it_is() -> None:
    assert values(Text("x"), " a\r\n\n") == [" a\r\n\n"]


def test_markdown_is_its_body_and_its_front_matter() -> None:
    text = "---\ndate: 2026-03-01\ntags: [a, no]\n---\n\n# Title\n\nBody\n\n"
    assert values(Markdown("x"), text) == [
        {"path": "x", "date": "2026-03-01", "tags": ["a", "no"], "text": "# Title\n\nBody"}
    ]
    assert places(Markdown("x"), text) == ["maya/x:6"]


def test_markdown_may_have_no_front_matter() -> None:
    assert values(Markdown("x"), "Body\n---\nmore") == [{"path": "x", "text": "Body\n---\nmore"}]
    assert values(Markdown("x"), "---\n---\nBody") == [{"path": "x", "text": "Body"}]
    record = Markdown("x").whole(document("x", "notes/s11.md"))
    assert record.value == {"path": "s11", "text": "x"}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("---\na: 1\n", "1:1"),
        ("---\n- a\n---\nx", "2:1"),
        ("---\ntext: hidden\n---\nx", "2:1"),
        ("---\na: 1\nb: 2\na: 3\n---\nx", "4:1"),
    ],
)
def test_bad_front_matter_is_named(text: str, at: str) -> None:
    assert fault(Markdown("x"), text)[0] == at


def test_csv_rows_are_records_of_strings() -> None:
    text = 'a,b\r\n1,"x\ny"\r\n=cmd(),"say ""hi"""\r\n'
    assert values(Csv("x"), text) == [{"a": "1", "b": "x\ny"}, {"a": "=cmd()", "b": 'say "hi"'}]
    assert [record.origin.line for record in parse(Csv("x"), text)] == [2, 4]
    assert [record.origin.row for record in parse(Csv("x"), text)] == [1, 2]
    assert values(Csv("x", delimiter=";"), "a;b\n1,5;2\n") == [{"a": "1,5", "b": "2"}]
    assert values(Csv("x"), "a,b\n") == []


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("a,b\n1,2\n3\n", "3:1", "1 of 2 columns"),
        ("a,b\n1,2\n\n", "3:1", "0 of 2 columns"),
        ("a,a\n1,2", "1:1", "column 1 is called 'a', which is empty or stands twice"),
        ("a, \n1,2", "1:1", "column 2 is called ' ', which is empty or stands twice"),
        ("", "1:1", "no header"),
        ('a,b\n"x"y,2\n', "2:1", "',' expected after '\"'"),
        ('a,b\n"x,2\n', "2:1", "unexpected end of data"),
        ("a,b\n" + "x" * 200_000 + ",1", "2:1", "field larger than field limit (131072)"),
    ],
)
def test_a_csv_fault_is_named(text: str, at: str, why: str) -> None:
    assert fault(Csv("x"), text) == (at, why)


def test_voice_tags_name_the_speakers() -> None:
    assert values(WebVtt("x"), VTT) == [
        {
            "speaker": "Maya",
            "text": "Hello there, R&D <3 AT&T and more",
            "start": "00:00:01.000",
            "end": "00:00:04.000",
        },
        {"speaker": "Coach Ana", "text": "Yes", "start": "00:00:05.000", "end": "01:00:06.500"},
        {"speaker": "Maya", "text": "No still me", "start": "00:00:05.000", "end": "01:00:06.500"},
    ]
    assert places(WebVtt("x"), VTT) == [
        "maya/x:12 · Maya · 00:00:01",
        "maya/x:16 · Coach Ana · 00:00:05",
        "maya/x:16 · Maya · 00:00:05",
    ]


def test_names_in_front_of_lines_name_the_speakers() -> None:
    """A name that begins no cue (`Sleep:`) is speech, so that nobody says another's words."""
    found = parse(WebVtt("x"), NAMED_VTT)
    assert [(record.origin.speaker, record.origin.line) for record in found] == [
        ("Maya", 4),
        ("Coach Ana", 6),
        ("Coach Ana", 9),
        ("", 12),
    ]
    assert [record.value["text"] for record in found if isinstance(record.value, dict)] == [
        "hi Sleep: five hours",
        "good",
        "two things: sleep",
        "no one: says this",
    ]


def test_srt_is_read_alike() -> None:
    assert values(Srt("x"), SRT) == [
        {"speaker": "Maya", "text": "hi you", "start": "00:00:01.000", "end": "00:00:02.250"},
        {"speaker": "Coach", "text": "ok", "start": "00:01:03.000", "end": "00:01:04.000"},
    ]


def test_a_transcript_may_be_empty() -> None:
    assert values(WebVtt("x"), "WEBVTT\n") == values(Srt("x"), "") == []


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("", "1:1", "no header"),
        ("\nWEBVTT\n", "1:1", "no header"),
        ("WEBVTTX\n", "1:1", "no header"),
        (
            "WEBVTT\n00:01.000 --> 00:02.000\nx",
            "2:1",
            "a cue in the header; a blank line is missing",
        ),
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nx", "3:1", "a cue without a timing line"),
        ("WEBVTT\n\nid", "3:1", "a cue without a timing line"),
        (
            "WEBVTT\n\n1\n00:99.000 --> 00:02.000\nx",
            "4:1",
            "not a timing line: `00:00:01.000 --> 00:00:04.000`",
        ),
        ("WEBVTT\n\n00:03.000 --> 00:02.000\nx", "3:1", "the cue ends before it starts"),
        (
            "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n00:03.000 --> 00:04.000\ny",
            "5:1",
            "a second timing line; a blank line is missing",
        ),
    ],
)
def test_a_bad_cue_is_named_by_its_line(text: str, at: str, why: str) -> None:
    assert fault(WebVtt("x"), text) == (at, why)


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("00:00:01,000 --> 00:00:02,000\nx", "1:1", "a cue without its number"),
        ("1\n00:01 --> 00:02\nx", "2:1", "not a timing line: `00:00:01,000 --> 00:00:04,000`"),
        ("1", "1:1", "not a timing line: `00:00:01,000 --> 00:00:04,000`"),
        ("1\n00:00:03,000 --> 00:00:02,000\nx", "2:1", "the cue ends before it starts"),
        (
            "1\n00:00:01,000 --> 00:00:02,000\nx\n2\n00:00:03,000 --> 00:00:04,000\ny",
            "5:1",
            "a second timing line; a blank line is missing",
        ),
    ],
)
def test_a_bad_srt_cue_is_named_by_its_line(text: str, at: str, why: str) -> None:
    assert fault(Srt("x"), text) == (at, why)


CORPUS: dict[str, tuple[Callable[[str], FileSource], str]] = {
    "json": (Json, '[{"a": 1, "b": [true, null, 1.5e3]}, "x\\u00e9 \\n", -0.0]'),
    "jsonlines": (JsonLines, '{"a": 1}\n[2, "x"]\n'),
    "yaml": (Yaml, "- id: c1\n  due: 2026-03-01\n  tags: [a, 'b', \"c\\n\"]\n- |\n  text\n"),
    "toml": (Toml, 'a = 1\n[t]\nb = ["x", 2026-03-01]\nc = {d = 1.5}\n'),
    "text": (Text, "caf\u00e9\n"),
    "markdown": (Markdown, "---\na: 1\nb: [x]\n---\n\nBody\n"),
    "csv": (Csv, 'a,b\n1,"x\ny"\n3,4\n'),
    "webvtt": (WebVtt, VTT),
    "srt": (Srt, SRT),
}


@pytest.mark.parametrize("name", CORPUS)
def test_no_damage_gets_through_as_anything_but_evidence_or_a_fault(name: str) -> None:
    """2,000 damaged files a reader: each is refused by name, or gives values with canonical bytes."""
    make, text = CORPUS[name]
    refused: list[EvidenceError] = []
    source, chance = make("x"), random.Random(f"damage {name}")  # noqa: S311 - the same damage each time
    for _ in range(2000):
        damaged = _damage(text.encode(), chance)
        try:
            records = list(source.parse(document(damaged)))
        except EvidenceError as error:
            refused.append(error)
            continue
        for record in records:
            canonical(record.value)
    assert all(error.facts["at"].startswith("maya/x:") and error.next_step for error in refused)


def _damage(data: bytes, chance: random.Random) -> bytes:
    spare = [b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"NaN", b"1e999", b'"', b"[", b"]"]
    spare += [b"{", b"}", b",", b":", b"\n", b"\r", b"&a", b"*a", b"!!", b"---", b"-->", b"\\ud800"]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.choice(spare) + data[at:]
            case 1:
                data = data[:at] + data[at + chance.randint(1, 5) :]
            case 2:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case _:
                data = data[:at] + data[chance.randrange(len(data) + 1) :]
    return data
