"""Quotes of real meetings, corrupted in twelve ways: true ones are accepted, false ones never."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from atelier.aggregate import Element
from atelier.kernel.evidence import Citation, Cite, Span, Verdict
from atelier.terra.clip import clipped
from atelier.terra.grounded import ground_text
from atelier.terra.quotes import QuoteFault, find_quote, resolve_cite
from atelier.terra.sentences import sentence_spans

Build = Callable[..., list[Element]]
PER_CLASS = 40
CONTEXT = 10
_MODALS = {"might": "will", "could": "will", "should": "must", "would": "will", "may": "will"}
_ANTONYMS = {
    "good": "bad", "big": "small", "more": "less", "first": "last", "always": "never",
    "easy": "hard", "new": "old", "high": "low", "before": "after", "like": "hate",
    "better": "worse", "long": "short", "right": "wrong", "need": "avoid", "start": "stop",
}  # fmt: skip
_NUMBERS = {"two": "three", "three": "five", "four": "six", "five": "seven", "ten": "twelve"}
_NOT = re.compile(r"\b(?:not|n't|never|no)\b|n't\b")


def _sentences(turn: dict[str, Any]) -> Iterator[str]:
    text = turn["text"]
    for start, end in sentence_spans(text):
        sentence = text[start:end]
        if 8 <= len(sentence.split()) <= 30:
            yield sentence


def _swap(sentence: str, table: dict[str, str]) -> str | None:
    for word, other in table.items():
        swapped, count = re.subn(rf"\b{word}\b", other, sentence, count=1)
        if count:
            return swapped
    return None


def _typography(sentence: str) -> str:
    """As a typist cleans it: no fillers, no annotations, curly apostrophes, tight punctuation."""
    clean = re.sub(r"\{[a-z_]+\}", "", sentence)
    clean = re.sub(r"(?i)(?<!\w)(?:um|uh|mm|hmm)(?!\w)(?: ,)?", "", clean)
    clean = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", clean)).strip()
    return clean.replace("'", "\u2019")


def _number(sentence: str) -> str | None:
    digits = re.sub(r"\d+", lambda found: str(int(found[0]) + 1), sentence, count=1)
    return digits if digits != sentence else _swap(sentence, _NUMBERS)


def _name(sentence: str) -> str | None:
    found = re.search(r"(?<=[a-z,] )[A-Z][a-z]{3,}", sentence)
    return sentence.replace(found[0], "Zebulon", 1) if found else None


def _negation_added(sentence: str) -> str | None:
    found = re.search(r"\b(?:is|was|are|were|have|can|will|do|would|should)\b(?! not)", sentence)
    return f"{sentence[: found.end()]} not{sentence[found.end() :]}" if found else None


def _negation_dropped(sentence: str) -> str | None:
    found = _NOT.search(sentence)
    if not found:
        return None
    dropped = (sentence[: found.start()] + sentence[found.end() :]).replace("  ", " ")
    return dropped if len(dropped.split()) > 5 else None


REWRITES: dict[str, Callable[[str], str | None]] = {
    "negation added": _negation_added,
    "negation dropped": _negation_dropped,
    "number changed": _number,
    "name changed": _name,
    "modality": lambda sentence: _swap(sentence, _MODALS),
    "antonym": lambda sentence: _swap(sentence, _ANTONYMS),
    "invented tail": lambda sentence: f"{sentence.rstrip(' .')} because the budget ran out in June",
}


class Meeting:
    """One turn of a meeting with its surroundings, as elements."""

    def __init__(self, build: Build, turns: list[dict[str, Any]], at: int) -> None:
        low = max(at - CONTEXT, 0)
        near = turns[low : at + CONTEXT + 1]
        values = [("turns", {"speaker": turn["speaker"], "text": turn["text"]}) for turn in near]
        self.elements = build(values)
        self.cited = self.elements[at - low]


@pytest.fixture(scope="module")
def cases(meetings: list[dict[str, Any]], elements_of: Build) -> list[tuple[Meeting, str]]:
    """Random sentences of random turns, with the surroundings of each."""
    draw = random.Random(7)  # noqa: S311 - a sample
    found: list[tuple[Meeting, str]] = []
    while len(found) < 900:
        turns = draw.choice(meetings)["turns"]
        at = draw.randrange(len(turns))
        sentences = list(_sentences(turns[at]))
        if sentences:
            found.append((Meeting(elements_of, turns, at), draw.choice(sentences)))
    return found


def _resolved(meeting: Meeting, quote: str) -> Citation | QuoteFault:
    return resolve_cite(Cite(handle=meeting.cited.handle, quote=quote), meeting.elements)


@pytest.mark.parametrize("form", ["verbatim", "typography"])
def test_true_quotes_are_accepted(cases: list[tuple[Meeting, str]], form: str) -> None:
    for meeting, sentence in cases[: 4 * PER_CLASS]:
        quote = sentence if form == "verbatim" else _typography(sentence)
        found = _resolved(meeting, quote)
        assert isinstance(found, Citation), (quote, sentence, found)
        assert found.quote in dict(meeting.cited.texts())["/text"]


@pytest.mark.parametrize("name", REWRITES)
def test_corrupted_quotes_are_never_accepted(cases: list[tuple[Meeting, str]], name: str) -> None:
    kinds: list[str] = []
    for meeting, sentence in cases:
        quote = REWRITES[name](sentence)
        texts = [text for element in meeting.elements for _, text in element.texts()]
        if quote is None or any(quote.lower() in text.lower() for text in texts):
            continue
        found = _resolved(meeting, quote)
        assert isinstance(found, QuoteFault), (quote, sentence)
        kinds.append(found.kind)
        if len(kinds) == PER_CLASS:
            break
    assert len(kinds) >= PER_CLASS // 2
    assert kinds.count("not_found") >= 0.95 * len(kinds)


def test_two_quotes_sewn_together_are_never_accepted(cases: list[tuple[Meeting, str]]) -> None:
    for (meeting, one), (_, other) in zip(cases[:PER_CLASS], cases[PER_CLASS:], strict=False):
        sewn = " ".join([*one.split()[:6], *other.split()[-6:]])
        found = _resolved(meeting, sewn)
        assert isinstance(found, QuoteFault)
        assert found.kind == "not_found"


def test_a_quote_under_another_turn_is_misattributed(cases: list[tuple[Meeting, str]]) -> None:
    count = 0
    for meeting, sentence in cases:
        others = [item for item in meeting.elements if item.speaker != meeting.cited.speaker]
        if not others or find_quote(sentence, dict(others[0].texts())["/text"]):
            continue
        found = resolve_cite(Cite(handle=others[0].handle, quote=sentence), meeting.elements)
        assert isinstance(found, QuoteFault)
        assert found.kind == "misattributed"
        count += 1
        if count == PER_CLASS:
            break
    assert count == PER_CLASS


def test_a_quote_cut_behind_a_negation_is_clipped(cases: list[tuple[Meeting, str]]) -> None:
    count = 0
    for meeting, sentence in cases:
        found = _NOT.search(sentence)
        rest = sentence[found.end() :].strip() if found else ""
        text = dict(meeting.cited.texts())["/text"]
        if len(rest.split()) < 4 or not rest[0].isalpha() or text.count(rest) != 1:
            continue
        start = text.index(rest)
        assert clipped(text, Span(start=start, end=start + len(rest)))
        fault = _resolved(meeting, rest)
        assert isinstance(fault, QuoteFault), (sentence, rest)
        assert fault.kind == "clipped", (sentence, rest, fault)
        count += 1
        if count == PER_CLASS:
            break
    assert count >= PER_CLASS // 2


@pytest.mark.parametrize("name", REWRITES)
def test_corrupted_statements_are_never_called_supported(
    cases: list[tuple[Meeting, str]], name: str
) -> None:
    count = 0
    for meeting, sentence in cases:
        claim = REWRITES[name](sentence)
        texts = [text for element in meeting.elements for _, text in element.texts()]
        if claim is None or any(claim.lower() in text.lower() for text in texts):
            continue
        for draft in (claim, f"{meeting.cited.speaker} said “{claim}”"):
            verdicts = {item.verdict for item in ground_text(draft, meeting.elements)}
            needing = verdicts - {Verdict.OUT_OF_SCOPE}
            assert needing != {Verdict.SUPPORTED}, (draft, sentence)
        count += 1
        if count == PER_CLASS:
            break
    assert count >= PER_CLASS // 2


def test_true_sentences_of_a_meeting_are_mostly_supported(cases: list[tuple[Meeting, str]]) -> None:
    """A false alarm is a sentence of the evidence itself that is refused; abstaining is none."""
    refused = supported = 0
    for meeting, sentence in cases[:200]:
        claims = ground_text(sentence, meeting.elements)
        needing = [item for item in claims if item.claim.kind.needs_support]
        refused += any(item.verdict is Verdict.UNSUPPORTED for item in needing)
        supported += all(item.verdict is Verdict.SUPPORTED for item in needing)
    assert refused <= 2
    assert supported >= 140
