import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from atelier import Harness
from atelier.cli.main import main
from atelier.kernel.errors import SetupError
from atelier.ledger.judging import CONFIRM, Word
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import ClaimRow, JudgementRow
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.artefact import view_artefact
from atelier.observatory.reading.compare import HumanWord, compare_runs
from atelier.observatory.reading.judgements import Judged, Precision, judged_claims, precision_of
from atelier.observatory.reading.provenance import history_of, prov_json

SENT = "Maya: “I sent the methods chapter to Henrik on Monday”."


@pytest.fixture
def own(made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project, to write into."""
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    return Path(shutil.copytree(made.root, tmp_path / "own"))


@pytest.fixture
def harness(own: Path) -> Generator[Harness]:
    with Harness.open(own) as opened:
        yield opened


def claim_of(harness: Harness, run: str) -> Any:
    """The claim that the sources contest, as the reader of a run's artefact has it."""
    archive = Archive(harness.ledger, harness.runtime.content.read)
    known = archive.ledger.find_run(run)
    assert known is not None
    row = next(archive.ledger.iter_artefacts(run=known.served_from or run))
    return next(one for one in view_artefact(archive, row).claims if one.text == SENT)


def test_a_word_stands_beside_the_verdict_in_every_run_that_reuses_the_value(
    harness: Harness, made: Any
) -> None:
    before = claim_of(harness, made.first.start.run)
    row = harness.judge(
        made.first.start.run, before.claim, Word("supported", "Ruth", "The journal is of 2025.")
    )
    assert (row.decided_by, row.verdict, row.output) == ("human", "supported", before.output)
    for run in (made.first, made.served):
        claim = claim_of(harness, run.start.run)
        assert (claim.verdict, claim.decided_by) == ("contested", "rule"), "nothing was edited"
        assert claim.judgements == (row,)


def test_of_several_words_the_last_one_counts(harness: Harness, made: Any) -> None:
    run = made.first.start.run
    claim = claim_of(harness, run).claim
    harness.judge(run, claim, Word("supported", "Ruth", "She says so."))
    harness.judge(run, claim, Word(CONFIRM, "Ruth", "No: the journal is of the same day."))
    (judged,) = judged_claims(harness.ledger)
    assert judged.is_confirmed
    verdicts = [one.verdict for one in claim_of(harness, run).judgements]
    assert verdicts == ["supported", "contested"], "both are kept"


def test_a_word_is_told_where_runs_are_compared(harness: Harness, made: Any) -> None:
    archive = Archive(harness.ledger, harness.runtime.content.read)
    first, edited = made.first, made.edited
    claims = [claim_of(harness, run.start.run) for run in (first, edited)]
    assert claims[0].output != claims[1].output, "the edit made another value"
    assert compare_runs(archive, first, edited).claims_turned == ()
    harness.judge(first.start.run, claims[0].claim, Word(CONFIRM, "Ruth", "So it is."))
    assert compare_runs(archive, first, edited).claims_turned == (), "nothing was overridden"
    row = harness.judge(
        first.start.run, claims[0].claim, Word("supported", "Ruth", "No: so it is.")
    )
    (turned,) = compare_runs(archive, first, edited).claims_turned
    assert (turned.earlier.verdict, turned.later.verdict) == ("contested", "contested")
    assert turned.earlier.human == HumanWord("supported", "Ruth", row.recorded_at)
    assert turned.later.human is None
    same = compare_runs(archive, first, made.served)
    assert (same.claims_turned, [one.claim for one in same.claims_overridden]) == (
        (),
        [claims[0].claim],
    )


def test_a_word_is_a_part_of_the_history_of_what_rests_on_it(harness: Harness, made: Any) -> None:
    archive = Archive(harness.ledger, harness.runtime.content.read)
    run = made.first.start.run
    claim = claim_of(harness, run)
    word = harness.judge(run, claim.claim, Word("supported", "Rut Åsberg <r@x>", "So it is."))
    row = next(archive.ledger.iter_artefacts(run=run))
    nodes = {node["@id"]: node for node in prov_json(history_of(archive, row))["@graph"]}
    judged = nodes[f"atelier:judgement:{word.seq}"]
    assert judged["prov:used"] == {"@id": f"atelier:{claim.output}"}
    assert judged["atelier:verdict"] == "supported"
    person = nodes[judged["prov:wasAssociatedWith"]["@id"]]
    assert person["@id"] == "atelier:person:Rut%20%C3%85sberg%20%3Cr%40x%3E"
    assert person["@type"] == ["prov:Agent", "prov:Person"]
    assert person["rdfs:label"] == "Rut Åsberg <r@x>"


@pytest.mark.parametrize(
    ("claim", "word", "code"),
    [
        ("ffffffff", Word(CONFIRM, "Ruth", "So it is."), "judge.no_claim"),
        ("", Word("fine", "Ruth", "So it is."), "judge.verdict"),
        ("", Word(CONFIRM, " ", "So it is."), "judge.reason"),
        ("", Word(CONFIRM, "Ruth", " "), "judge.reason"),
    ],
)
def test_what_is_no_judgement_is_refused(
    harness: Harness, made: Any, claim: str, word: Word, code: str
) -> None:
    run = made.first.start.run
    with pytest.raises(SetupError) as refused:
        harness.judge(run, claim or claim_of(harness, run).claim, word)
    assert refused.value.code == code
    assert list(harness.ledger.iter_judgements()) == []


def test_the_command_adds_a_word_and_why_shows_it(own: Path, made: Any) -> None:
    with Harness.open(own, read_only=True) as harness:
        claim = claim_of(harness, made.edited.start.run).claim
    words = ["judge", "latest", claim, "supported", "--reason", "I was there.", "--who", "Ruth"]
    done = CliRunner().invoke(main, [*words, "--project", str(own)])
    assert done.exit_code == 0, done.output
    assert "rule    contested" in done.stdout
    assert "human   supported, by Ruth: I was there." in done.stdout
    page = own / "artefacts/maya/s12.md"
    why = CliRunner().invoke(main, ["why", f"{page}:6"])
    assert "contested, decided by rule" in why.stdout
    assert "human   supported, by Ruth: I was there." in why.stdout


def decided(verdict: str, by: str, checks: str = "[]") -> ClaimRow:
    return ClaimRow(
        output="o",
        claim="c",
        ordinal=0,
        text="She ran.",
        kind="fact",
        verdict=verdict,
        flag="",
        decided_by=by,
        checks=checks,
    )


def said(verdict: str) -> JudgementRow:
    return JudgementRow(
        output="o", claim="c", ordinal=0, verdict=verdict, who="Ruth", reason="So.", recorded_at=""
    )


def test_precision_counts_agreement_by_verdict_decider_and_check() -> None:
    failed = '[{"name":"number","outcome":"fail","detail":"","by":"rules@1"}]'
    judged = [
        Judged(decided("supported", "rule"), said("supported")),
        Judged(decided("supported", "model"), said("unsupported")),
        Judged(decided("contradicted", "rule", failed), said("supported")),
    ]
    assert precision_of(judged) == (
        Precision(kind="check", name="number (rules@1)", outcome="fail", judged=1, confirmed=0),
        Precision(kind="decider", name="model", outcome="", judged=1, confirmed=0),
        Precision(kind="decider", name="rule", outcome="", judged=2, confirmed=1),
        Precision(kind="verdict", name="contradicted", outcome="", judged=1, confirmed=0),
        Precision(kind="verdict", name="supported", outcome="", judged=2, confirmed=1),
    )
    assert precision_of(judged)[4].share == 0.5


def test_a_ledger_without_words_has_no_precision() -> None:
    assert precision_of(judged_claims(MemoryLedger())) == ()
