"""Pairs of passages from two slices that cannot both hold."""

from collections.abc import Iterator

from atelier.terra.corpus import Corpus, Passage
from atelier.terra.facts import denies, facts_of


def tensions(corpus: Corpus) -> Iterator[tuple[Passage, Passage]]:
    """Passages of different slices that differ in a number, a date or in polarity.

    Only facts that share a word are compared; the order is the packet's.
    """
    facts = [
        (fact, fact.passage)
        for index in range(len(corpus.elements))
        for fact in facts_of(corpus, index)
        if fact.core and fact.passage is not None
    ]
    places: dict[str, dict[str, list[int]]] = {}
    for index, (fact, passage) in enumerate(facts):
        for root in fact.core:
            places.setdefault(root, {}).setdefault(passage.element.slice, []).append(index)
    for index, (fact, passage) in enumerate(facts):
        later = {
            other
            for root in fact.core
            for name, others in places[root].items()
            if name != passage.element.slice
            for other in others
            if other > index
        }
        for other in sorted(later):
            against, there = facts[other]
            if denies(fact, against):
                yield passage, there
