"""The transcript as lines that can be weighed: who says what, and what kind of statement it is."""

import re
from dataclasses import dataclass
from functools import cached_property

from amounts import Amount, amounts
from session import Turn
from words import is_negated, sentence_spans, sentences, stem, terms, words

# So many words of a broken-off sentence can stand for themselves.
FLUENT = 6
# So many words of a statement are repeated with the hedge that follows it.
LAST_WORDS = 3


@dataclass(frozen=True)
class Line:
    """One sentence of one turn, exactly as it was said."""

    turn: int
    speaker: str
    text: str
    hedges: tuple[str, str] = ("", "")
    """The sentences right before and after it that take something back, where there are any."""

    @cached_property
    def terms(self) -> frozenset[str]:
        """What the sentence is about."""
        return terms(self.text)

    @cached_property
    def amounts(self) -> list[Amount]:
        """What the sentence counts."""
        return amounts(self.text)

    @property
    def quote(self) -> str:
        """The words without the final stop, so that they fit into a sentence."""
        return self.text.rstrip(".")

    @property
    def quotes(self) -> list[str]:
        """The quote between its hedges: nobody is quoted as surer than they were."""
        before, after = self.hedges
        return [words for words in (before, self.quote, after) if words]

    @property
    def is_question(self) -> bool:
        """Whether the sentence asks."""
        return self.text.endswith("?")

    @cached_property
    def is_report(self) -> bool:
        """Whether the speaker says what they did: "I sent", "I've cut", "I was in"."""
        return not self.is_supposing and any(
            verb.endswith("ed") or verb in _DONE or (verb == "got" and bool(self.amounts))
            for verb in _FIRST_PERSON.findall(self.text)
            if verb not in _FELT
        )

    @property
    def reported(self) -> frozenset[str]:
        """The stems of the verbs in which the speaker says what they did."""
        return frozenset(stem(verb) for verb in _FIRST_PERSON.findall(self.text))

    @cached_property
    def is_finding(self) -> bool:
        """Whether the sentence says how much, or how many out of how many, in so many words."""
        counts = len(self.amounts) > 1 or " out of " in self.text
        return counts and not self.stumbles and len(self.terms) > 4

    @cached_property
    def is_supposing(self) -> bool:
        """Whether the sentence supposes rather than says."""
        return bool(_SUPPOSING.search(self.text))

    @cached_property
    def is_promise(self) -> bool:
        """Whether the speaker takes something on: "I'll send it tonight"."""
        return bool(_PROMISE.search(self.text)) and not self.is_question

    @cached_property
    def deferral(self) -> str:
        """The words that put something off, if any: "let me do X first", "can we do it later?".

        A restart is left out; words that a `not` belongs to are quoted with it.
        """
        found = _DEFERRAL.search(self.text)
        if found is None:
            return ""
        return (
            self.text.rstrip(".")
            if is_negated(self.text[: found.start(1)])
            else found[1].rstrip(".")
        )

    @cached_property
    def is_pointing(self) -> bool:
        """Whether the sentence only points at what it is about: "I put them there"."""
        return bool(_POINTING.search(self.text))

    @cached_property
    def times(self) -> int:
        """How many words place the sentence in time."""
        return sum(word in _TIMES for word in words(self.text))

    @cached_property
    def stumbles(self) -> int:
        """How often the speaker stumbles: fillers, and words begun twice."""
        return len(_STUMBLE.findall(self.text))


def lines_of(transcript: list[Turn]) -> list[Line]:
    """Every sentence of a conversation, in order, each as far as it is fluent.

    Example:
        >>> said = "Yeah. So I sent it on Monday. Um, let me do the rest first."
        >>> found = lines_of([Turn(speaker="Maya", text=said)])
        >>> [(line.quote, line.is_report, line.deferral) for line in found[1:]]
        [('I sent it on Monday', True, ''), ('let me do the rest first', False, 'let me do the rest first')]
    """
    return [
        Line(turn=index, speaker=turn.speaker, text=_fluent(sentence), hedges=hedges)
        for index, turn in enumerate(transcript)
        for sentence, hedges in zip(sentences(turn.text), _hedges(turn.text), strict=True)
    ]


def _hedges(text: str) -> list[tuple[str, str]]:
    """What stands right before and after each sentence of a turn and takes something back.

    What follows comes with the sentence's last words, which say what it takes back.

    Example:
        >>> _hedges("But I think four. Four of nine say so. Maybe five. It's a start.")[1]
        ('I think four', 'nine say so. Maybe five')
    """
    spans = sentence_spans(text)
    said = sentences(text)
    hedges = [bool(_HEDGE.search(it)) and not it.endswith("?") for it in said]
    found: list[tuple[str, str]] = []
    for index in range(len(said)):
        first = last = index
        while first > 0 and hedges[first - 1]:
            first -= 1
        while last + 1 < len(said) and hedges[last + 1]:
            last += 1
        before = text[spans[first][1] - len(said[first]) : spans[index - 1][1]]
        tail = " ".join(said[index].split()[-LAST_WORDS:])
        after = text[spans[index][1] - len(tail) : spans[last][1]]
        found.append(
            (
                before.rstrip(".") if first < index else "",
                after.rstrip(".") if index < last else "",
            )
        )
    return found


def _fluent(sentence: str) -> str:
    """A sentence up to the clause in which the speaker stumbles, if that says enough."""
    stumble = _STUMBLE.search(sentence)
    if stumble is None:
        return sentence
    kept = sentence[: stumble.start()].rpartition(",")[0]
    return kept if len(words(kept)) >= FLUENT else sentence


_FIRST_PERSON = re.compile(
    r"(?:^|[,;] |\band )I(?:'ve)?(?: just| only| finally)? (was in|[a-z]+)\b"
)
_SUPPOSING = re.compile(r"\b(?:if|unless|would|I'd)\b", re.IGNORECASE)
_PROMISE = re.compile(
    r"\b(?:I'll|I will) (?!(?:stop|see|tell|be|bring|keep|leave|happily|know)\b)[a-z]"
)
_DEFERRAL = re.compile(
    r"(?:.*\b)?((?:let me|can (?:I|we)|I'd rather|I thought I would)\b.*\b(?:first|next time|later)\b\??)",
    re.IGNORECASE,
)
_STUMBLE = re.compile(
    r"\b(?:um|uh|hm|like|you know|sort of),|\b([A-Za-z']+(?: [a-z']+)?), \1\b", re.IGNORECASE
)
# What somebody says beside a statement so that it counts for less.
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|probably|mostly|at least|at most|more or less|or so|give or take"
    r"|I think|I guess|I suppose|I'm not sure|don't want to say)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\bI(?:'ve|'ll)? [a-z]+ (?:it|them|that|this)\b")
_DONE = frozenset(
    words(
        """
        sent wrote put took made did done cut went found ran told gave kept left lost
        swam spent drew built
        """
    )
) | {"was in"}
_FELT = frozenset(words("noticed stared dreaded wanted liked counted tired needed need"))
_TIMES = frozenset(
    words(
        """
        monday tuesday wednesday thursday friday saturday sunday today tonight tomorrow morning
        night week march april noon
        """
    )
)
