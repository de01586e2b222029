"""What the rules say of evidence that a model cites: they bound what it may say of a claim."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from atelier.kernel.evidence import Check, CheckOutcome, Citation
from atelier.terra.attribution import attributed
from atelier.terra.checks import absent, check, negation_check
from atelier.terra.corpus import Evidence, numbers_of
from atelier.terra.quotes import is_short
from atelier.terra.words import content, words

_FIELD = 40  # characters up to which a text beside the quote is a field: a day, a name, a state


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that stands, with the element that it points into."""

    citation: Citation
    element: Evidence

    @property
    def quote(self) -> str:
        """The words cited."""
        return self.citation.quote

    @property
    def fields(self) -> list[str]:
        """What the element says beside its prose: speaker, days, numbers, short texts."""
        short = [text for _, text in self.element.texts() if len(text) <= _FIELD]
        return [self.element.speaker, *short, *(number for _, number in numbers_of(self.element))]


def binds(check: Check) -> bool:
    """Whether a check keeps a model from calling its claim supported.

    A hedge in the evidence only shows: people hedge by habit, and how surely something was said is
    what the model was asked.
    """
    return check.outcome is not CheckOutcome.PASS and check.name != "modality"


def bounds(
    text: str, supports: Sequence[Cited], *, speakers: Mapping[str, str], known: Sequence[str]
) -> Iterator[Check]:
    """The checks of a claim against the words that a model says support it.

    Numbers, names and dates must stand in one of the quotes or in a field beside it. Negation and
    speaker pass where they do for any of the quotes.
    """
    yield _cited(text, supports, known)
    claim = words(text)
    yield from _kindest([negation_check(claim, words(cited.quote)) for cited in supports])
    named = attributed(text, speakers)
    if named:
        yield from _kindest([_speaker(named, cited.element.speaker) for cited in supports])


def _cited(text: str, supports: Sequence[Cited], known: Sequence[str]) -> Check:
    said = [cited.quote for cited in supports]
    missing = absent(text, [*said, *(field for cited in supports for field in cited.fields)], known)
    wanted = set(content(text))
    if missing:
        detail = f"not in what is cited: {', '.join(missing)}"
    elif not any(wanted.intersection(content(quote)) for quote in said):
        detail = "what is cited shares no word with the claim"
    elif all(is_short(quote) for quote in said):
        detail = "what is cited is too short to say it"
    else:
        return check("cited", CheckOutcome.PASS)
    return check("cited", CheckOutcome.WARN, detail)


def _kindest(found: Sequence[Check | None]) -> Iterator[Check]:
    """One check for several quotes: none where any of them needs none, else the first to pass."""
    made = [item for item in found if item is not None]
    if made and len(made) == len(found):
        yield next((item for item in made if item.outcome is CheckOutcome.PASS), made[0])


def _speaker(named: Sequence[str], speaker: str) -> Check | None:
    if not speaker:
        return None
    if speaker in named:
        return check("speaker", CheckOutcome.PASS)
    return check("speaker", CheckOutcome.FAIL, f"{speaker} says so, not {named[0]}")
