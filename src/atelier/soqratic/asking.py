"""The one next question: tied to a finding and its evidence, not yet asked in the packet."""

from collections.abc import Callable, Iterator, Sequence

from atelier.kernel.evidence import Citation
from atelier.soqratic.finding import (
    MAX_QUESTION_WORDS,
    Finding,
    FindingKind,
    Question,
    word_count,
)
from atelier.soqratic.wording import day_of, quoted, slice_name
from atelier.terra.corpus import Corpus, Passage
from atelier.terra.quotes import places
from atelier.terra.retrieve import Retriever
from atelier.terra.words import content, words

_ALIKE = 0.7
_MENTIONED = 0.6
_SEARCHED = 20
_LONGEST_QUOTE = 18


def next_question(findings: Sequence[Finding], corpus: Corpus) -> Question | None:
    """The first question that no one has asked, in the order of the findings; None without any."""
    packet = _Packet(corpus)
    for finding in findings:
        text, evidence = _wording(finding, packet)
        if not packet.asks(text):
            return Question(text=text, turns_on=(finding.id,), evidence=evidence)
    return None


class _Packet:
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

    def _questions(self, like: str) -> Iterator[str]:
        for hit in self._retriever.search(like, _SEARCHED):
            for sentences in self._corpus.sentences(hit.index):
                for start, end in sentences.spans:
                    sentence = sentences.text[start:end]
                    if sentence.rstrip('"”\u2019» ').endswith(("?", "\uff1f")):
                        yield sentence

    def mention(self, cited: Citation) -> Passage | None:
        """The latest passage of another slice that speaks of what a citation says."""
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
        best = max(windows, key=lambda window: (window.alignment.coverage, window.index))
        return best.passage

    def day(self, cited: Citation) -> str:
        """The day that the cited element carries, or empty."""
        place = (cited.address.slice, cited.address.element)
        found = (item for item in self._corpus.elements if (item.slice, item.digest) == place)
        return next((day_of(element) for element in found), "")


def _alike(one: set[str], other: set[str]) -> bool:
    return bool(one | other) and len(one & other) >= _ALIKE * len(one | other)


def _wording(finding: Finding, packet: _Packet) -> tuple[str, tuple[Citation, ...]]:
    """The question that a finding raises, and the evidence that it turns on."""
    first, last = finding.evidence[0], finding.evidence[-1]
    match finding.kind:
        case FindingKind.OBLIGATION:
            return _about_obligation(first, packet)
        case FindingKind.TENSION:
            text = _fit(
                lambda limit: (
                    f"{_source(first, packet)} {quoted(first.quote, limit)};"
                    f" {_source(last, packet, low=True)} {quoted(last.quote, limit)}:"
                    " which of the two holds?"
                )
            )
        case FindingKind.CHECK:
            said = finding.statement.partition("”")[0].lstrip("“")
            text = _fit(
                lambda limit: (
                    f"The draft says {quoted(said, limit)}, the source"
                    f" {quoted(first.quote, limit)}: what was meant?"
                )
            )
        case _:  # a slice that the draft never cites
            text = _fit(
                lambda limit: (
                    f"{_source(first, packet)} {quoted(first.quote, limit)}, and it has not come"
                    " up since: what does it change?"
                )
            )
    return text, finding.evidence


def _about_obligation(cited: Citation, packet: _Packet) -> tuple[str, tuple[Citation, ...]]:
    mention = packet.mention(cited)
    if mention is None:
        text = _fit(
            lambda limit: (
                f"{_source(cited, packet)} {quoted(cited.quote, limit)}, and it has not come up"
                " since: what has become of it?"
            )
        )
        return text, (cited,)
    where = slice_name(mention.element.slice)
    text = _fit(
        lambda limit: (
            f"{quoted(cited.quote, limit)} came up in the {where}, and nothing here takes it up:"
            " what stands in its way?"
        )
    )
    return text, (cited, mention.citation())


def _fit(wording: Callable[[int], str]) -> str:
    """The wording with as many quoted words as a question has room for."""
    for limit in range(_LONGEST_QUOTE, 1, -1):
        text = wording(limit)
        if word_count(text) <= MAX_QUESTION_WORDS:
            return text
    return "What stands in the way of what is not taken up here?"


def _source(cited: Citation, packet: _Packet, *, low: bool = False) -> str:
    day = packet.day(cited)
    name = slice_name(cited.address.slice)
    return f"{'the' if low else 'The'} {name}{f' of {day}' if day else ''} says"
