"""A person's word on a claim: what is no judgement is refused, and what was decided stands."""

import pytest

from atelier.kernel.errors import SetupError
from atelier.ledger.judging import CONFIRM, LONGEST, Word, get_claim, judge
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import NOW, add, claim, ran, start


@pytest.fixture
def ledger() -> MemoryLedger:
    ledger = MemoryLedger()
    claims = (claim("o", "c1", 0), claim("o", "c2", 1))
    add(ledger, start("r"), Commit(rows=(ran("r", "draft", output="o"),), claims=claims))
    return ledger


def test_a_confirmed_claim_keeps_its_verdict_and_names_who_says_so(ledger: MemoryLedger) -> None:
    row = judge(ledger, get_claim(ledger, "o", "c2"), Word(CONFIRM, " Ruth ", "So it is."), at=NOW)
    assert (row.claim, row.verdict, row.who) == ("c2", "supported", "Ruth")


def test_the_later_word_is_given_back_and_both_are_kept(ledger: MemoryLedger) -> None:
    judged = get_claim(ledger, "o", "c1")
    judge(ledger, judged, Word("contested", "Ruth", "The journal says no."), at=NOW)
    row = judge(ledger, judged, Word("unsupported", "Ruth", "Nobody says so."), at=NOW)
    assert row.verdict == "unsupported"
    assert [one.verdict for one in ledger.iter_judgements("o")] == ["contested", "unsupported"]
    assert get_claim(ledger, "o", "c1").verdict == "supported", "nothing was edited"


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (Word("fine", "Ruth", "So it is."), "judge.verdict"),
        (Word(CONFIRM, " ", "So it is."), "judge.reason"),
        (Word(CONFIRM, "Ruth", "\n"), "judge.reason"),
        (Word(CONFIRM, "Ruth", "a" * (LONGEST + 1)), "judge.reason"),
    ],
    ids=["no verdict", "nobody", "no reason", "a document"],
)
def test_what_is_no_judgement_is_refused(ledger: MemoryLedger, word: Word, code: str) -> None:
    with pytest.raises(SetupError) as refused:
        judge(ledger, get_claim(ledger, "o", "c1"), word, at=NOW)
    assert refused.value.code == code
    assert list(ledger.iter_judgements("o")) == []


def test_a_claim_that_an_output_does_not_have_is_named(ledger: MemoryLedger) -> None:
    with pytest.raises(SetupError, match="'c3'") as refused:
        get_claim(ledger, "o", "c3")
    assert refused.value.code == "judge.no_claim"
