"""What sentences and typed fields assert in numbers, dates and polarity, made comparable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.corpus import Corpus, Evidence, Passage, numbers_of
from atelier.terra.lexicon import HEDGES, MODALS, NEGATIONS, REPORTING, STOP_WORDS, TIMES
from atelier.terra.numbers import Amounts, amounts, is_number_word
from atelier.terra.words import stem, words

_FIRST_PERSON = frozenset(["i", "me", "my", "we", "us", "our"])
_DATE = pattern(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?\Z")
_UNTYPED = pattern(r"(?:^|_)(?:id|row|index|line|order|seq|number|version|page|at)$")
_LONGEST_TITLE = 12
# The fields that say what a record is about, most telling first.
_TITLES = [
    "title",
    "what",
    "name",
    "task",
    "goal",
    "commitment",
    "milestone",
    "label",
    "text",
    "summary",
]
_NONE: frozenset[str] = frozenset()
_IGNORED = STOP_WORDS | NEGATIONS | REPORTING | HEDGES | MODALS


@dataclass(frozen=True, slots=True)
class Fact:
    """One assertion: what about, when, how much, and whether it is denied."""

    core: frozenset[str]
    subjects: frozenset[str]
    times: frozenset[str]
    amounts: Amounts
    negated: bool
    passage: Passage | None = None
    field: str = ""


def fact_of(
    text: str,
    speakers: Mapping[str, str],
    passage: Passage | None = None,
    *,
    said: Sequence[str] | None = None,
) -> Fact:
    """The assertion of one sentence; `said` are its words, where they are known.

    Example:
        >>> fact = fact_of("Maya slept 4 hours on Monday", {"maya": "Maya"})
        >>> sorted(fact.core), sorted(fact.subjects), sorted(fact.times)
        (['sleep'], ['maya'], ['monday'])
    """
    found = words(text) if said is None else said
    stated = amounts(text)
    named = frozenset(word for word in found if word in speakers)
    speaker = passage.element.speaker.casefold() if passage else ""
    if speaker and _FIRST_PERSON.intersection(found):
        named |= {speaker}
    units = {quantity.unit for quantity in stated.quantities}
    core = frozenset(
        root
        for word in found
        if word not in _IGNORED and word not in TIMES and word not in named
        if not is_number_word(word) and (root := stem(word)) not in units
    )
    return Fact(
        core=core,
        subjects=named,
        times=frozenset(word for word in found if word in TIMES),
        amounts=stated,
        negated=sum(word in NEGATIONS for word in found) % 2 == 1,
        passage=passage,
    )


def facts_of(corpus: Corpus, index: int) -> Iterator[Fact]:
    """The assertions of one element: of each sentence, then of each typed field."""
    element = corpus.elements[index]
    for sentences in corpus.sentences(index):
        for (start, end), said in zip(sentences.spans, sentences.words, strict=True):
            span = Span(start=start, end=end)
            passage = Passage(element, sentences.pointer, sentences.text, span)
            yield fact_of(passage.quote, corpus.speakers, passage, said=said)
    yield from _typed(element, corpus.texts[index])


def _typed(element: Evidence, texts: list[tuple[str, str]]) -> Iterator[Fact]:
    if not isinstance(element.value, dict) or element.speaker:
        return
    prose = [(place, text) for place, text in texts if text.strip() and not _DATE.match(text)]
    if not prose:
        return
    # A number is no text that can be quoted, so the words beside it are cited for it.
    place, text = min(prose, key=lambda item: (_rank(item[0]), -len(item[1])))
    beside, title = _whole(element, place, text), _title(text)
    if not 0 < len(title) <= _LONGEST_TITLE:
        return
    fields = [
        (place, text, _whole(element, place, text)) for place, text in texts if _DATE.match(text)
    ]
    fields += [(place, number, beside) for place, number in numbers_of(element)]
    for place, text, passage in fields:
        name = place.rpartition("/")[2]
        if not _UNTYPED.search(name):
            stated = amounts(text)
            yield Fact(
                title, _NONE, _NONE, stated, negated=False, passage=passage, field=stem(name)
            )


def _whole(element: Evidence, place: str, text: str) -> Passage:
    return Passage(element, place, text, Span(start=0, end=len(text)))


def _rank(place: str) -> int:
    name = place.rpartition("/")[2]
    return _TITLES.index(name) if name in _TITLES else len(_TITLES)


def _title(text: str) -> frozenset[str]:
    return frozenset(
        stem(word) for word in words(text) if word not in _IGNORED and not is_number_word(word)
    )


def denies(one: Fact, other: Fact) -> bool:
    """Whether two assertions about the same thing at the same time cannot both hold.

    Example:
        >>> four, seven = (fact_of(f"Maya slept {n} hours on Monday", {"maya": "Maya"}) for n in (4, 7))
        >>> denies(four, seven), denies(four, four)
        (True, False)
    """
    if one.field or other.field:
        return _fields_differ(one, other)
    if not _same_matter(one, other):
        return False
    if one.negated == other.negated:
        return _differ(one.amounts, other.amounts)
    close = _jaccard(one.core, other.core) >= 0.8
    return close and len(one.core & other.core) >= 2 and not _differ(one.amounts, other.amounts)


def affirms(one: Fact, other: Fact) -> bool:
    """Whether the second states the first's amounts about the same thing at the same time."""
    if one.field or other.field:
        return _same_field(one, other) and _agree(one.amounts, other.amounts)
    return (
        _same_matter(one, other)
        and one.negated == other.negated
        and _agree(one.amounts, other.amounts)
    )


def _same_matter(one: Fact, other: Fact) -> bool:
    if one.times != other.times:
        return False
    if one.subjects and other.subjects and not one.subjects & other.subjects:
        return False
    shared = one.core & other.core
    named = bool(one.subjects & other.subjects) or bool(one.times)
    return len(shared) + named >= 2 and bool(shared) and _jaccard(one.core, other.core) >= 0.6


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def _differ(one: Amounts, other: Amounts) -> bool:
    """Whether both state an amount of the same kind, and no two of that kind agree."""
    if one.dates and other.dates:
        return not any(date.agrees(there) for date in one.dates for there in other.dates)
    pairs = [
        (here, there)
        for here in one.quantities
        for there in other.quantities
        if here.unit == there.unit and not here.weak and not there.weak
    ]
    return bool(pairs) and all(here.value != there.value for here, there in pairs)


def _agree(one: Amounts, other: Amounts) -> bool:
    return bool(one) and not one.missing_from(other)


def _fields_differ(one: Fact, other: Fact) -> bool:
    return _same_field(one, other) and _differ_typed(one.amounts, other.amounts)


def _differ_typed(one: Amounts, other: Amounts) -> bool:
    if one.dates and other.dates:
        return _differ(one, other)
    values = {quantity.value for quantity in one.quantities if not quantity.weak}
    others = {quantity.value for quantity in other.quantities if not quantity.weak}
    return bool(values) and bool(others) and not values & others


def _same_field(one: Fact, other: Fact) -> bool:
    """Whether both speak of the same field of the same thing; prose must name the field."""
    if one.field and other.field:
        return one.field == other.field and _jaccard(one.core, other.core) >= 0.6
    typed, prose = (one, other) if one.field else (other, one)
    if typed.field not in prose.core or prose.negated:
        return False
    rest = prose.core - {typed.field}
    return bool(rest) and rest <= typed.core and len(rest) * 2 >= len(typed.core)
