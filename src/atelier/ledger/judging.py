"""A person's word on a claim: checked, then added to the ledger beside what was decided."""

from dataclasses import dataclass

from atelier.kernel.errors import SetupError
from atelier.ledger.invariant import VERDICTS
from atelier.ledger.rows import ClaimRow, JudgementRow
from atelier.ledger.store import Commit, LedgerStore

# In place of a verdict: the one that stands is right.
CONFIRM = "confirm"
# A reason is a sentence or a few; what is longer is a document.
LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of a claim: a verdict, or `confirm`; who they are, and why."""

    verdict: str
    who: str
    reason: str


def judge(ledger: LedgerStore, claim: ClaimRow, word: Word, *, at: str) -> JudgementRow:
    """Add a judgement, durably, and return it as it stands; nothing that was decided changes.

    Raises:
        SetupError: it is no verdict, or nobody's, or without a reason.
    """
    verdict = claim.verdict if word.verdict == CONFIRM else word.verdict
    if verdict not in VERDICTS:
        raise SetupError(
            "judge.verdict",
            f"A claim cannot have the verdict {verdict!r}.",
            facts={"claim": claim.claim},
            next_step=f"Say {CONFIRM}, or one of {', '.join(VERDICTS)}.",
        )
    who, reason = word.who.strip(), word.reason.strip()
    if not who or not reason or max(len(who), len(reason)) > LONGEST:
        raise SetupError(
            "judge.reason",
            "A judgement says who judges and why, in a few sentences.",
            facts={"claim": claim.claim, "who": who[:80] or "(nobody)"},
            next_step="Name yourself, and give the reason that a reader will see.",
        )
    row = JudgementRow(
        output=claim.output,
        claim=claim.claim,
        ordinal=claim.ordinal,
        verdict=verdict,
        who=who,
        reason=reason,
        recorded_at=at,
    )
    ledger.commit(Commit(judgements=(row,))).result()
    return [one for one in ledger.iter_judgements(claim.output) if one.claim == claim.claim][-1]


def get_claim(ledger: LedgerStore, output: str, claim: str) -> ClaimRow:
    """A claim of an output, by its id.

    Raises:
        SetupError: the output has no such claim.
    """
    found = next((one for one in ledger.iter_claims(output) if one.claim == claim), None)
    if found is None:
        raise unknown_claim(claim, output)
    return found


def unknown_claim(claim: str, where: str) -> SetupError:
    """There is no such claim in an output or a run."""
    return SetupError(
        "judge.no_claim",
        f"No claim is called {claim!r} there.",
        facts={"looked in": where},
        next_step="Take its id from `atelier why ARTEFACT:LINE`.",
    )
