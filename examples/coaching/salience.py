"""Which sentences of a conversation matter, and which of them together cover it.

Every sentence is weighed by what it says about commitments and milestones, by what it counts and by
whether somebody speaks for themself; then sentences are chosen that add to what is chosen already.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from amounts import is_number
from speech import Line
from words import terms

# A word that comes back in this many turns is something that the conversation is about.
RETURNS = 4
# Below this a sentence is not worth a coach's time, even where there is room.
ENOUGH = 3.0


class Scale:
    """Weighs the sentences of one conversation by what the conversation is about.

    What it is about: the words of its commitments and milestones, and the words that return.
    """

    def __init__(self, lines: Sequence[Line], anchors: Iterable[str]) -> None:
        turns: dict[int, set[str]] = {}
        for line in lines:
            turns.setdefault(line.turn, set()).update(line.terms)
        self._turns = Counter(term for found in turns.values() for term in found)
        self._anchors = frozenset[str]().union(*(terms(anchor) for anchor in anchors))

    def about(self, found: Iterable[str]) -> float:
        """How much some terms say of what the conversation is about."""
        return sum(
            1.5 if term in self._anchors else 0.8 if self._turns[term] >= RETURNS else 0.2
            for term in sorted(found)
            if term in self._anchors or not is_number(term)
        )

    def weigh(self, line: Line) -> float:
        """How much a sentence says, whatever else is chosen."""
        return (
            min(self.about(line.terms), 6.0)
            + 1.5 * min(len(line.amounts), 2)
            + 2.0 * (line.is_report or line.is_promise)
            + 0.5 * min(line.times, 2)
            - 2.0 * line.is_pointing
            - 3.0 * line.stumbles
            - 0.15 * max(0, len(line.text.split()) - 18)
        )

    def choose(self, lines: list[Line], count: int, *, known: list[Line]) -> list[Line]:
        """The sentences that together say most, in the order in which they were said."""
        covered = set[str]().union(*(line.terms for line in known))
        waiting = [line for line in lines if line not in known and _stands_alone(line)]
        chosen: list[Line] = []
        while waiting and len(chosen) < count:
            best = max(waiting, key=lambda line: self._gain(line, covered))
            if self._gain(best, covered) < ENOUGH:
                break
            waiting.remove(best)
            covered |= best.terms
            chosen.append(best)
        return sorted(chosen, key=lambda line: line.turn)

    def _gain(self, line: Line, covered: set[str]) -> float:
        """The weight of a sentence, halved where all that it is about is covered already."""
        new = self.about(line.terms - covered) / (self.about(line.terms) or 1.0)
        return self.weigh(line) * (0.5 + 0.5 * new)


def _stands_alone(line: Line) -> bool:
    """Whether a sentence names what it is about: "four of the six" does not."""
    return len(line.text.split()) > 3 and not all(is_number(term) for term in line.terms)
