"""The one next question: tied to a finding and its evidence, not yet asked in the packet."""

from collections.abc import Callable, Iterator, Sequence
from re import compile as pattern

from atelier.kernel.evidence import Citation
from atelier.soqratic.finding import (
    MAX_QUESTION_WORDS,
    Finding,
    FindingKind,
    Question,
    word_count,
)
from atelier.soqratic.wording import dated, day_of, quoted, slice_name
from atelier.terra.corpus import Corpus, Evidence, Passage
from atelier.terra.quotes import places
from atelier.terra.retrieve import Retriever
from atelier.terra.words import content, words

_ALIKE = 0.7
_MENTIONED = 0.6
_ANSWERED = 0.9
_TELLING = 4  # words that a question is about, below which nothing can be said to answer it
_SEARCHED = 20
_LONGEST_QUOTE = 18
# A name that fits into a sentence: up to three words, and no mark that would end it.
_NAME = pattern(r"[^\W\d_][\w'\u2019\-]*(?: [\w'\u2019\-]+){0,2}")


def next_question(findings: Sequence[Finding], corpus: Corpus) -> Question | None:
    """The first question that no one has asked, in the order of the findings; None without any."""
    packet = Spoken(corpus)
    for finding in findings:
        text, evidence = _wording(finding, packet)
        if not packet.asks(text):
            return Question(text=text, turns_on=(finding.id,), evidence=evidence)
    return None


class Spoken:
    """What was said and asked in the packet."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._retriever = Retriever(corpus)

    def asks(self, question: str) -> bool:
        """Whether somebody asks this in the packet, in these words or nearly in these."""
        if places(question, self._corpus.elements):
            return True
        wanted = set(content(question))
        return any(_alike(wanted, set(content(asked))) for asked in self._questions(question))

    def answers(self, question: str) -> bool:
        """Whether a statement of the packet holds nearly every word that a question asks about."""
        wanted = content(question)
        if len(set(wanted)) < _TELLING:
            return False
        claim = words(question)
        return any(
            window.alignment.coverage >= _ANSWERED and not _is_question(window.passage.quote)
            for index in self._retriever.candidates(wanted)
            for window in self._retriever.windows(claim, index)
        )

    def _questions(self, like: str) -> Iterator[str]:
        for hit in self._retriever.search(like, _SEARCHED):
            for sentences in self._corpus.sentences(hit.index):
                for start, end in sentences.spans:
                    sentence = sentences.text[start:end]
                    if _is_question(sentence):
                        yield sentence

    def mention(self, cited: Citation) -> Passage | None:
        """The passage of another slice that holds most of what a citation says, late before early.

        Somebody's own words go before any record: they say that it came up, and who spoke.
        """
        claim = words(cited.quote)
        windows = [
            window
            for index in self._retriever.candidates(content(cited.quote))
            if self._corpus.elements[index].slice != cited.address.slice
            for window in self._retriever.windows(claim, index)
            if window.alignment.coverage >= _MENTIONED
        ]
        if not windows:
            return None
        best = max(
            windows,
            key=lambda window: (
                bool(window.passage.element.speaker),
                window.alignment.coverage,
                window.index,
            ),
        )
        return best.passage

    def day(self, cited: Citation) -> str:
        """The day that the cited element carries, or empty."""
        element = self._element(cited)
        return day_of(element) if element else ""

    def due(self, cited: Citation) -> str:
        """The day of the cited element as an apposition: ", due 6 March"; or empty."""
        element = self._element(cited)
        return dated(element) if element else ""

    def _element(self, cited: Citation) -> Evidence | None:
        place = (cited.address.slice, cited.address.element)
        found = (item for item in self._corpus.elements if (item.slice, item.digest) == place)
        return next(found, None)


def _is_question(sentence: str) -> bool:
    return sentence.rstrip('"”\u2019» ').endswith(("?", "\uff1f"))


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one | other) and len(one & other) >= _ALIKE * len(one | other)


def _wording(finding: Finding, packet: Spoken) -> tuple[str, tuple[Citation, ...]]:
    """The question that a finding raises, and the evidence that it turns on."""
    first, last = finding.evidence[0], finding.evidence[-1]
    match finding.kind:
        case FindingKind.OBLIGATION:
            return _about_obligation(first, packet)
        case FindingKind.TENSION:
            text = _fit(
                lambda limit: (
                    f"Of {quoted(first.quote, limit)} in {_source(first, packet)} and"
                    f" {quoted(last.quote, limit)} in {_source(last, packet)}, which holds?"
                )
            )
        case FindingKind.CHECK:
            said = finding.statement.partition("”")[0].lstrip("“")
            text = _fit(
                lambda limit: (
                    f"This account says {quoted(said, limit)}, {_source(first, packet)}"
                    f" {quoted(first.quote, limit)}: what was meant?"
                )
            )
        case _:  # a slice that nothing rests on
            text = _fit(
                lambda limit: (
                    f"{quoted(first.quote, limit)} stands in {_source(first, packet)}, and nothing"
                    " here rests on it: what does it change?"
                )
            )
    return text, finding.evidence


def _about_obligation(cited: Citation, packet: Spoken) -> tuple[str, tuple[Citation, ...]]:
    due = packet.due(cited)
    due = f"{due}," if due else ""
    mention = packet.mention(cited)
    if mention is None:
        text = _fit(
            lambda limit: f"{quoted(cited.quote, limit)}{due} is still open: what has become of it?"
        )
        return text, (cited,)
    where = slice_name(mention.element.slice)
    speaker = mention.element.speaker
    came_up = f"{speaker} spoke of it" if _NAME.fullmatch(speaker) else "it came up"
    text = _fit(
        lambda limit: (
            f"{quoted(cited.quote, limit)}{due} is still open; {came_up} in"
            f" the {where}: what stands in its way?"
        )
    )
    return text, (cited, mention.citation())


def _fit(wording: Callable[[int], str]) -> str:
    """The wording with as many quoted words as a question has room for."""
    for limit in range(_LONGEST_QUOTE, 1, -1):
        text = wording(limit)
        if word_count(text) <= MAX_QUESTION_WORDS:
            return text
    return "What stands in the way of what is still open here?"


def _source(cited: Citation, packet: Spoken) -> str:
    day = packet.day(cited)
    return f"the {slice_name(cited.address.slice)}{f' of {day}' if day else ''}"
