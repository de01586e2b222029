"""A run beside its counterpart with something swapped: what became better, worse, dearer, slower."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from atelier.cache.difference import text_diff
from atelier.kernel.canonical import read as parse
from atelier.kernel.money import dollars, total
from atelier.ledger.layered import BROUGHT
from atelier.ledger.rows import CitationRow, ClaimRow, Outcome, Row
from atelier.orchestrate.recorded import Recording

SUPPORTED = "supported"
Place = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one run came to; `original` is what its values cost in micros when they were made."""

    supported: int
    contested: int
    citations: int
    original: int | None
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The measure as `--json` gives it."""
        return {
            "supported": self.supported,
            "contested": self.contested,
            "citations": self.citations,
            "original_usd": dollars(self.original),
            "seconds": round(self.seconds, 6),
        }

    @classmethod
    def together(cls, measures: Iterable["Measure"]) -> "Measure":
        """The sums; an unknown cost makes an unknown sum.

        Example:
            >>> one = Measure(supported=2, contested=1, citations=3, original=5, seconds=0.5)
            >>> Measure.together([one, one]).original
            10
        """
        known = list(measures)
        return cls(
            supported=sum(one.supported for one in known),
            contested=sum(one.contested for one in known),
            citations=sum(one.citations for one in known),
            original=total(one.original for one in known),
            seconds=sum(one.seconds for one in known),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A recorded run and its counterpart in the shadow.

    `incurred` is what the counterpart has cost, in every process that worked at it; `avoided` what
    it would have cost without the values and answers that were there. `errors` are those of the
    stages that failed in it.
    """

    run: str
    shadow: str
    status: str
    before: Measure
    after: Measure
    gained: int
    lost: int
    incurred: int | None
    avoided: int | None
    ran: Mapping[str, str]
    errors: Mapping[str, Mapping[str, Any]]
    diff: str

    def as_json(self) -> dict[str, Any]:
        """One entry of `runs` in `atelier backtest --json`."""
        return {
            "run": self.run,
            "shadow_run": self.shadow,
            "status": self.status,
            "ran": dict(self.ran),
            "errors": dict(self.errors),
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "citations_gained": self.gained,
            "citations_lost": self.lost,
            "incurred_usd": dollars(self.incurred),
            "avoided_usd": dollars(self.avoided),
            "diff": self.diff,
        }


def pair(
    before: Recording, after: Recording, *, final: Sequence[str], incurred: int | None
) -> Paired:
    """What differs between a run and its counterpart; `final` stages are the text without an artefact."""
    earlier, now = _cited(before), _cited(after)
    return Paired(
        run=before.run.start.run,
        shadow=after.run.start.run,
        status=after.run.status.value,
        before=measure(before),
        after=measure(after),
        gained=len(now - earlier),
        lost=len(earlier - now),
        incurred=incurred,
        avoided=total(_avoided(after, row) for row in after.rows.values()),
        ran={
            row.stage: row.reason
            for row in after.rows.values()
            if row.outcome in {Outcome.RAN, Outcome.FAILED}
        },
        errors={
            row.stage: row.error
            for row in after.rows.values()
            if row.outcome is Outcome.FAILED and row.error
        },
        diff=text_diff(printed(before, final), printed(after, final)),
    )


def measure(recording: Recording) -> Measure:
    """What a recorded run came to; what was made elsewhere counts as if it had been made here."""
    rows = [recording.made(row) for row in recording.rows.values()]
    claims = claims_of(recording).values()
    return Measure(
        supported=sum(claim.verdict == SUPPORTED for claim in claims),
        contested=sum(bool(claim.flag) for claim in claims),
        citations=len(_cited(recording)),
        original=total(row.original for row in rows),
        seconds=sum(row.seconds for row in rows),
    )


def claims_of(recording: Recording) -> dict[str, ClaimRow]:
    """The claims of a run by id; of one that several stages held, what the last of them said."""
    return {
        claim.claim: claim
        for output in _outputs(recording)
        for claim in recording.ledger.iter_claims(output)
    }


def citations_of(recording: Recording) -> list[CitationRow]:
    """Every citation in the outputs of a run."""
    return [
        citation
        for output in _outputs(recording)
        for citation in recording.ledger.iter_citations(output)
    ]


def _outputs(recording: Recording) -> list[str]:
    return [row.output for row in recording.rows.values() if row.output is not None]


def _cited(recording: Recording) -> set[Place]:
    """Where the run's outputs cite, each place once."""
    return {_place(citation) for citation in citations_of(recording)}


def _place(citation: CitationRow) -> Place:
    span = (citation.start, citation.end)
    place = (citation.slice, citation.element, citation.occurrence, citation.pointer, *span)
    return tuple(str(part) for part in (*place, citation.role))


def _avoided(recording: Recording, row: Row) -> int | None:
    """What a value cost elsewhere; of one made in the shadow, what its recorded answers had cost."""
    made = recording.made(row)
    run = recording.ledger.find_run(made.run)
    brought = run is not None and run.start.namespace == BROUGHT
    return made.original if brought else made.avoided


def printed(recording: Recording, final: Sequence[str]) -> str:
    """What the run printed; without an artefact, what its final stages gave."""
    page = recording.read(recording.artefact) if recording.artefact is not None else None
    if page is not None:
        return page.decode(errors="replace")
    rows = [recording.rows[name] for name in final if name in recording.rows]
    return "\n".join(f"{row.stage}\n{said(recording, row)}" for row in rows)


def said(recording: Recording, row: Row) -> str:
    """What a stage gave, as lines that a difference can be read from."""
    data = recording.read(row.output) if row.output is not None else None
    return "(no value)" if data is None else "\n".join(_lines(parse(data)))


def _lines(value: Any, name: str = "") -> Iterable[str]:
    """A JSON value as lines that a difference can be read from."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from _lines(item, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from _lines(item, f"{name}[{index}]")
    else:
        told = value if isinstance(value, str) else str(value)
        yield from [f"{name}: {line}" if name else line for line in told.splitlines() or [""]]
