"""Citations in a stage's output: found by type, verified by rule, recorded as rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, cast

from pydantic import BaseModel

from atelier.aggregate import Element
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest
from atelier.kernel.errors import RejectedError
from atelier.kernel.evidence import Citation, Cite, GroundedClaim
from atelier.kernel.form import Form
from atelier.ledger.rows import CitationRow, ClaimRow
from atelier.orchestrate.runtime import QuoteCheck

_EVIDENCE = (Cite, Citation, GroundedClaim)


@dataclass(frozen=True)
class Citable:
    """The elements that a stage may cite, in order."""

    elements: Sequence[Element]

    @cached_property
    def by_address(self) -> Mapping[tuple[str, str, int], Element]:
        """Each by its slice, its digest and its number among equals."""
        return {(item.slice, item.digest, item.occurrence): item for item in self.elements}


def may_cite(form: Form[Any]) -> bool:
    """Whether values of this form can hold a citation or a grounded claim."""
    return _may_cite(form.adapter)


@lru_cache(maxsize=1024)
def _may_cite(adapter: Any) -> bool:
    waiting: list[Any] = [adapter.core_schema]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            if cast("Mapping[str, Any]", node).get("cls") in _EVIDENCE:
                return True
            waiting.extend(cast("Mapping[str, Any]", node).values())
        elif isinstance(node, list | tuple):
            waiting.extend(cast("Sequence[Any]", node))
    return False


def iter_evidence(value: Any) -> Iterator[Cite | Citation | GroundedClaim]:
    """Every citation and grounded claim in a value, in order; a claim's own are not repeated."""
    if isinstance(value, _EVIDENCE):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from iter_evidence(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in cast("Mapping[Any, Any]", value).values():
            yield from iter_evidence(item)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Any]", value):
            yield from iter_evidence(item)


def verify(
    value: Any, citable: Citable, check: QuoteCheck
) -> tuple[list[Citation | GroundedClaim], list[str]]:
    """What an output cites, resolved; and what is wrong with the rest, as sentences.

    A `Cite` becomes the citation that it means. A citation stands if its address resolves in the
    packet and its quote is what stands there.
    """
    found: list[Citation | GroundedClaim] = []
    wrong: list[str] = []
    for evidence in iter_evidence(value):
        match evidence:
            case Cite():
                resolved = check(evidence, citable.elements)
                if isinstance(resolved, str):
                    wrong.append(f"{_shown(evidence)}: {resolved}")
                else:
                    found.append(resolved)
            case Citation():
                problem = _misplaced(evidence, citable)
                if problem:
                    wrong.append(problem)
                else:
                    found.append(evidence)
            case GroundedClaim():
                wrong += [p for c in evidence.citations if (p := _misplaced(c, citable))]
                found.append(evidence)
    return found, wrong


def rejected(stage: str, wrong: Sequence[str]) -> RejectedError:
    """The error of an output whose citations do not stand."""
    return RejectedError(
        "stage.citation",
        f"Stage {stage!r} cites what the packet does not hold.",
        facts={"citations refused": len(wrong), "first": wrong[0]},
        next_step="Quote the element's own words, under its own handle.",
    )


def _shown(cite: Cite) -> str:
    """A citation as an objection names it, so that one of many can be found."""
    quote = cite.quote if len(cite.quote) <= _LONGEST else f"{cite.quote[:_LONGEST]}…"
    return f"{cite.handle} {quote!r}"


# Evidence stays short where it may reach a log.
_LONGEST = 60


def _misplaced(citation: Citation, citable: Citable) -> str:
    address = citation.address
    element = citable.by_address.get((address.slice, address.element, address.occurrence))
    if element is None:
        return f"no element of {address.slice!r} has the digest {address.element[:15]}…"
    text = dict(element.texts()).get(address.pointer)
    if text is None:
        return f"{element.handle} has no text at {address.pointer!r}"
    span = address.span
    stands = text if span is None else text[span.start : span.end]
    return "" if stands == citation.quote else f"{element.handle} does not say {citation.quote!r}"


def claim_rows(output: str, found: Sequence[Citation | GroundedClaim]) -> list[ClaimRow]:
    """The claim table's rows of an output."""
    claims = [item for item in found if isinstance(item, GroundedClaim)]
    return [
        ClaimRow(
            output=output,
            claim=item.claim.id,
            ordinal=ordinal,
            text=item.claim.text,
            kind=item.claim.kind.value,
            verdict=item.verdict.value,
            flag=item.flag,
            decided_by=item.decided_by,
            checks=canonical([c.model_dump(mode="json") for c in item.checks]).decode(),
        )
        for ordinal, item in enumerate(claims)
    ]


def citation_rows(output: str, found: Sequence[Citation | GroundedClaim]) -> list[CitationRow]:
    """The citation table's rows of an output: of its claims, and those that stand by themselves."""
    pairs = [
        (item.claim.id, citation)
        for item in found
        if isinstance(item, GroundedClaim)
        for citation in item.citations
    ] + [("", item) for item in found if isinstance(item, Citation)]
    return [
        CitationRow(
            output=output,
            claim=claim,
            ordinal=ordinal,
            slice=citation.address.slice,
            element=citation.address.element,
            occurrence=citation.address.occurrence,
            pointer=citation.address.pointer,
            start=citation.address.span.start if citation.address.span else None,
            end=citation.address.span.end if citation.address.span else None,
            quote=citation.quote,
            match=citation.match.value,
            role=citation.role.value,
            found_by=citation.found_by.value,
        )
        for ordinal, (claim, citation) in enumerate(pairs)
    ]


def citations_digest(found: Sequence[Citation | GroundedClaim]) -> str:
    """The digest of everything that an output cites, in order."""
    return digest([item.model_dump(mode="json") for item in found])
