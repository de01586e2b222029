from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from atelier.aggregate import Element
from atelier.kernel.evidence import Citation, Cite, Match, Span
from atelier.terra.clip import clipped
from atelier.terra.fold import fold
from atelier.terra.quotes import QuoteFault, find_quote, locate, resolve_cite

Build = Callable[..., list[Element]]
WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["I", "did", "not", "sleep", "4.5", "hours,", "“well”", "你好", "e\u0301te\u0301",
             "של\u05d5ם", "🙂", "👩\u200d🚀", "um,", "\ufefffour", "-5%", "Ünïcode", "...", "don\u2019t"]
        ),
        st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip
GAPS = st.sampled_from([" ", "  ", "\n", "\r\n", "\u00a0"])


@given(WORDS, GAPS, st.data())
def test_any_run_of_whole_tokens_cites_exactly_itself(
    words: list[str], gap: str, data: st.DataObject
) -> None:
    text = gap.join(words)
    folded = fold(text)
    assume(any(char.isalnum() for token in folded.tokens for char in token))
    first = data.draw(st.integers(0, len(folded.tokens) - 1))
    last = data.draw(st.integers(first + 1, len(folded.tokens)))
    span = folded.span(first, last)
    quote = text[span.start : span.end]
    # What `strip` takes off the ends of a quote is white space and no word.
    assume(quote == quote.strip())
    assume(fold(quote).tokens == folded.tokens[first:last])
    assume(any(char.isalnum() for token in folded.tokens[first:last] for char in token))
    assert (span, Match.VERBATIM) in find_quote(quote, text)


@given(WORDS, st.data())
def test_an_edited_quote_is_never_verbatim(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    at = data.draw(st.integers(0, len(text) - 1))
    char = data.draw(st.characters(codec="utf-8"))
    edited = text[:at] + char + text[at + 1 :]
    assume(edited.strip() not in text)
    assert all(match is not Match.VERBATIM for _, match in find_quote(edited, text))


@given(WORDS, WORDS)
def test_every_match_recuts_to_the_same_canonical_words(one: list[str], other: list[str]) -> None:
    quote, text = " ".join(one), " ".join([*other, *one, *other])
    for span, match in find_quote(quote, text):
        if match is Match.VERBATIM:
            assert text[span.start : span.end] == quote.strip()


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("I did sleep", "I did not sleep", None),
        ("sleep", "I oversleep", None),
        ("4 hours", "1.4 hours", None),
        ("4 hours", "$4 hours", None),
        ("5 degrees", "-5 degrees", None),
        ("1200 euros", "1,200 euros", None),
        ("I'm  FINE", "Well, I\u2019m fine", "I\u2019m fine"),
        ("so I went home", "So, um, I went home.", "So, um, I went home"),
        ("um I went home", "I went home", None),
        ("I went home.", "So I went home, then", "I went home"),
        ("I went home?", "I went home.", None),
        ("I did not sleep more than", "I did not sleep. More than", None),
        ("the whole thing … every night", "the whole thing was odd every night", None),
        (
            "the whole long thing … every night of it",
            "the whole long thing was odd every night of it",
            "the whole long thing was odd every night of it",
        ),
        ("I went home …", "I went home then", "I went home"),
        (
            "every night of it … the whole long thing",
            "the whole long thing every night of it",
            None,
        ),
        ("not … sleep", "I did not want to sleep", None),
        ("她没睡", "昨天她没睡好", "她没睡"),
        ("", "text", None),
        ("…", "text", None),
    ],
)
def test_quotes_are_found_exactly_or_not_at_all(quote: str, text: str, found: str | None) -> None:
    spans = [text[span.start : span.end] for span, _ in find_quote(quote, text)]
    assert spans == ([] if found is None else [found])


@pytest.mark.parametrize(
    ("text", "quote", "word"),
    [
        ("I did not sleep more than 4 hours.", "sleep more than 4 hours", "not"),
        ("I might move to Berlin next year.", "move to Berlin next year", "might"),
        ("I think we should stop here.", "stop here", "should"),
        ("If it rains I stay at home.", "I stay at home", "if"),
        ("I slept twenty four hours.", "four hours", "twenty four"),
        ("I'll come to see you if I can.", "I'll come to see you", "if"),
        ("Did you sleep for four hours?", "sleep for four hours", "?"),
        ("I didn't say that I was fine.", "I was fine", "didn't"),
        ("I did not sleep. I ran for an hour.", "I ran for an hour", ""),
        ("I was not there but I heard of it.", "I heard of it", ""),
        ("I did not sleep more than 4 hours.", "I did not sleep", ""),
        ("Did you sleep for four hours?", "Did you sleep for four hours?", ""),
    ],
)
def test_a_cut_that_turns_the_meaning_is_named(text: str, quote: str, word: str) -> None:
    start = text.index(quote)
    assert clipped(text, Span(start=start, end=start + len(quote))) == word


def test_an_ellipsis_may_not_hide_a_negation(elements_of: Build) -> None:
    (element,) = elements_of(
        [("t", "I really wanted to leave but could not, for the whole night.")]
    )
    cite = Cite(handle=element.handle, quote="I really wanted to leave … for the whole night")
    fault = resolve_cite(cite, [element])
    assert isinstance(fault, QuoteFault)
    assert fault.kind == "clipped"


def turn(who: str, text: str) -> tuple[str, Any]:
    return "transcript", {"speaker": who, "text": text}


@pytest.fixture
def packet(elements_of: Build) -> list[Element]:
    return elements_of(
        [
            turn("Maya", "I did not sleep more than four hours, and I was fine."),
            turn("Coach", "What would help you start the essay this week?"),
            turn("Maya", "Fine. I keep opening the essay file. Fine."),
            turn("Coach", "Mm."),
        ]
    )


@pytest.mark.parametrize(
    ("place", "quote", "kind"),
    [
        (0, "sleep more than four hours", "clipped"),
        (1, "I keep opening the essay file", "misattributed"),
        (0, "I slept four hours every single night", "not_found"),
        (2, "Fine", "too_short"),
        (0, "...", "not_found"),
    ],
)
def test_faults_have_their_own_kinds(
    packet: list[Element], place: int, quote: str, kind: str
) -> None:
    fault = resolve_cite(Cite(handle=packet[place].handle, quote=quote), packet)
    assert isinstance(fault, QuoteFault)
    assert fault.kind == kind


def test_an_unknown_handle_is_named(packet: list[Element]) -> None:
    fault = resolve_cite(Cite(handle="transcript-0", quote="I keep opening"), packet)
    assert isinstance(fault, QuoteFault)
    assert (fault.kind, "transcript-0" in fault.detail) == ("unknown_handle", True)


def test_a_misattributed_quote_names_where_it_stands(packet: list[Element]) -> None:
    fault = resolve_cite(Cite(handle=packet[1].handle, quote="I keep opening the essay"), packet)
    assert isinstance(fault, QuoteFault)
    assert packet[2].handle in fault.detail


def test_a_missing_quote_suggests_the_nearest_passage_and_cites_nothing(
    packet: list[Element],
) -> None:
    fault = resolve_cite(
        Cite(handle=packet[0].handle, quote="I keep shutting the essay file"), packet
    )
    assert isinstance(fault, QuoteFault)
    assert fault.near is not None
    assert fault.near.quote == "I keep opening the essay file."


def test_a_resolved_quote_is_cut_out_of_the_source(packet: list[Element]) -> None:
    cite = Cite(handle=packet[2].handle, quote="i keep   OPENING the essay file")
    found = resolve_cite(cite, packet)
    assert isinstance(found, Citation)
    assert (found.quote, found.match) == ("I keep opening the essay file", Match.CANONICAL)
    text = dict(packet[2].texts())[found.address.pointer]
    assert found.address.span is not None
    assert text[found.address.span.start : found.address.span.end] == found.quote


def test_a_short_quote_that_stands_once_is_found(packet: list[Element]) -> None:
    assert isinstance(resolve_cite(Cite(handle=packet[3].handle, quote="Mm"), packet), Citation)


def test_without_a_handle_every_element_is_searched(packet: list[Element]) -> None:
    found = locate("keep opening the essay file", packet)
    assert not isinstance(found, QuoteFault)
    assert found.passage.element is packet[2]


def test_equal_elements_keep_their_own_occurrence_when_cited_by_handle(elements_of: Build) -> None:
    twice = elements_of([("journal", "I slept very well."), ("journal", "I slept very well.")])
    found = resolve_cite(Cite(handle=twice[1].handle, quote="I slept very well."), twice)
    assert isinstance(found, Citation)
    assert found.address.occurrence == 2
