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
    places: dict[str, list[int]] = {}
    for index, (fact, _) in enumerate(facts):
        for root in fact.core:
            places.setdefault(root, []).append(index)
    for index, (fact, passage) in enumerate(facts):
        later = {other for root in fact.core for other in places[root] if other > index}
        for other in sorted(later):
            against, there = facts[other]
            if passage.element.slice != there.element.slice and denies(fact, against):
                yield passage, there
