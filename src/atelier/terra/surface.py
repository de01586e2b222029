"""What a unit of a draft does, read off its surface: state, quote, advise, ask or entitle."""

from re import compile as pattern

from atelier.kernel.evidence import ClaimKind
from atelier.terra.fold import fold, is_word
from atelier.terra.lexicon import ADVICE_MODALS, ADVICE_OPENERS, REPORTING, SUBORDINATORS
from atelier.terra.marks import quotations
from atelier.terra.numbers import has_amount
from atelier.terra.words import words

_ATTRIBUTED = pattern(r"\baccording to\b|[^\W\d_]:\s*[\"“«„]")
_LONGEST_HEADING = 12
_ADDRESSED = frozenset({"you", "we"})
_DUTIES = frozenset({"should", "ought"})


def kind_of(text: str, *, is_heading: bool = False, is_quotation: bool = False) -> ClaimKind:
    """The kind of a unit; a statement wins over advice, so that no fact hides behind it.

    Example:
        >>> [kind_of(text).value for text in ("Try again.", "Why?", "She slept 4 hours.")]
        ['advice', 'question', 'number']
    """
    quoted = [quotation for quotation in quotations(text) if quotation.is_claim]
    if is_heading and _is_plain_heading(text, quotes=bool(quoted)):
        return ClaimKind.HEADING
    outside = _outside(text, [(quote.outer.start, quote.outer.end) for quote in quoted])
    if outside.rstrip(" *_)").endswith(("?", "\uff1f")):
        return ClaimKind.QUESTION
    if quoted or is_quotation:
        return ClaimKind.QUOTE
    found = words(text)
    if _is_advice(text, found):
        return ClaimKind.ADVICE
    if REPORTING.intersection(found) or _ATTRIBUTED.search(text.casefold()):
        return ClaimKind.ATTRIBUTION
    return ClaimKind.NUMBER if has_amount(text) else ClaimKind.FACT


def needs_support(text: str) -> bool:
    """Whether a reader would ask what a sentence rests on; what holds no word needs nothing.

    Example:
        >>> needs_support("Maya slept four hours."), needs_support("What changed?")
        (True, False)
    """
    if not any(is_word(token) for token in fold(text).tokens):
        return False
    return kind_of(text).needs_support


def _outside(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without these spans."""
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


def _is_plain_heading(text: str, *, quotes: bool) -> bool:
    return not quotes and len(words(text)) <= _LONGEST_HEADING and not text.rstrip().endswith(".")


def _is_advice(text: str, found: list[str]) -> bool:
    """Whether a unit asks somebody to act, and states nothing on the way."""
    if not found or SUBORDINATORS.intersection(found) or has_amount(text):
        return False
    if found[0] in ADVICE_OPENERS:
        return True
    if REPORTING.intersection(found):
        return False
    if found[0] in _ADDRESSED and found[1:2] and found[1] in ADVICE_MODALS:
        return "not" not in found[2:3]
    at = next((index for index, word in enumerate(found[:4]) if word in _DUTIES), None)
    return at is not None and "have" not in found[at + 1 : at + 3]
