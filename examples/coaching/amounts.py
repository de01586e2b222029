"""What a sentence counts: numbers in figures and in words, and the things that they count."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from words import STOP, stem, words


class Amount(NamedTuple):
    """A number and the thing it counts; a month counts its days."""

    value: float
    unit: str


def amounts(text: str) -> list[Amount]:
    """What a sentence counts, in order.

    Example:
        >>> amounts("I've cut it to nine thousand words by the thirtieth of March.")
        [Amount(value=9000.0, unit='word'), Amount(value=30.0, unit='march')]
        >>> amounts("11,400 words, and two hundred and ten pages")
        [Amount(value=11400.0, unit='word'), Amount(value=210.0, unit='page')]
    """
    spoken = words(text)
    return [
        Amount(value, stem(spoken[end]))
        for value, end in _numbers(spoken)
        if end < len(spoken) and spoken[end] not in STOP and not is_number(spoken[end])
    ]


def is_number(word: str) -> bool:
    """Whether a word, in small letters, is a number or part of one."""
    return word[0].isdigit() or word in _NUMBERS or word in _SCALES


def _numbers(spoken: list[str]) -> Iterator[tuple[float, int]]:
    """Each number, and the index of the word that it counts."""
    index = 0
    while index < len(spoken):
        end = index
        while end < len(spoken) and _continues(spoken, index, end):
            end += 1
        if end > index:
            yield _value(spoken[index:end]), end + (spoken[end : end + 1] == ["of"])
        index = max(end, index + 1)


def _continues(spoken: list[str], start: int, at: int) -> bool:
    """Whether the word at `at` belongs to the number from `start`: two hundred *and* ten."""
    if spoken[at] == "and":
        return at > start and spoken[at - 1] in _SCALES and _is_number_at(spoken, at + 1)
    return is_number(spoken[at])


def _is_number_at(spoken: list[str], at: int) -> bool:
    return at < len(spoken) and is_number(spoken[at])


def _value(spoken: list[str]) -> float:
    total = part = 0.0
    for word in spoken:
        if word in _SCALES:
            part = max(part, 1.0) * _SCALES[word]
            if word == "thousand":
                total, part = total + part, 0.0
        elif word[0].isdigit():
            part += float("".join(_FIGURES.findall(word.replace(",", ""))[:1]))
        else:
            part += _NUMBERS.get(word, 0)
    return total + part


_FIGURES = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SCALES = {"hundred": 100, "thousand": 1000}
_NUMBERS = {
    word: value
    for value, word in (
        *enumerate(
            words(
                """nought one two three four five six seven eight nine ten eleven twelve thirteen
                fourteen fifteen sixteen seventeen eighteen nineteen"""
            )
        ),
        *enumerate(
            words(
                """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
                thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth
                twentieth"""
            ),
            start=1,
        ),
        *(
            (10 * tens, word)
            for tens, word in enumerate(
                words("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
            )
        ),
        (30, "thirtieth"),
    )
}
