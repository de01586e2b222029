"""Words of a text as the measures see them: contractions opened, stemmed, stop words known."""

from functools import lru_cache
from re import compile as pattern

from atelier.terra.lexicon import CONTRACTIONS, IRREGULAR, STOP_WORDS

_WORD = pattern(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"  # scripts without spaces: one character a word
    r"|\d+(?:[.,:]\d+)*%?"
    r"|n't\b"
    r"|[^\W_]+(?:['\u2019][^\W\d_]+)*"
)
_VOWELS = frozenset("aeiouy")


def words(text: str) -> list[str]:
    r"""The words in order: case folded, contractions opened, possessive marks gone.

    Example:
        >>> words("Maya didn\u2019t sleep; it's Noah's turn.")
        ['maya', 'did', 'not', 'sleep', 'it', 'noah', 'turn']
    """
    found: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if "'" in word or "\u2019" in word or word == "cannot":
            found.extend(_opened(word))
        else:
            found.append(word)
    return found


@lru_cache(maxsize=4096)
def _opened(word: str) -> tuple[str, ...]:
    plain = word.replace("\u2019", "'")
    if plain in CONTRACTIONS:
        return CONTRACTIONS[plain]
    if plain.endswith("n't"):
        return (plain[:-3], "not")
    head, _, tail = plain.rpartition("'")
    if tail == "s" or not head:
        return (head or tail,)
    opened = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would"}.get(tail)
    return (head, opened) if opened else (plain,)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light stem: plural, -ed, -ing and the commonest irregular forms meet their base.

    Example:
        >>> [stem(word) for word in ("hours", "planned", "planning", "stories", "slept", "bus")]
        ['hour', 'plan', 'plan', 'story', 'sleep', 'bus']
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) < 4 or not word.isalpha():
        return word
    return _without_e(_without_suffix(_singular(word)))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_suffix(word: str) -> str:
    for suffix in ("ing", "ed"):
        root = word.removesuffix(suffix)
        if root != word and len(root) > 2 and not _VOWELS.isdisjoint(root):
            doubled = root[-1] == root[-2] and root[-1] not in "lsz"
            return root[:-1] if doubled else root
    return word


def _without_e(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def content(text: str) -> list[str]:
    """The stems of the words that carry content, in order.

    Example:
        >>> content("The hours that she slept")
        ['hour', 'sleep']
    """
    return [stem(word) for word in words(text) if word not in STOP_WORDS]
