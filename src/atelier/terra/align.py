"""How much of a claim a window of evidence holds, word by word; nothing else moves these."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from atelier.terra.lexicon import STOP_WORDS
from atelier.terra.words import stem


@dataclass(frozen=True, slots=True)
class Alignment:
    """Shares of the claim: content stems, word pairs and longest common subsequence."""

    coverage: float
    bigrams: float
    subsequence: float


def align(claim: Sequence[str], window: Sequence[str]) -> Alignment:
    """The alignment of a claim's words with a window's.

    Example:
        >>> align(["she", "slept", "four", "hours"], ["she", "slept", "four", "long", "hours"])
        Alignment(coverage=1.0, bigrams=0.6666666666666666, subsequence=1.0)
    """
    there = {stem(word) for word in window}
    wanted = {stem(word) for word in claim if word not in STOP_WORDS}
    pairs = list(pairwise(claim))
    window_pairs = set(pairwise(window))
    return Alignment(
        coverage=_share(len(wanted & there), len(wanted)),
        bigrams=_share(sum(pair in window_pairs for pair in pairs), len(pairs)),
        subsequence=_share(_common(claim, window), len(claim)),
    )


def left_over(claim: Sequence[str], window: Sequence[str]) -> list[str]:
    """The words of a claim that stand outside a longest common subsequence with a window.

    Example:
        >>> left_over(["she", "will", "go"], ["she", "would", "go"])
        ['will']
    """
    rows = [[0] * (len(window) + 1)]
    for word in reversed(claim):
        below, row = rows[-1], [0] * (len(window) + 1)
        for at in range(len(window) - 1, -1, -1):
            row[at] = below[at + 1] + 1 if window[at] == word else max(below[at], row[at + 1])
        rows.append(row)
    rows.reverse()
    found: list[str] = []
    at = 0
    for index, word in enumerate(claim):
        while at < len(window) and window[at] != word and rows[index][at + 1] == rows[index][at]:
            at += 1
        if (
            at < len(window)
            and window[at] == word
            and rows[index][at] == rows[index + 1][at + 1] + 1
        ):
            at += 1
        else:
            found.append(word)
    return found


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, in one integer of bits a row."""
    # Hyyrö's bit-parallel form: the zeros of `row` count what is common.
    places: dict[str, int] = {}
    for index, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << index
    full = (1 << len(one)) - 1
    row = full
    for word in other:
        hit = row & places.get(word, 0)
        row = ((row + hit) | (row - hit)) & full
    return len(one) - row.bit_count()
