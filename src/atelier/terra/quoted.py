"""Units that quote: each quotation verified, its speaker compared, its frame weighed."""

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.kernel.evidence import (
    Check,
    CheckOutcome,
    Citation,
    ClaimKind,
    FoundBy,
    Match,
    Role,
    Span,
    Verdict,
)
from atelier.terra.attribution import attributed, outside, residue
from atelier.terra.checks import check, knows
from atelier.terra.corpus import Corpus
from atelier.terra.marks import Quotation, quotations
from atelier.terra.names import names
from atelier.terra.numbers import amounts
from atelier.terra.quotes import Located, is_short, places
from atelier.terra.segment import Unit, unquoted


@dataclass(frozen=True, slots=True)
class Finding:
    """What one route of the rules found of a unit; `verdict` None where it found nothing."""

    verdict: Verdict | None
    citations: tuple[Citation, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class _Quoted:
    """One quotation, looked up."""

    text: str
    located: Located | None
    fault: str  # "", not_found, too_short, clipped, misattributed
    detail: str = ""


def quotes_of(unit: Unit) -> list[Quotation]:
    """The quotations of a unit that are to be verified; a block quotation is one."""
    if unit.is_quotation:
        text = unquoted(unit)
        whole = Span(start=0, end=len(text))
        return [Quotation(whole, whole, _unmarked(text))]
    return [quotation for quotation in quotations(unit.text) if quotation.is_claim]


def _unmarked(text: str) -> str:
    """A block quotation's words, without quotation marks around the whole of it."""
    inner = quotations(text)
    whole = len(inner) == 1 and inner[0].outer.end - inner[0].outer.start == len(text)
    return inner[0].text if whole else text


def judge_quotes(unit: Unit, corpus: Corpus, declared: Sequence[Citation]) -> Finding:
    """What the quotations of a unit show: its verdict where they settle it.

    All verified and nothing else said: supported. Something else said around them: partial. One
    nowhere in the packet: unsupported. One that another speaker said: contradicted. One clipped:
    unverified.
    """
    quoted = quotes_of(unit)
    if not quoted:
        return Finding(None)
    frame = "" if unit.is_quotation else outside(unit.text, quoted)
    speakers = attributed(frame, corpus.speakers)
    found = [
        _look_up(quotation.text, corpus, speakers=speakers, declared=declared)
        for quotation in quoted
    ]
    checks = tuple(_check_of(item) for item in found)
    if speakers:
        checks += (_speaker_check(found, speakers),)
    citations = tuple(_citation(item, declared) for item in found if item.located)
    faults = {item.fault for item in found} - {""}
    if faults:
        return Finding(_verdict_of(faults), _roles(found, citations), checks)
    if unit.kind is ClaimKind.QUESTION or not frame:
        verdict = Verdict.SUPPORTED if unit.kind.needs_support else Verdict.OUT_OF_SCOPE
        return Finding(verdict, citations, checks)
    framed = _frame_check(frame, corpus, [item.located for item in found if item.located])
    verdict = Verdict.SUPPORTED if framed.outcome is CheckOutcome.PASS else Verdict.PARTIAL
    return Finding(verdict, citations, (*checks, framed))


def _look_up(
    text: str, corpus: Corpus, *, speakers: Sequence[str], declared: Sequence[Citation]
) -> _Quoted:
    found = places(text, corpus.elements)
    if not found:
        return _Quoted(text, None, "not_found", f"nowhere in the packet: {_shown(text)}")
    if is_short(text) and len(found) > 1:
        return _Quoted(text, None, "too_short", f"too short to tell which place: {_shown(text)}")
    spoken = [item for item in found if _may_speak(item, speakers)]
    best = max(
        enumerate(spoken or found),
        key=lambda item: (
            not item[1].clipped,
            any(map(item[1].passage.is_cited_by, declared)),
            item[1].match is Match.VERBATIM,
            item[0],
        ),
    )[1]
    if not spoken:
        who = best.passage.element.speaker
        return _Quoted(text, best, "misattributed", f"{who} said {_shown(text)}")
    if word := best.clipped:
        return _Quoted(text, best, "clipped", f"the source says {word!r} beside {_shown(text)}")
    return _Quoted(text, best, "")


def _may_speak(located: Located, speakers: Sequence[str]) -> bool:
    # A source that names no speaker (a journal, a plan) contradicts no attribution.
    speaker = located.passage.element.speaker
    return not speakers or not speaker or speaker in speakers


def _citation(item: _Quoted, declared: Sequence[Citation]) -> Citation:
    located = item.located
    assert located is not None  # noqa: S101 - only located quotes are cited
    by_stage = any(map(located.passage.is_cited_by, declared))
    found_by = FoundBy.STAGE if by_stage else FoundBy.RETRIEVAL
    return located.passage.citation(match=located.match, found_by=found_by)


def _check_of(item: _Quoted) -> Check:
    match item.fault:
        case "" | "misattributed":
            return check("quote", CheckOutcome.PASS)
        case "clipped":
            return check("clipping", CheckOutcome.FAIL, item.detail)
        case _:
            return check("quote", CheckOutcome.FAIL, item.detail)


def _speaker_check(found: Sequence[_Quoted], speakers: Sequence[str]) -> Check:
    wrong = [item for item in found if item.fault == "misattributed"]
    if not wrong:
        return check("speaker", CheckOutcome.PASS)
    return check("speaker", CheckOutcome.FAIL, f"not {' or '.join(speakers)}: {wrong[0].detail}")


def _verdict_of(faults: set[str]) -> Verdict:
    if "misattributed" in faults:
        return Verdict.CONTRADICTED
    return Verdict.UNSUPPORTED if "not_found" in faults else Verdict.UNVERIFIED


def _roles(found: Sequence[_Quoted], citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """The citations of a unit of which a quote does not stand, so none supports the whole."""
    roles = {"misattributed": Role.CONTRADICTS}
    located = [item for item in found if item.located]
    return tuple(
        citation.model_copy(update={"role": roles.get(item.fault, Role.QUALIFIES)})
        for item, citation in zip(located, citations, strict=True)
    )


def _frame_check(frame: str, corpus: Corpus, located: Sequence[Located]) -> Check:
    """Whether the words around the quotes say no more than who, when, where, or what is quoted."""
    slices = {item.passage.element.slice for item in located}
    own = Corpus([item.passage.element for item in located])
    unknown = [name.text for name in names(frame) if not knows(corpus, name.folded)]
    missing = amounts(frame).missing_from(own.amounts)
    if missing and not own.amounts.dates and not amounts(frame).quantities:
        missing = amounts(frame).missing_from(corpus.amounts)
    more = [word for word in residue(frame, slices) if word not in own.postings]
    if unknown or missing or more:
        detail = f"beside the quote, not shown: {', '.join([*unknown, *missing, *more])}"
        return check("frame", CheckOutcome.WARN, detail)
    return check("frame", CheckOutcome.PASS)


def _shown(text: str) -> str:
    short = text if len(text) <= 80 else text[:79] + "…"
    return f"“{short}”"
