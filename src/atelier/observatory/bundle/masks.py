"""Words that may not stand in a file, found wherever a text repeats them, and put out of sight."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from re import Pattern, escape
from re import compile as pattern

from atelier.observatory.bundle.spelling import (
    UNSPACED,
    Reading,
    encoded_texts,
    readings,
    spelled,
)

# A shorter value would be found in every other word; where it stands by itself it is taken away.
SHORTEST = 3
# A shorter text of the evidence is a common word as likely as not.
TELLING = 8
# So many words in a row are the evidence's, wherever they are met.
RUN = 4

_LETTER = pattern(rf"[^\W_{UNSPACED}]")
_WORD = pattern(rf"[{UNSPACED}]|{_LETTER.pattern}+")
_REST = pattern(rf"{_LETTER.pattern}+")
# The first of the signs of which two are a name.
_WIDE = 0x2E80
# Between the words of a name: a space, a hyphen, a comma and the end of a line; or nothing.
_GAP, _GAP_OF_NUMBERS = r"[\W_]{0,4}", r"[\W_]{1,4}"
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# So much of a name is looked for where a text is cut within it; a word is rarely longer.
_CUT = 40


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text that may not be shown, and what stands in its place."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is looked for: whole, its beginning before a "…", or at the end of a text."""

    label: str
    whole: Pattern[str]
    before_dots: Pattern[str]
    at_the_end: Pattern[str]


@dataclass(frozen=True, slots=True)
class Masks:
    """What is looked for: names within all words, short names as words, runs of words."""

    names: tuple[Name, ...] = ()
    words: tuple[tuple[Pattern[str], str], ...] = ()
    runs: frozenset[tuple[str, ...]] = frozenset()
    label: str = ""

    def __bool__(self) -> bool:
        return bool(self.names or self.words or self.runs)

    def text(self, text: str) -> str:
        """A text without what may not be shown."""
        return _without(text, self.stretches(text))

    def beginning(self, text: str) -> str:
        """The beginning of a longer text, which may end within a name."""
        last = readings(text)[-1]
        cut = (
            Stretch(*last.span(*found.span()), one.label)
            for one in self.names
            if (found := one.at_the_end.search(last.text))
        )
        return _without(text, _merged([*self.stretches(text), *cut]))

    def is_name(self, text: str) -> bool:
        """Whether a text is a name, and nothing else."""
        read = spelled(text).text
        return any(one.whole.fullmatch(read) for one in self.names)

    def stretches(self, text: str) -> list[Stretch]:
        """What is found in a text, in order; what overlaps is one."""
        found = [
            Stretch(*match.span(), label)
            for wanted, label in self.words
            for match in wanted.finditer(text)
        ]
        *others, last = readings(text)
        for one in self.names:
            found += (
                Stretch(*reading.span(*at), one.label)
                for reading in others
                for at in _spans(one, reading)
            )
            found += (Stretch(*last.span(*at), one.label) for at in _word_spans(one, last.text))
        if self.names:
            found += self._encoded(text)
        if self.runs:
            found += (one for reading in (*others, last) for one in self._repeated(reading))
        return _merged(found)

    def _encoded(self, text: str) -> Iterator[Stretch]:
        for span, said in encoded_texts(text):
            read = spelled(said).text
            label = next((one.label for one in self.names if one.whole.search(read)), "")
            if label:
                yield Stretch(*span, label)

    def _repeated(self, reading: Reading) -> Iterator[Stretch]:
        words = list(_WORD.finditer(reading.text))
        for at, length, run in _grams([word[0] for word in words]):
            if run in self.runs:
                span = reading.span(words[at].start(), words[at + length - 1].end())
                yield Stretch(*span, self.label)


def names_mask(named: Iterable[tuple[str, str]]) -> Masks:
    """Values that may stand nowhere, in whichever spelling, each with the label in its place.

    The whole word goes that one stands in: what was left of it would tell what is missing.

    Example:
        >>> names_mask([("Sam", "⟦subject⟧")]).text("students/SAM/s12.vtt: the same again")
        'students/⟦subject⟧/s12.vtt: the ⟦subject⟧ again'
    """
    wanted = dict(named)
    longest_first = sorted(wanted.items(), key=lambda item: -len(item[0]))
    return Masks(
        names=tuple(
            _name(_anyhow(text), label) for text, label in longest_first if is_looked_for(text)
        ),
        words=tuple((_as_word(text), label) for text, label in longest_first if _is_short(text)),
    )


def words_mask(texts: Iterable[str], label: str, *, spare: Iterable[str] = ()) -> Masks:
    """Texts of which no run of words may stand anywhere, unless what is spared has it too.

    Example:
        >>> said = words_mask(["I moved the casing to the front."], "⟦evidence⟧")
        >>> said.text("She moved the casing to the wall."), said.text("The casing broke.")
        ('She ⟦evidence⟧ wall.', 'The casing broke.')
    """
    spared = {run for text in spare for _, _, run in _grams(_words(text))}
    return Masks(runs=frozenset(_telling(texts)) - spared, label=label)


def joined(first: Masks, second: Masks) -> Masks:
    """Both at once; names of the first are looked for first."""
    return Masks(
        (*first.names, *second.names),
        (*first.words, *second.words),
        first.runs | second.runs,
        first.label or second.label,
    )


def is_looked_for(text: str) -> bool:
    """Whether a text is long enough to be looked for within others; a Chinese sign counts twice.

    Example:
        >>> [is_looked_for(text) for text in ("Bo", "Ana", "王芳")]
        [False, True, True]
    """
    read = spelled(text).text
    return sum(2 if ord(char) >= _WIDE else 1 for char in read if not char.isspace()) >= SHORTEST


def _is_short(text: str) -> bool:
    """Whether a text is a name of two letters: it is looked for as it is written."""
    return not is_looked_for(text) and len(text) == SHORTEST - 1 and text.isalpha()


def _as_word(text: str) -> Pattern[str]:
    ways = {text, text.upper(), text.capitalize()}
    return pattern(rf"(?<![^\W_])(?:{'|'.join(sorted(map(escape, ways)))})(?![^\W_])")


def _anyhow(text: str) -> list[str]:
    """The spellings of a name, each as its words: an umlaut may be written out."""
    ways = (spelled(way).text for way in (text, text.casefold().translate(_WRITTEN_OUT)))
    return list(dict.fromkeys(ways))


def _name(ways: Sequence[str], label: str) -> Name:
    cut = "|".join(_begun(way) for way in ways)
    return Name(
        label,
        pattern("|".join(_whole(way) for way in ways)),
        pattern(rf"(?<![^\W_])(?:{cut})(?=\.\.\.)"),
        pattern(rf"(?<![^\W_])(?:{cut})\Z"),
    )


def _whole(way: str) -> str:
    return "".join(_letters(way))


def _begun(way: str) -> str:
    """The beginning of a name, of one letter or more."""
    first, *others = _letters(way)[:_CUT]
    return first + "(?:".join(["", *others]) + ")?" * len(others)


def _letters(way: str) -> list[str]:
    """The letters of a name, the first of each word with whatever may stand before it."""
    words = _WORD.findall(way) or [way]
    gaps = ["", *(_gap(before, after) for before, after in pairwise(words))]
    return [
        gap + escape(letter) if at == 0 else escape(letter)
        for gap, word in zip(gaps, words, strict=True)
        for at, letter in enumerate(word)
    ]


def _gap(before: str, after: str) -> str:
    return _GAP_OF_NUMBERS if before[-1].isdigit() and after[0].isdigit() else _GAP


def _spans(name: Name, reading: Reading) -> Iterator[tuple[int, int]]:
    """Where a name is read, or its beginning where somebody cut it."""
    for wanted in (name.whole, name.before_dots):
        yield from (match.span() for match in wanted.finditer(reading.text))


def _word_spans(name: Name, text: str) -> Iterator[tuple[int, int]]:
    """The same with all of the word that it is in; each word is gone through once."""
    for wanted in (name.whole, name.before_dots):
        at = 0
        while found := wanted.search(text, at):
            start = found.start()
            while start > at and _LETTER.match(text, start - 1):
                start -= 1
            rest = _REST.match(text, found.end())
            at = rest.end() if rest else found.end()
            yield start, at


def _merged(found: Iterable[Stretch]) -> list[Stretch]:
    merged: list[Stretch] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        if merged and one.start < merged[-1].end:
            before = merged[-1]
            merged[-1] = Stretch(before.start, max(before.end, one.end), before.label)
        else:
            merged.append(one)
    return merged


def _without(text: str, stretches: Sequence[Stretch]) -> str:
    parts: list[str] = []
    at = 0
    for one in stretches:
        parts += [text[at : one.start], one.label]
        at = one.end
    return "".join([*parts, text[at:]]) if parts else text


def _words(text: str) -> list[str]:
    return _WORD.findall(spelled(text).text)


def _grams(words: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Every run of at most `RUN` words: where it begins, how many they are, and which."""
    for at in range(len(words)):
        for length in range(1, min(RUN, len(words) - at) + 1):
            yield at, length, tuple(words[at : at + length])


def _telling(texts: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """What gives a text away: each full run of its words; a short text only as a whole."""
    for text in texts:
        said = _words(text)
        if len(said) >= RUN:
            yield from (run for _, length, run in _grams(said) if length == RUN)
        elif said and len(text) >= TELLING:
            yield tuple(said)
