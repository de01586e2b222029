"""The one next question: tied to a finding and its evidence, not yet asked in the packet."""

from collections.abc import Iterator, Sequence

from atelier.kernel.evidence import Citation
from atelier.soqratic.finding import Finding, FindingKind, Question
from atelier.soqratic.wording import day_of, quoted, shorten, slice_name
from atelier.terra.corpus import Corpus, Evidence
from atelier.terra.quotes import find_quote
from atelier.terra.retrieve import Retriever
from atelier.terra.words import content

_ASKED = 0.8
_SEARCHED = 20


def next_question(findings: Sequence[Finding], corpus: Corpus) -> Question | None:
    """The first question that no one has asked, in the order of the findings; None without any."""
    asked = _Asked(corpus)
    for finding in findings:
        for text in _wordings(finding, corpus, asked):
            if not asked.has(text):
                return Question(text=text, turns_on=(finding.id,), evidence=finding.evidence)
    return None


class _Asked:
    """The questions that stand in the packet."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._retriever = Retriever(corpus)

    def has(self, question: str) -> bool:
        """Whether the packet holds this question in these words."""
        return any(find_quote(question, text) for texts in self._corpus.texts for _, text in texts)

    def about(self, words: str) -> bool:
        """Whether a question in the packet already asks about what these words say."""
        wanted = set(content(words))
        return any(
            len(wanted & set(content(sentence))) >= _ASKED * len(wanted)
            for sentence in self._near(words)
        )

    def _near(self, words: str) -> Iterator[str]:
        for hit in self._retriever.search(words, _SEARCHED):
            for sentences in self._corpus.sentences(hit.index):
                for start, end in sentences.spans:
                    sentence = sentences.text[start:end]
                    if sentence.rstrip("\"”’» ").endswith(("?", "？")):
                        yield sentence


def _wordings(finding: Finding, corpus: Corpus, asked: _Asked) -> Iterator[str]:
    first = finding.evidence[0]
    match finding.kind:
        case FindingKind.OBLIGATION:
            yield from _about_obligation(first, corpus, asked)
        case FindingKind.TENSION:
            one, other = finding.evidence[0], finding.evidence[-1]
            yield (
                f"The {_said(one, corpus)} {quoted(one.quote, 9)}, and the {_said(other, corpus)}"
                f" {quoted(other.quote, 9)}: which of the two holds?"
            )
        case FindingKind.CHECK:
            claim = shorten(finding.statement.partition("”")[0].lstrip("“"), 9)
            yield f"The draft says “{claim}”; the source says {quoted(first.quote, 11)}: what was meant?"
        case FindingKind.UNCITED_SLICE:
            where = _where(first, corpus)
            yield f"{where} says {quoted(first.quote, 14)}, and it has not come up: what does it change?"


def _about_obligation(cited: Citation, corpus: Corpus, asked: _Asked) -> Iterator[str]:
    words = quoted(cited.quote, 16)
    if asked.about(cited.quote):
        yield f"{words} was asked about and is still open: what makes it hard to do?"
    yield f"{_where(cited, corpus)} says {words}, and it has not come up: what has become of it?"


def _said(cited: Citation, corpus: Corpus) -> str:
    day = _day(cited, corpus)
    return f"{slice_name(cited.address.slice)}{f' of {day}' if day else ''} says"


def _where(cited: Citation, corpus: Corpus) -> str:
    day = _day(cited, corpus)
    name = slice_name(cited.address.slice)
    return f"In the {name}, the entry {'for ' + day if day else 'there'}"


def _day(cited: Citation, corpus: Corpus) -> str:
    element = _element(cited, corpus)
    return day_of(element) if element else ""


def _element(cited: Citation, corpus: Corpus) -> Evidence | None:
    place = (cited.address.slice, cited.address.element)
    return next((item for item in corpus.elements if (item.slice, item.digest) == place), None)
