"""The content mark: recognised anywhere, and exact about edits."""

from hypothesis import given
from hypothesis import strategies as st

from atelier.artefact.mark import Mark, marked, read_mark, same_line

TEXT = "# Maya\n\nShe ran on Tuesday.[^1]\nShe slept badly all week.[^2]\n\n[^1]: “I ran”\n"


def test_mark_speaks_of_the_content_alone() -> None:
    whole, digest = marked(TEXT)
    assert whole.splitlines()[-1] == f"<!-- atelier:{digest} -->"
    assert marked(TEXT) == (whole, digest)
    assert read_mark(whole.encode()) == Mark(digest, intact=True)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_keeps_its_mark_and_every_edit_breaks_it(text: str) -> None:
    whole, digest = marked(text)
    assert read_mark(whole.encode()) == Mark(digest, intact=True)
    assert read_mark(("x" + whole).encode()) == Mark(digest, intact=False)
    assert read_mark((whole + "x").encode()) == Mark(digest, intact=False)


def test_converted_and_extended_files_are_recognised_and_not_intact() -> None:
    whole, digest = marked(TEXT)
    data = whole.encode()
    for edited in (
        data.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + data,
        data[:-1],
        data + b"\nmy note\n",
        b"my note\n" + data,
        data.replace(b"Tuesday", b"Friday"),
    ):
        assert read_mark(edited) == Mark(digest, intact=False)


def test_other_files_have_no_mark() -> None:
    for data in (b"", b"# Notes\n", b"<!-- atelier:sha256:12 -->", b"\xff\xfe\x00"):
        assert read_mark(data) is None


def test_last_of_several_marks_counts() -> None:
    first, _ = marked("a\n")
    second, digest = marked("b\n")
    assert read_mark((first + second).encode()) == Mark(digest, intact=False)


def test_unedited_line_is_found_wherever_it_went() -> None:
    lines = TEXT.splitlines()
    edited = "\r\n".join(["a note", "", *lines])
    for number, line in enumerate(lines, start=1):
        if line:
            assert same_line(TEXT, edited, number + 2) == number


def test_reworded_sentence_is_found_and_a_new_one_is_not() -> None:
    edited = TEXT.replace("all week", "the whole week").replace("# Maya", "Something else entirely")
    assert same_line(TEXT, edited, 4) == 4
    assert same_line(TEXT, edited, 1) is None


def test_sentence_moved_to_the_end_is_found() -> None:
    lines = TEXT.splitlines()
    moved = "\n".join([*lines[:2], *lines[3:], lines[2]])
    assert same_line(TEXT, moved, len(lines)) == 3


def test_line_that_does_not_exist_is_none() -> None:
    assert same_line(TEXT, TEXT, 0) is None
    assert same_line(TEXT, TEXT, 99) is None
    assert same_line("", "", 1) is None
