"""What was spent is never mixed with what was avoided, nor with what is in doubt."""

from dataclasses import replace

import pytest
from index_samples import at, begin, stage_row

from atelier.kernel.errors import SetupError
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.store import Commit
from atelier.observatory.index.aggregates import COST_BY, Period
from atelier.observatory.index.index import Index
from atelier.observatory.index.query import parse_query
from atelier.testing.ledger_samples import add, attempt


def test_cost_is_apart_from_doubt_and_from_what_was_avoided(index: Index) -> None:
    (found,) = index.costs("workflow")
    assert found.name == "coaching"
    assert (found.requests, found.spent, found.avoided) == (3, 1500, 1500)
    assert (found.in_doubt, found.doubtful, found.unpriced) == (700, 1, 0)
    assert (found.input_tokens, found.cached_tokens) == (200, 80)
    assert (found.output_tokens, found.reasoning_tokens) == (40, 10)


@pytest.mark.parametrize("by", COST_BY)
def test_every_sum_is_of_the_same_whole(index: Index, by: str) -> None:
    found = index.costs(by)
    assert sum(one.spent for one in found) == 1500
    assert sum(one.avoided for one in found) == 1500
    assert sum(one.in_doubt for one in found) == 700


def test_days_stand_in_order_and_a_period_cuts_them(index: Index) -> None:
    assert [one.name for one in index.costs("day")] == ["2026-03-01", "2026-03-26"]
    first = Period(until="2026-03-01")
    assert [one.in_doubt for one in index.costs("day", first)] == [0]
    assert index.costs("day", Period(workflow="another")) == ()
    assert index.costs("stage", Period(stage="review"))[0].spent == 0
    assert index.costs("model", Period(model="m:writer-1"))[0].spent == 1500


def test_an_open_attempt_is_in_doubt_until_it_ends() -> None:
    ledger = MemoryLedger()
    sent = replace(attempt("r1"), reserved=500)
    add(ledger, begin("r1", 0), Commit(attempts=(sent,)))
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    (before,) = index.costs("model")
    assert (before.requests, before.spent, before.in_doubt, before.doubtful) == (1, 0, 500, 1)
    add(ledger, Commit(attempts=(replace(sent, outcome="answered", incurred=20, ended_at=at(1)),)))
    index.catch_up()
    (after,) = index.costs("model")
    assert (after.requests, after.spent, after.in_doubt, after.doubtful) == (1, 20, 0, 0)
    index.close()


@pytest.mark.parametrize("until", ["2026-03-01", "2026-03", "2026", ""])
def test_the_last_day_and_the_last_month_are_whole(index: Index, until: str) -> None:
    period = Period(until=until)
    assert [one.name for one in index.costs("day", period)][:1] == ["2026-03-01"]
    assert len(index.claim_trend(period)) == 1
    assert index.stage_uses(period)
    assert index.costs("day", Period(until="2026-02")) == ()


def test_costs_are_not_summed_by_anything(index: Index) -> None:
    with pytest.raises(SetupError, match=r"observatory\.filter"):
        index.costs("1; drop table run")


def test_versions_of_a_stage_say_how_they_were_used(index: Index) -> None:
    plain, draft, review = index.stage_uses()
    assert (plain.recipe, plain.outcomes) == ("", {"failed": 1})
    assert (plain.failures, plain.hit_rate, plain.median) == ({"stage.citation": 1}, None, None)
    assert draft.outcomes == {"ran": 1, "reused": 1}
    assert (draft.rows, draft.hit_rate, draft.median, draft.p95) == (2, 0.5, 2.5, 2.5)
    assert (review.stage, review.median) == ("review", 0.5)


def test_latency_is_that_of_the_latest_executions() -> None:
    ledger = MemoryLedger()
    rows = [stage_row("r1", "draft", n, seconds=float(n)) for n in range(1, 21)]
    add(ledger, begin("r1", 0), *(Commit(rows=(row,)) for row in rows))
    index = Index.temporary(ledger, ledger.find_blob)
    index.catch_up()
    (found,) = index.stage_uses()
    assert (found.median, found.p95) == (10.0, 19.0)
    index.close()


def test_retries_stand_by_stage_and_kind(index: Index) -> None:
    (found,) = index.retries()
    assert (found.stage, found.outcome, found.code, found.attempts) == (
        "draft",
        "rejected",
        "stage.citation",
        1,
    )


def test_claims_have_a_trend(index: Index) -> None:
    (day,) = index.claim_trend()
    assert day.day == "2026-03-01"
    assert day.verdicts == {"supported": 1, "contested": 1, "out_of_scope": 1}
    assert day.deciders == {"rule": 3}
    assert index.claim_trend(Period(since="2026-03-02")) == ()
    assert index.claim_trend(Period(stage="review")) == ()


def test_sums_agree_with_the_rows(index: Index) -> None:
    lines = index.page(parse_query("runs", [])).lines
    assert sum(line["incurred"] for line in lines) == sum(one.spent for one in index.costs("day"))
    assert sum(line["avoided"] for line in lines) == sum(one.avoided for one in index.costs("day"))
