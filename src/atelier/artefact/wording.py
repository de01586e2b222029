"""The words of a sentence as the door sees them: content, names, amounts, negation."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import compile as pattern
from unicodedata import category

from atelier.kernel.evidence import Span
from atelier.terra.fold import fold, is_word
from atelier.terra.lexicon import MONTHS, WEEKDAYS
from atelier.terra.names import names
from atelier.terra.numbers import Amounts, amounts
from atelier.terra.words import content, stem, words

_NEGATION_WORDS = "not no never none nobody nothing nowhere neither nor cannot without"
_NEGATIONS = frozenset(_NEGATION_WORDS.split())
# Words that count without being numbers; each must stand in the evidence as it is.
_COUNTING_WORDS = """
hundreds thousands millions billions dozens once twice thrice half halved quarter double doubled
triple tripled
"""
_COUNTING = frozenset(_COUNTING_WORDS.split())
_OPENING = pattern(r"[\W_]*")
# "may" and "march" are verbs more often than months; their dates are found as amounts.
_CALENDAR = (WEEKDAYS | {name for name in MONTHS if len(name) > 3}) - {"march"}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text says, cut into what each rule looks at.

    `content` holds the stems that carry meaning, without names and amounts, which have rules of
    their own; the capitalised word that a sentence starts with is `initial`; `all` holds every word
    and stem; `plain` is the text without marks and capitals; `key` is everything by which two
    statements are told apart.
    """

    plain: tuple[str, ...]
    content: frozenset[str]
    all: frozenset[str]
    names: tuple[str, ...]
    initial: str
    calendar: frozenset[str]
    counting: frozenset[str]
    amounts: Amounts
    figures: frozenset[str]
    negated: bool
    key: frozenset[str]


@lru_cache(maxsize=16384)
def wording(text: str) -> Wording:
    """The wording of a text.

    Example:
        >>> found = wording("On Tuesday Maya didn't run 5 km with Noah.")
        >>> sorted(found.content), found.names, sorted(found.calendar), found.negated
        (['km', 'run'], ('Maya', 'Noah'), ['tuesday'], True)
    """
    found = amounts(text)
    spans = [item.span for item in found.quantities]
    spans += [date.span for date in found.dates] + [clock.span for clock in found.clocks]
    stated = _without(text, spans)
    opening = _OPENING.match(text)
    start = opening.end() if opening else 0
    named = [name for name in names(text) if name.span.start != start]
    first = next((name for name in names(text) if name.span.start == start), None)
    unnamed = _without(stated, [name.span for name in named])
    every = words(text)
    meant = frozenset(content(unnamed)) - {stem(word) for word in _CALENDAR}
    calendar = _CALENDAR.intersection(words(stated))
    others = [name.text for name in named]
    return Wording(
        plain=tuple(token for token in fold(text).tokens if is_word(token)),
        content=meant,
        all=frozenset(every) | {stem(word) for word in every},
        names=tuple(others),
        initial=first.text if first is not None else "",
        calendar=calendar,
        counting=_COUNTING.intersection(every),
        amounts=found,
        figures=frozenset(_figures(stated)),
        negated=not _NEGATIONS.isdisjoint(every),
        key=meant.union(calendar, _amount_names(found), *(words(name) for name in others)),
    )


def _amount_names(found: Amounts) -> list[str]:
    counts = [item for item in found.quantities if not item.weak]
    return [str(item) for item in (*counts, *found.dates, *found.clocks)]


def all_amounts(texts: Iterable[str]) -> Amounts:
    """What several texts state in numbers, together."""
    found = [amounts(text) for text in texts]
    return Amounts(
        quantities=tuple(item for one in found for item in one.quantities),
        dates=tuple(item for one in found for item in one.dates),
        clocks=tuple(item for one in found for item in one.clocks),
    )


def _figures(text: str) -> Iterable[str]:
    """Tokens with a digit that are no amounts, such as `s12` and `½`: compared as they are."""
    for token in fold(text).tokens:
        if any(category(char)[0] == "N" for char in token):
            yield token


def _without(text: str, spans: Iterable[Span]) -> str:
    for span in spans:
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text
