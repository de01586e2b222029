"""Amounts in a text: digits and words, grouping, per cent, money, units, dates and times."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from re import Pattern
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.dates import Clock, Date, clocks, dates

_UNIT_NAMES = {
    "%": "% percent pct percentage",
    "$": "$ dollar dollars usd bucks",
    "€": "€ euro euros eur",
    "£": "£ pound pounds gbp quid",
    "hour": "hour hours hr hrs h",
    "minute": "minute minutes min mins",
    "second": "seconds sec secs",
    "day": "day days",
    "night": "night nights",
    "week": "week weeks wk wks",
    "month": "month months",
    "year": "year years yr yrs",
    "km": "km kilometre kilometres kilometer kilometers kms",
    "mile": "mile miles",
    "metre": "metre metres meter meters",
    "kg": "kg kilo kilos kilogram kilograms kgs",
    "page": "page pages",
    "word": "words",
    "time": "times",
    "point": "point points",
}
_UNITS = {name: unit for unit, names in _UNIT_NAMES.items() for name in names.split()}
_SCALES = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "m": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "dozen": 12,
}
_SMALL = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: value
    for value, word in zip(
        range(20, 100, 10),
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
        strict=True,
    )
}
_ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        start=1,
    )
}
_CARDINALS = {**_SMALL, **_TENS}
# As pronouns, articles and particles they count nothing.
_WEAK = frozenset({"one", "first", "second", "zero"})

_DIGITS = (
    r"(?<![\w.,])(?:(?<![-\u2212])(?P<sign>[-+\u2212]|minus ))?(?:(?P<money>[$€£])\s?)?"
    r"(?P<body>\d{1,3}(?:,\s?\d{3})+(?!\d)|\d+)(?P<part>\.\d+)?"
    r"(?P<ordinal>st|nd|rd|th)?(?P<rest>(?:\s|-)?[^\W\d_]+|\s?%)?"
)
_CARDINAL = "|".join(sorted(_CARDINALS, key=len, reverse=True))
_SPELT = (
    rf"\b(?:(?P<negative>minus) )?(?P<run>(?:(?:a|half a)(?= (?:hundred|thousand|million|billion|dozen)\b)"
    rf"|(?:{_CARDINAL}|{'|'.join(_ORDINALS)})\b)"
    rf"(?:[\s-](?:and )?(?:{_CARDINAL}|hundred|thousand|million|billion|dozen)\b)*)"
    r"(?P<rest>\s[^\W\d_]+)?"
)
_HINT = rf"\d|\b(?:{_CARDINAL}|{'|'.join(_ORDINALS)}|hundred|thousand|million|dozen)\b"


@cache
def _compiled(expression: str) -> Pattern[str]:
    # On first use: most commands read no numbers.
    return pattern(expression)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, where it states one; `weak` ones are seldom counts."""

    value: Decimal
    unit: str
    span: Span
    weak: bool = False

    def agrees(self, other: "Quantity") -> bool:
        """Whether both state the same amount; a missing unit agrees with any but % and money."""
        if self.value != other.value:
            return False
        if self.unit == other.unit:
            return True
        return "" in {self.unit, other.unit} and not {self.unit, other.unit} & {"%", "$", "€", "£"}

    def __str__(self) -> str:
        return f"{self.value.normalize():f}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class Amounts:
    """All that a text states in numbers."""

    quantities: tuple[Quantity, ...] = ()
    dates: tuple[Date, ...] = ()
    clocks: tuple[Clock, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.quantities or self.dates or self.clocks)

    def missing_from(self, others: "Amounts") -> list[str]:
        """What these state and the others do not, as text; weak numbers aside.

        A bare year is stated by a date of that year.
        """
        years = {Decimal(date.year) for date in others.dates if date.year}
        return [
            *(str(date) for date in self.dates if not any(map(date.agrees, others.dates))),
            *(str(clock) for clock in self.clocks if not any(map(clock.agrees, others.clocks))),
            *(
                str(quantity)
                for quantity in self.quantities
                if not quantity.weak
                and not any(map(quantity.agrees, others.quantities))
                and not (quantity.unit == "" and quantity.value in years)
            ),
        ]


NOTHING = Amounts()


@lru_cache(maxsize=16384)
def amounts(text: str) -> Amounts:
    """The quantities, dates and times of day that a text states.

    Example:
        >>> [str(quantity) for quantity in amounts("Twelve hundred euros, -4.50 % and 235, 000").quantities]
        ['1200 €', '-4.5 %', '235000']
    """
    lowered = text.lower()
    if not _compiled(_HINT).search(lowered):
        return NOTHING
    found_dates = dates(text)
    rest = _blanked(lowered, [date.span for date in found_dates])
    found_clocks = list(clocks(rest))
    rest = _blanked(rest, [clock.span for clock in found_clocks])
    digits = list(_from_digits(rest))
    rest = _blanked(rest, [quantity.span for quantity in digits])
    quantities = sorted([*digits, *_from_words(rest)], key=lambda found: found.span.start)
    return Amounts(tuple(_with_units(quantities)), tuple(found_dates), tuple(found_clocks))


def has_amount(text: str) -> bool:
    """Whether a text states a number that is more than a pronoun.

    Example:
        >>> has_amount("No one slept."), has_amount("Two of them slept.")
        (False, True)
    """
    found = amounts(text)
    return bool(found.dates or found.clocks) or any(not item.weak for item in found.quantities)


def is_number_word(word: str) -> bool:
    """Whether a lower-case word is a number or part of one.

    Example:
        >>> is_number_word("twelve"), is_number_word("4.5"), is_number_word("hours")
        (True, True, False)
    """
    return word[:1].isdigit() or word in _CARDINALS or word in _ORDINALS or word in _SCALES


def _blanked(text: str, spans: list[Span]) -> str:
    for span in spans:
        # A private-use character, so that nothing reads across what was taken out.
        text = text[: span.start] + "\ue000" * (span.end - span.start) + text[span.end :]
    return text


def _from_digits(text: str) -> Iterator[Quantity]:
    for match in _compiled(_DIGITS).finditer(text):
        value = Decimal("".join(match["body"].split()).replace(",", "") + (match["part"] or ""))
        end = (
            match.end("ordinal")
            if match["ordinal"]
            else match.end("part" if match["part"] else "body")
        )
        rest = (match["rest"] or "").strip(" -\n\t")
        if rest in _SCALES and not match["ordinal"]:
            value *= _SCALES[rest]
            end = match.end()
            rest = _next_word(text, end)
        unit = "ordinal" if match["ordinal"] else match["money"] or _UNITS.get(rest, "")
        if match["sign"] and match["sign"] != "+":
            value = -value
        yield Quantity(value, unit, Span(start=match.start(), end=end))


def _next_word(text: str, at: int) -> str:
    found = _FOLLOWING.match(text, at)
    return found[1] if found else ""


_FOLLOWING = pattern(r"[\s-]?([^\W\d_]+|%)")


def _from_words(text: str) -> Iterator[Quantity]:
    for match in _compiled(_SPELT).finditer(text):
        parts = match["run"].replace("-", " ").split()
        span = Span(start=match.start(), end=match.end("run"))
        unit = _UNITS.get((match["rest"] or "").strip(), "")
        if parts[0] in _ORDINALS:
            if len(parts) == 1:
                value = Decimal(_ORDINALS[parts[0]])
                yield Quantity(value, "ordinal", span, weak=parts[0] in _WEAK)
            continue
        weak = len(parts) == 1 and parts[0] in _WEAK and not unit
        share = Decimal("0.5") if parts[0] == "half" else 1
        for value in _spelt(parts):
            signed = -value if match["negative"] else value
            yield Quantity(signed * share, unit, span, weak=weak)


def _spelt(parts: list[str]) -> Iterator[Decimal]:
    """The values of a run of number words: "two or three" is two of them, "twenty three" one."""
    total, current, last = 0, 0, 10**12
    for part in parts:
        if part in _SCALES:
            current = max(current, 1) * _SCALES[part]
            if _SCALES[part] > 100:
                total, current = total + current, 0
            last = 100
        elif part in _CARDINALS:
            value = _CARDINALS[part]
            if current and not _adds(last, value):
                yield Decimal(total + current)
                total = current = 0
            current += value
            last = value
    yield Decimal(total + current)


def _adds(last: int, value: int) -> bool:
    return last == 100 or (20 <= last < 100 and value < 10)


def _with_units(quantities: list[Quantity]) -> Iterator[Quantity]:
    """The first number of a range takes the unit of the second: "3-4 hours"."""
    for index, quantity in enumerate(quantities):
        following = quantities[index + 1] if index + 1 < len(quantities) else None
        if not quantity.unit and following and following.span.start - quantity.span.end <= 4:
            yield Quantity(quantity.value, following.unit, quantity.span, weak=quantity.weak)
        else:
            yield quantity
