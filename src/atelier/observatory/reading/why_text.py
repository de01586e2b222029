"""A chain as plain text, to paste into a letter: no colour, no markup, one fact a line."""

from collections.abc import Iterator

from atelier.observatory.reading.claims import CitationView, ClaimView
from atelier.observatory.reading.why import WhyView


def why_text(view: WhyView) -> str:
    """The answer as text."""
    return "\n".join(_lines(view)) + "\n"


def _lines(view: WhyView) -> Iterator[str]:
    yield _one(view.line.text if view.line else view.asked)
    if view.kind == "unknown":
        yield "  The ledger does not know it."
        return
    for one in view.candidates:
        yield f"  in {_one(one.path)}, line {one.line}, run {one.run}: {_one(one.text)}"
    yield from _about(view)
    if view.line is not None:
        yield from _evidence(view)
    for step in view.steps:
        yield f"stage {step.stage}, row {step.seq}: {step.outcome}, {_one(step.because)}"
        if step.made.seq != step.seq:
            yield f"  made in row {step.made.seq} of run {step.made.run}: {_one(step.made.reason)}"
    for said in view.missing:
        yield f"missing: {_one(said)}"


def _about(view: WhyView) -> Iterator[str]:
    """What was asked about: where it stands, and what is known of it as a whole."""
    if view.artefact is not None:
        state = f", {view.state}" if view.state else ""
        yield f"  in {_one(view.artefact.path)}{state}, {view.artefact.digest}"
    if view.run is not None:
        run = view.run
        yield f"  by {_one(run.workflow)}, run {run.run} ({run.status}), {run.started_at}"
        yield f"  over packet {run.packet}"
    for role in view.roles:
        told = ", ".join(f"{name} {value}" for name, value in role.items() if name != "role")
        yield f"  {role['role']}: {_one(told)}"
    for one in view.resting:
        yield f"  claim {one.claim} of run {one.run} {one.role}: {_one(one.text)} ({one.verdict})"
    for line in view.lines:
        flag = f" [{line.flag}]" if line.flag else ""
        yield f"  line {line.first}: {_one(line.text)}{flag}"


def _evidence(view: WhyView) -> Iterator[str]:
    told: set[str] = set()
    for claim in view.claims:
        yield from _claim(claim)
        for citation in view.citations:
            if citation.claim == claim.claim:
                told.add(citation.id)
                yield from _citation(citation)
    rest = [citation for citation in view.citations if citation.id not in told]
    if rest and not view.claims:
        yield "it rests on no claim; its footnotes quote"
    for citation in rest:
        yield from _citation(citation)


def _claim(claim: ClaimView) -> Iterator[str]:
    yield f"claim {claim.claim}: {claim.verdict}, decided by {claim.decided_by}"
    yield f"  {_one(claim.text)}"
    for check in claim.checks:
        detail = f": {_one(check.detail)}" if check.detail else ""
        yield f"  check {check.name} ({check.by}) {check.outcome}{detail}"
    for said in claim.judgements:
        yield f"  human: {said.verdict}, by {_one(said.who)}: {_one(said.reason)}"
    if claim.searched is not None:
        looked = claim.searched.elements.items()
        yield f"  searched: {', '.join(f'{count} of {name}' for name, count in looked)}"


def _citation(citation: CitationView) -> Iterator[str]:
    place = str(citation.origin) or f"{citation.slice}, element {citation.element}"
    span = "" if citation.start is None else f", characters {citation.start} to {citation.end}"
    yield f"  {citation.role}: “{_one(citation.quote)}”"
    yield f"    {_one(place)}{span} ({citation.match}, found by {citation.found_by})"


def _one(text: str) -> str:
    return " ".join(text.split())
