"""Text is UTF-8, byte for byte, or a fault at a byte."""

import pytest

from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError


def test_a_utf8_mark_is_left_out_of_the_text_and_stays_in_the_digest() -> None:
    marked, bare = Document("a", b"\xef\xbb\xbf[1]"), Document("a", b"[1]")
    assert (marked.text, marked.has_bom, bare.has_bom) == ("[1]", True, False)
    assert marked.digest != bare.digest


def test_text_is_never_normalised() -> None:
    text = "e\u0301 \u00e9 \u200d \u202e \r\n \ue000"
    assert Document("a", text.encode()).text == text


@pytest.mark.parametrize(
    ("data", "at", "why"),
    [
        ("[1]".encode("utf-16"), "1:1", "the byte order mark of UTF-16"),
        ("[1]".encode("utf-32"), "1:1", "the byte order mark of UTF-32"),
        ("[1]".encode("utf-16-be"), "1:1", "a NUL byte; is this UTF-16?"),
        (b'[1,\n"\xe9"]', "2:2", "invalid continuation byte"),
        (b'\xef\xbb\xbf"\x93"', "1:3", "invalid start byte"),
        (b'"\xc0\xaf"', "1:2", "invalid start byte"),
        (b'"\xed\xa0\x80"', "1:2", "invalid continuation byte"),
        (b"caf\xc3\xa9\na\0b", "2:2", "a NUL byte; is this UTF-16?"),
    ],
)
def test_bytes_that_are_not_plain_utf8_are_refused(data: bytes, at: str, why: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        _ = Document("notes/a.md", data).text
    assert caught.value.code == "evidence.encoding"
    assert caught.value.facts["at"] == f"notes/a.md:{at}"
    assert caught.value.facts["why"] == why
    assert "iconv" in caught.value.next_step
