"""The evidence behind a sentence, and what a sentence says that does not stand there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from re import compile as pattern

from atelier.artefact.basis import Footing
from atelier.artefact.wording import Wording, all_amounts, wording
from atelier.kernel.evidence import Verdict
from atelier.terra.fold import fold, is_word
from atelier.terra.lexicon import IRREGULAR
from atelier.terra.marks import quotations
from atelier.terra.numbers import Amounts
from atelier.terra.words import stem, words

# What a quotation may leave out or put in without changing the words that it quotes.
_ELISION = pattern(r"\[[^\]]*\]|\.{3,}|…")
_PARTED = pattern(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_AUXILIARIES = """
is are was were be has have had do does did will would can could may might must should
"""
_FINITE = frozenset([*IRREGULAR, *_AUXILIARIES.split()])
_ANYBODY = frozenset(["everything", "everyone", "something", "someone", "people", "things"])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Texts that a sentence may draw numbers, names and quoted words from."""

    texts: tuple[str, ...]
    words: frozenset[str]
    amounts: Amounts


def evidence_of(
    footings: Iterable[Footing],
    *,
    own_text: bool = False,
    also: Sequence[str] = (),
    parted: bool = False,
) -> Evidence:
    """The quotes of the claims' citations, and the texts of supported claims.

    A claim that is not supported is no evidence of itself, but where the sentence is its very
    text (`own_text`), which is printed under the claim's flag. `parted` reads the numbers inside
    words of `also`, so that a title may call the session "s12" session 12.
    """
    texts = list(also)
    for footing in footings:
        texts.extend(citation.quote for citation in footing.claim.citations)
        if own_text or footing.claim.verdict is Verdict.SUPPORTED:
            texts.append(footing.claim.claim.text)
    found = [wording(text) for text in texts]
    every = frozenset[str]().union(*(text.all | text.figures for text in found))
    inside = [_PARTED.sub(" ", text) for text in also] if parted else []
    return Evidence(tuple(texts), every, all_amounts([*texts, *inside]))


def missing_amounts(said: Wording, evidence: Evidence) -> list[str]:
    """The numbers, dates and times that a sentence states and the evidence does not."""
    missing = said.amounts.missing_from(evidence.amounts)
    missing.extend(
        str(date)
        for date in said.amounts.dates
        if date.day is not None
        and not any(
            date.agrees(other) and date.day == other.day for other in evidence.amounts.dates
        )
    )
    counted = sorted((said.figures | said.counting | said.calendar) - evidence.words)
    return list(dict.fromkeys([*missing, *counted]))


def missing_names(
    sentence: str, said: Wording, evidence: Evidence, *, known: frozenset[str]
) -> list[str]:
    """The names in a sentence that stand nowhere in the evidence.

    The word that a sentence starts with counts where the claims know it as a name, or where it is
    the subject of what follows.
    """
    missing = [name for name in said.names if not _occurs(name, evidence)]
    first = said.initial
    if (
        first
        and not _occurs(first, evidence)
        and (known.issuperset(words(first)) or _is_subject(sentence, first))
    ):
        missing.append(first)
    return missing


def missing_quotations(sentence: str, evidence: Evidence) -> list[str]:
    """The quoted words of a sentence that no text of the evidence holds in this order."""
    return [
        quotation.text
        for quotation in quotations(sentence)
        if not any(_holds(text, quotation.text) for text in evidence.texts)
    ]


def _occurs(name: str, evidence: Evidence) -> bool:
    parts = words(name)
    return all(part in evidence.words or stem(part) in evidence.words for part in parts)


def _is_subject(sentence: str, first: str) -> bool:
    """Whether a finite verb follows the word that a sentence starts with."""
    if first.casefold() in _ANYBODY:
        return False
    following = words(sentence[sentence.index(first) + len(first) :])[:1]
    return any(word in _FINITE or (len(word) > 4 and word.endswith("ed")) for word in following)


def _holds(text: str, quoted: str) -> bool:
    """Whether the parts of a quotation stand in a text, in order, word for word."""
    stream = _stream(text)
    at = 0
    for part in _parts(quoted):
        found = stream.find(part, at)
        if found < 0:
            return False
        at = found + len(part) - 1
    return True


def _parts(quoted: str) -> Iterator[str]:
    for part in _ELISION.split(quoted):
        if (stream := _stream(part)).strip():
            yield stream


def _stream(text: str) -> str:
    return f" {' '.join(token for token in fold(text).tokens if is_word(token))} "
