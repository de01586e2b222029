import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atelier.terra.segment import segment, unquoted
from atelier.terra.sentences import sentences
from atelier.terra.surface import kind_of, needs_support

DRAFT = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "# Heading\n",
                "\n",
                "\n\n",
                "- item one. Item two.\n",
                "1. first\n",
                "> quoted\n> more\n",
                "| a | b |\n|---|---|\n",
                "```\ncode\n",
                "Dr. Smith slept 4.5 hours. ",
                "“I ran. I won.” ",
                "She said: ",
                "她睡了。他没睡\uff01",
                "Hm... ",
                "\r\n",
                "\ufeff",
                "  ",
                "**Bold**\n",
                "\u2028",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=12,
).map("".join)


@given(DRAFT)
@example("")
@example(" \n\n ")
@example("\x85# \r\n\x0c")
def test_every_character_belongs_to_exactly_one_unit(draft: str) -> None:
    units = segment(draft)
    assert "".join(draft[unit.span.start : unit.span.end] for unit in units) == draft
    ends = [0, *(unit.span.end for unit in units)]
    assert [unit.span.start for unit in units] == ends[:-1]
    for unit in units:
        if unit.body is not None:
            assert unit.span.start <= unit.body.start < unit.body.end <= unit.span.end
            assert draft[unit.body.start : unit.body.end] == unit.text == unit.text.strip()


@given(DRAFT)
def test_no_word_is_outside_a_body(draft: str) -> None:
    covered = set[int]()
    for unit in segment(draft):
        if unit.body is not None:
            covered.update(range(unit.body.start, unit.body.end))
    outside = "".join(char for index, char in enumerate(draft) if index not in covered)
    assert not any(char.isalpha() and not char.isascii() for char in outside)
    assert not any(char.isalpha() for char in outside.replace("x", "").replace("X", ""))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Smith slept 4.5 hours on Mon. 3 March. He ran.", 2),
        ("J. K. Rowling wrote it. She won.", 2),
        ("He paid $4.50, e.g. for tea, etc. It was late.", 2),
        ("We met at 9 a.m. on Monday. We left at 5 p.m. Then we slept.", 3),
        ("“I ran. I won,” she said. Then she left.", 2),
        ("“I ran.” Maya said so.", 1),
        ("Maya wrote: “Felt better.” She wrote: “I ran.”", 2),
        ("Well... I think so. Yes.", 2),
        ("Really? Yes! No.", 3),
        ("她睡了。他没睡\uff01好", 3),
        ("it slept . it ran . it won .", 3),
        ("It costs approx. 5 euros. Fine.", 2),
        ("One line\nand its end.\n\nAnother paragraph", 2),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, count: int) -> None:
    assert len(sentences(text)) == count, sentences(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Maya said “I did not sleep”.", "quote"),
        ("Maya said that she slept.", "attribution"),
        ("She slept 4 hours.", "number"),
        ("She slept badly.", "fact"),
        ("Try a walk before work.", "advice"),
        ("Ask Maya about the essay.", "advice"),
        ("Maya should rest more.", "advice"),
        ("Maya should have rested.", "fact"),
        ("Maya could not rest.", "fact"),
        ("You could not rest.", "fact"),
        ("Consider that Maya quit her job.", "fact"),
        ("Try 4 hours of sleep.", "number"),
        ("What changed?", "question"),
        ("You said “I never sleep”: what changed?", "question"),
        ("Maya asked: “Why am I here?”", "quote"),
    ],
)
def test_a_statement_wins_over_advice(text: str, kind: str) -> None:
    assert kind_of(text).value == kind


def test_a_long_heading_or_one_that_ends_like_a_sentence_needs_support() -> None:
    assert segment("# Week 3, 12 March\n")[0].kind.value == "heading"
    assert segment("# Maya quit her job and moved to Berlin.\n")[0].kind.needs_support


def test_what_holds_no_word_needs_no_support() -> None:
    assert not needs_support("---")
    assert [unit.body for unit in segment("---\n")] == [None]


def test_a_block_quotation_is_a_quote_without_its_markers() -> None:
    (unit,) = segment("> I never\n> slept well.\n")
    assert unit.kind.value == "quote"
    assert unquoted(unit) == "I never slept well."
