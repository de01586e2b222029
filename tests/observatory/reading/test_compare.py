"""Two runs beside each other: what differs is found, and nothing that does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from atelier.blobs.files import FileBlobs
from atelier.kernel.canonical import canonical
from atelier.ledger.rows import RunRecord, RunStatus
from atelier.ledger.sqlite import SqliteLedger
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.compare import Comparison, StagePair, compare_runs
from atelier.observatory.reading.plain import to_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(demo_project: Path) -> Iterator[Archive]:
    home = demo_project / ".atelier"
    ledger = SqliteLedger.open(home / "ledger.sqlite", read_only=True)
    yield Archive(ledger, ledger.find_blob, FileBlobs(home / "blobs").find)
    ledger.close()


def runs(archive: Archive, session: str, student: str = "maya") -> list[RunRecord]:
    """The runs of a session that came to their end, the first one first."""
    found = archive.ledger.iter_runs(limit=1000)
    wanted = {"student": student, "session": session}
    return [run for run in found if run.start.parameters == wanted][::-1]


def complete(archive: Archive, session: str) -> list[RunRecord]:
    return [run for run in runs(archive, session) if run.status is RunStatus.COMPLETE]


@pytest.fixture(scope="module")
def edited(archive: Archive) -> Comparison:
    """Before and after one journal entry was written anew."""
    found = complete(archive, "s12")
    return compare_runs(archive, found[0], found[-1])


def pair(found: Comparison, stage: str) -> StagePair:
    return next(pair for pair in found.stages if pair.stage == stage)


def test_an_edited_element_is_named_with_its_place(edited: Comparison) -> None:
    assert edited.packet is not None
    (journal,) = edited.packet.slices
    ((change,), added, removed) = (journal.changed, journal.added, journal.removed)
    assert (journal.name, added, removed) == ("journal", (), ())
    assert [place.pointer for place in change.places] == ["/text"]


def test_a_stage_that_was_reused_is_the_same_and_others_say_what_changed(
    edited: Comparison,
) -> None:
    draft, crosscheck = pair(edited, "draft"), pair(edited, "crosscheck")
    assert (draft.is_same, draft.altered, draft.diff) == (True, (), "")
    assert not crosscheck.is_same
    assert [item.reason.text for item in crosscheck.altered or ()] == ["input changed: journal"]
    assert "-text: " in crosscheck.diff or "Slept six hours" in crosscheck.diff


def test_a_sentence_that_was_said_otherwise_is_a_claim_lost_and_one_gained(
    edited: Comparison,
) -> None:
    assert [claim.text.rpartition("says ")[2] for claim in edited.claims_lost] == [
        "“Slept five hours”."
    ]
    assert [claim.text.rpartition("says ")[2] for claim in edited.claims_gained] == [
        "“Slept six hours”."
    ]
    assert [cited.quote for cited in edited.citations_gained] == ["Slept six hours"]
    assert [cited.quote for cited in edited.citations_lost] == ["Slept five hours"]


def test_words_that_only_moved_with_their_element_are_cited_in_both(edited: Comparison) -> None:
    """The entry has another digest; what it says of the chapter is what it said."""
    said = {cited.quote for cited in (*edited.citations_gained, *edited.citations_lost)}
    assert "I did not send the methods chapter to Henrik on Monday" not in said


def test_the_page_differs_where_the_evidence_does(edited: Comparison) -> None:
    changed = [line for line in edited.text.splitlines() if line.startswith(("+", "-"))]
    assert any("Slept six hours" in line for line in changed)
    assert not any("nitrate" in line for line in changed)


def test_what_a_run_spent_and_what_its_values_are_worth_are_told_apart(
    edited: Comparison,
) -> None:
    assert edited.later.incurred
    assert edited.later.original
    assert edited.later.incurred < edited.later.original
    assert edited.later.original == (edited.later.incurred or 0) + (edited.later.avoided or 0)


def test_a_run_and_its_hit_are_the_same(archive: Archive) -> None:
    found = complete(archive, "s12")
    hit = next(run for run in found if run.served_from == found[0].start.run)
    compared = compare_runs(archive, found[0], hit)
    assert compared.is_same
    assert compared.packet is None
    assert not compared.packet_is_lost
    assert {side.made_in for pair in compared.stages if (side := pair.later)} == {
        found[0].start.run
    }


def test_a_run_beside_itself_differs_in_nothing(archive: Archive) -> None:
    run = complete(archive, "s11")[0]
    found = compare_runs(archive, run, run)
    assert found.is_same
    assert (found.claims_gained, found.claims_lost, found.claims_turned) == ((), (), ())
    assert (found.citations_gained, found.citations_lost) == ((), ())


def test_a_changed_helper_and_a_changed_prompt_are_named(archive: Archive) -> None:
    before, after = complete(archive, "s10")[0], complete(archive, "s10")[-1]
    found = compare_runs(archive, before, after)
    reasons = {
        pair.stage: [item.reason.text for item in pair.altered or ()] for pair in found.stages
    }
    assert any("code changed: crosscheck.py" in reason for reason in reasons["crosscheck"])
    assert any("prompt changed" in reason for reason in reasons["synthesis"])
    assert found.packet is None


def test_a_stage_that_failed_has_its_error_and_those_below_it_no_value(archive: Archive) -> None:
    found = runs(archive, "s8", "amara")
    failed = next(run for run in found if run.status is RunStatus.FAILED)
    other = complete(archive, "s12")[0]
    compared = compare_runs(archive, failed, other)
    drafted, page = pair(compared, "draft"), pair(compared, "synthesis")
    assert drafted.earlier is not None
    assert (drafted.earlier.error or {})["code"] == "models.budget"
    assert page.earlier is not None
    assert (page.earlier.outcome, page.earlier.output) == ("blocked", None)
    assert compared.claims_gained
    assert compared.packet is not None
    assert {place.pointer for place in compared.packet.parameters} >= {"/student", "/session"}


def test_a_comparison_is_json(edited: Comparison) -> None:
    told = to_json(edited)
    assert canonical(told)
    assert set(told) >= {"earlier", "later", "stages", "claims_gained", "citations_lost", "text"}


def test_a_verdict_that_changed_is_told_once(archive: Archive) -> None:
    """Of two runs of one session, a claim that both hold and judge otherwise is in one list alone."""
    for session in ("s8", "s9", "s11"):
        found = complete(archive, session)
        compared = compare_runs(archive, found[0], found[-1])
        turned = {one.later.claim for one in compared.claims_turned}
        moved = {one.claim for one in (*compared.claims_gained, *compared.claims_lost)}
        assert not turned & moved
        assert all(one.earlier.text == one.later.text for one in compared.claims_turned)
