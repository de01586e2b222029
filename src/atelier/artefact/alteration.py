"""Words exchanged in a sentence that otherwise repeats its claim."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from atelier.artefact.wording import Wording
from atelier.terra.lexicon import REPORTING
from atelier.terra.words import stem, words

# Above this share of common words, in order, a sentence repeats its claim rather than rewords it.
REPEATED = 0.75
_HE = frozenset(["he", "him", "his", "himself"])
_SHE = frozenset(["she", "her", "hers", "herself"])


def exchanged(said: Wording, claim: Wording, *, held: frozenset[str]) -> list[tuple[str, str]]:
    """Words that a sentence puts where its claim has others, and that no evidence holds.

    A rewording may choose its words; a near copy with one content word changed says something
    else, however fluent it is. `held` is what the sentence's claims and evidence hold.

    Example:
        >>> from atelier.artefact.wording import wording
        >>> claim = wording("The new wage would reduce benefits by a third.")
        >>> said = wording("The new wage would raise benefits by a third.")
        >>> exchanged(said, claim, held=claim.all)
        [('raise', 'reduce')]
    """
    matcher = SequenceMatcher(a=claim.plain, b=said.plain, autojunk=False)
    if matcher.ratio() < REPEATED:
        return []
    parts = [
        (said.plain[first:last], claim.plain[start:end])
        for tag, start, end, first, last in matcher.get_opcodes()
        if tag == "replace"
    ]
    return [
        (" ".join(ours), " ".join(theirs))
        for ours, theirs in parts
        if (_holds_one(ours, said.content - held) and _holds_one(theirs, claim.content))
        or _is_other_person(theirs, ours)
    ]


def _holds_one(tokens: Sequence[str], content: frozenset[str]) -> bool:
    """Whether a content word is among these; verbs of saying are as good as one another."""
    found = {word for token in tokens for word in words(token)} - REPORTING
    return any(stem(word) in content for word in found)


def _is_other_person(earlier: Sequence[str], later: Sequence[str]) -> bool:
    """Whether a "he" became a "she", or the other way round."""
    return any(
        one.intersection(earlier) and other.intersection(later) and not one.intersection(later)
        for one, other in ((_HE, _SHE), (_SHE, _HE))
    )
