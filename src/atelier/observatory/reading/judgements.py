"""What people said of claims, beside what was decided, and how often they agree with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from atelier.kernel.canonical import read
from atelier.ledger.rows import ClaimRow, JudgementRow
from atelier.ledger.store import LedgerStore
from atelier.observatory.reading.archive import Archive


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim as it was decided, and the last word of a person on it."""

    claim: ClaimRow
    word: JudgementRow

    @property
    def is_confirmed(self) -> bool:
        """Whether the person came to the verdict that was decided."""
        return self.word.verdict == self.claim.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How often people agreed with a verdict, a rule or a check: `confirmed` of `judged`.

    `kind` is `verdict`, `decider` or `check`; `name` the verdict, who decided, or the check with
    its rules; `outcome` what the check found.
    """

    kind: str
    name: str
    outcome: str
    judged: int
    confirmed: int

    @property
    def share(self) -> float:
        """The share that was confirmed."""
        return self.confirmed / self.judged


def precision_of(judged: Iterable[Judged]) -> tuple[Precision, ...]:
    """The precision of each verdict, each decider, and each check by what it found.

    Example:
        >>> precision_of([])
        ()
    """
    counts: dict[tuple[str, str, str], list[bool]] = {}
    for one in judged:
        for place in _places(one.claim):
            counts.setdefault(place, []).append(one.is_confirmed)
    return tuple(
        Precision(kind=kind, name=name, outcome=outcome, judged=len(each), confirmed=sum(each))
        for (kind, name, outcome), each in sorted(counts.items())
    )


def _places(claim: ClaimRow) -> Iterator[tuple[str, str, str]]:
    yield "verdict", claim.verdict, ""
    yield "decider", claim.decided_by, ""
    for check in read(claim.checks.encode()):
        yield "check", f"{check['name']} ({check['by']})", check["outcome"]


def judged_claims(ledger: LedgerStore) -> list[Judged]:
    """Every claim that somebody judged, with the last word on it."""
    last = {(row.output, row.claim, row.ordinal): row for row in ledger.iter_judgements()}
    claims = {
        (claim.output, claim.claim, claim.ordinal): claim
        for output in dict.fromkeys(output for output, _, _ in last)
        for claim in ledger.iter_claims(output)
    }
    return [Judged(claims[place], row) for place, row in last.items() if place in claims]


def last_words(
    ledger: LedgerStore, claims: Iterable[ClaimRow]
) -> dict[tuple[str, str, int], JudgementRow]:
    """The last word of a person on the claims of these outputs, by output, claim and ordinal."""
    return {
        (row.output, row.claim, row.ordinal): row
        for output in dict.fromkeys(claim.output for claim in claims)
        for row in ledger.iter_judgements(output)
    }


def words_on(
    ledger: LedgerStore, claims: Sequence[ClaimRow]
) -> dict[str, tuple[JudgementRow, ...]]:
    """What was said of the claims of one output, by claim, in order."""
    found: dict[str, list[JudgementRow]] = {}
    if claims:
        for row in ledger.iter_judgements(claims[0].output):
            found.setdefault(row.claim, []).append(row)
    return {claim: tuple(rows) for claim, rows in found.items()}


def find_claim(archive: Archive, run: str, name: str) -> ClaimRow | None:
    """A claim of a run by its id: of several stages that have it, the last one's is what was read."""
    outputs = [row.output for row in archive.ledger.iter_stage_rows(run) if row.output]
    for output in dict.fromkeys(reversed(outputs)):
        for claim in archive.ledger.iter_claims(output):
            if claim.claim == name:
                return claim
    return None
