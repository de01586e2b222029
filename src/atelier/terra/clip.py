"""Quotes that are cut so that they say something else than the sentence they come from."""

from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.fold import Folded, fold, is_word
from atelier.terra.lexicon import CONDITIONS, HEDGES, NEGATIONS
from atelier.terra.numbers import amounts
from atelier.terra.sentences import sentence_spans

CONTEXT = 6
_AFTER = 3
_BARRIERS = frozenset({"but", ";"})  # the scope of a negation ends here
_TURNS = NEGATIONS | HEDGES | CONDITIONS
_SPEECH_BREAK = pattern(r"[.!?…。\uff01\uff1f]")


def clipped(text: str, span: Span) -> str:
    """The word that the cut removes and that turns the meaning; empty where there is none.

    Looked for in the same sentence: a negation, hedge or condition among the 6 words before, a
    negation as the next word, a condition among the next 3, a number cut in two, a question quoted
    as a statement.

    Example:
        >>> text = "I did not sleep more than 4 hours."
        >>> clipped(text, Span(start=10, end=33))
        'not'
    """
    start, end = _sentence(text, span)
    folded = fold(text[start:end])
    first = folded.token_at(span.start - start)
    last = folded.token_at(span.end - start)
    return (
        _before(folded.tokens[:first])
        or _cut_number(text, span, (start, end))
        or _behind(folded, last)
        or _question(folded, first, last)
    )


def _sentence(text: str, span: Span) -> tuple[int, int]:
    """From the start of the sentence in which the quote starts to the end of the one it ends in."""
    spans = sentence_spans(text)
    start = max((left for left, right in spans if left <= span.start < right), default=span.start)
    end = min((right for left, right in spans if left < span.end <= right), default=span.end)
    return start, end


def _before(tokens: tuple[str, ...]) -> str:
    words: list[str] = []
    for token in reversed(tokens):
        if token in _BARRIERS or len(words) == CONTEXT:
            break
        if is_word(token):
            words.append(token)
    return next((word for word in words if _turns(word)), "")


def turned(gap: str) -> str:
    """The word in the words that an ellipsis leaves out that turns what follows, or empty.

    Example:
        >>> turned(" but I could not "), turned(" all the long day ")
        ('not', '')
    """
    last = sentence_spans(gap)[-1:]
    kept = gap[last[0][0] :] if last else ""
    if kept and _SPEECH_BREAK.search(kept[-1]):
        return ""
    return _before(fold(kept).tokens)


def _turns(word: str) -> bool:
    return word in _TURNS or word.endswith("n't")


def _behind(folded: Folded, last: int) -> str:
    following = folded.tokens[last : last + _AFTER]
    if following and following[0] in NEGATIONS:
        return following[0]
    return next((token for token in following if token in {"if", "unless", "except"}), "")


def _question(folded: Folded, first: int, last: int) -> str:
    if first == 0 and last >= len(folded.tokens) - 1:
        return "" if last == len(folded.tokens) or folded.tokens[-1] != "?" else "?"
    ends = folded.tokens[last:]
    return "?" if ends and ends[-1] == "?" else ""


def _cut_number(text: str, span: Span, sentence: tuple[int, int]) -> str:
    """A number that stands partly inside and partly outside the quote."""
    start, end = sentence
    for quantity in amounts(text[start:end]).quantities:
        left, right = quantity.span.start + start, quantity.span.end + start
        if (left < span.start < right) or (left < span.end < right):
            return text[left:right]
    return ""
