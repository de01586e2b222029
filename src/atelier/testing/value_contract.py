"""What every ledger promises of values and commits."""

# ruff: noqa: D102 - the name of a test is what it claims

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from atelier.kernel.digest import digest, digest_bytes
from atelier.kernel.errors import AtelierError, IntegrityError
from atelier.ledger.rows import (
    Outcome,
    Row,
)
from atelier.ledger.store import Commit, LedgerStore, OvertakenError
from atelier.testing.ledger_samples import (
    add,
    artefact,
    attempt,
    citation,
    ended,
    ran,
    reads,
    start,
)


class ValueContract:
    """One key, one value; a commit is whole or absent."""

    def test_a_row_comes_back_as_it_was_committed(self, ledger: LedgerStore) -> None:
        row = replace(
            ran("r1", "draft", key="k"),
            consumed=(reads("themes", digest("x")), reads("notes", digest("y"))),
            unseen=({"what": "environment", "where": "flow.py:3"},),
            error={"code": "stage.rejected", "facts": {"attempt": "2"}},
            seconds=0.25,
            incurred=None,
            input_tokens=10,
            cached_tokens=10,
            sound=False,
            element="e1",
            aside=digest("aside"),
        )
        [kept] = add(ledger, start("r1"), Commit(rows=(row,)))
        assert kept == replace(row, seq=1)
        assert ledger.find_row(1) == kept
        assert ledger.find_row(2) is None

    def test_rows_are_numbered_from_one_without_a_gap(self, ledger: LedgerStore) -> None:
        rows = (ran("r1", "a"), ran("r1", "b"))
        bad = replace(ran("r1", "c"), input_tokens=1, cached_tokens=2)
        add(ledger, start("r1"), Commit(rows=rows))
        assert isinstance(
            ledger.commit(Commit(rows=(ran("r1", "x"), bad))).exception(), AtelierError
        )
        [last] = add(ledger, Commit(rows=(ran("r1", "d"),)))
        assert last.seq == 3
        assert [row.seq for row in ledger.iter_stage_rows("r1")] == [1, 2, 3]

    def test_the_first_value_of_a_key_wins(self, ledger: LedgerStore) -> None:
        first = replace(ran("r1", "draft", key="k"), citations=3, decided_by="rule")
        second = replace(
            ran("r1", "draft", key="k", output=digest("other")), incurred=7, reason="mine"
        )
        winner, loser = add(ledger, start("r1"), Commit(rows=(first,)), Commit(rows=(second,)))
        assert (loser.outcome, loser.served_from, loser.output) == (
            Outcome.REUSED,
            winner.seq,
            winner.output,
        )
        assert (loser.reason, loser.incurred) == ("mine", 7), "what it spent stays its own"
        assert (loser.citations, loser.decided_by) == (3, "rule"), "they describe the value"
        assert ledger.find_values(["k"]) == {"k": winner}

    def test_equal_keys_in_one_commit_share_the_first_value(self, ledger: LedgerStore) -> None:
        pair = (ran("r1", "a", key="k"), ran("r1", "a", key="k", output=digest("other")))
        first, second = add(ledger, start("r1"), Commit(rows=pair))
        assert (first.outcome, second.outcome) == (Outcome.RAN, Outcome.REUSED)
        assert second.output == first.output

    def test_the_highest_draw_is_the_current_value(self, ledger: LedgerStore) -> None:
        again = replace(ran("r1", "a", key="k", output=digest("again")), draw=1)
        _, second = add(
            ledger, start("r1"), Commit(rows=(ran("r1", "a", key="k"),)), Commit(rows=(again,))
        )
        assert second.outcome == Outcome.RAN
        assert ledger.find_values(["k", "unknown"]) == {"k": second}

    @pytest.mark.parametrize(
        "change", [{"sound": False}, {"key": None}, {"outcome": Outcome.FAILED}]
    )
    def test_only_a_sound_execution_with_a_key_is_a_value(
        self, ledger: LedgerStore, change: dict[str, Any]
    ) -> None:
        row = replace(ran("r1", "a", key="k"), **change)
        [kept, again] = add(ledger, start("r1"), Commit(rows=(row, row)))
        assert (kept.outcome, again.outcome) == (row.outcome, row.outcome)
        assert ledger.find_values(["k"]) == {}

    def test_many_keys_are_found_at_once(self, ledger: LedgerStore) -> None:
        rows = tuple(ran("r1", "a", key=f"k{number}") for number in range(1_000))
        add(ledger, start("r1"), Commit(rows=rows))
        found = ledger.find_values([f"k{number}" for number in range(500, 1_500)])
        assert sorted(found) == sorted(f"k{number}" for number in range(500, 1_000))
        assert ledger.find_values([]) == {}

    def test_a_commit_stands_only_if_the_run_holds_what_it_requires(
        self, ledger: LedgerStore
    ) -> None:
        a, b = ran("r1", "a", output=digest("a")), ran("r1", "b")
        element = replace(ran("r1", "each", output=digest("e")), element="e")
        add(ledger, start("r1"), start("r2"), Commit(rows=(a, element)))
        refused = [
            Commit(rows=(b,), requires={"a": digest("other")}),
            Commit(rows=(b,), requires={"a": digest("a"), "later": digest("l")}),
            Commit(rows=(b,), requires={"each": digest("e")}),
            Commit(rows=(replace(b, run="r2"),), requires={"a": digest("a")}),
        ]
        kept = Commit(rows=(b,), requires={"a": digest("a")})
        futures = [ledger.commit(commit) for commit in (*refused, kept)]
        for future in futures[:-1]:
            with pytest.raises(OvertakenError):
                future.result()
        assert [row.stage for row in futures[-1].result().rows] == ["b"]
        assert [row.stage for row in ledger.iter_stage_rows("r1")] == ["a", "b"]
        assert list(ledger.iter_stage_rows("r2")) == []

    def test_threads_that_race_for_a_key_agree(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"))

        def race(number: int) -> Row:
            row = ran("r1", "a", key="k", output=digest(number))
            return ledger.commit(Commit(rows=(row,))).result().rows[0]

        with ThreadPoolExecutor(8) as pool:
            rows = list(pool.map(race, range(40)))
        assert len({row.output for row in rows}) == 1
        assert sum(row.outcome == Outcome.RAN for row in rows) == 1

    def test_a_commit_is_whole_or_absent(self, ledger: LedgerStore) -> None:
        bad = replace(ran("r1", "b"), output_tokens=1, reasoning_tokens=2)
        data = b"1"
        commit = replace(
            start("r1"), rows=(ran("r1", "a", key="k"), bad), blobs={digest_bytes(data): data}
        )
        error = ledger.commit(commit).exception()
        assert isinstance(error, IntegrityError)
        assert error.code == "ledger.refused"
        assert ledger.find_run("r1") is None
        assert ledger.find_values(["k"]) == {}
        assert ledger.find_blob(digest_bytes(data)) is None

    @pytest.mark.parametrize(
        "commit",
        [
            Commit(rows=(ran("nobody", "a"),)),
            Commit(attempts=(attempt("nobody"),)),
            artefact("nobody", "a.md", "a"),
            ended("nobody"),
            ended("r1", served_from="nobody"),
            Commit(rows=(replace(ran("r1", "a"), served_from=9),)),
            Commit(rows=(replace(ran("r1", "a"), incurred=-1),)),
            Commit(rows=(replace(ran("r1", "a"), seconds=-1.0),)),
            Commit(rows=(replace(ran("r1", "a", key="k"), output=None),)),
            Commit(attempts=(replace(attempt("r1"), input_tokens=1, cached_tokens=2),)),
            Commit(citations=(replace(citation("o", "c", 0), start=9),)),
            start("r1"),
        ],
    )
    def test_what_contradicts_itself_or_the_ledger_is_refused(
        self, ledger: LedgerStore, commit: Commit
    ) -> None:
        add(ledger, start("r1"))
        error = ledger.commit(commit).exception()
        assert isinstance(error, IntegrityError), "a rule of the ledger holds in every store"
        assert error.code == "ledger.refused"
        assert list(ledger.iter_stage_rows("r1")) == []

    def test_a_value_that_is_not_json_is_refused_and_the_next_commit_goes_on(
        self, ledger: LedgerStore
    ) -> None:
        add(ledger, start("r1"))
        good = ledger.commit(Commit(rows=(ran("r1", "a"),)))
        bad = ledger.commit(Commit(rows=(replace(ran("r1", "b"), stage="\ud800"),)))
        after = ledger.commit(Commit(rows=(ran("r1", "c"),)))
        assert [good.result().rows[0].seq, after.result().rows[0].seq] == [1, 2]
        assert isinstance(bad.exception(), AtelierError)

    def test_a_closed_ledger_refuses_commits(self, ledger: LedgerStore) -> None:
        ledger.close()
        error = ledger.commit(start("r1")).exception()
        assert isinstance(error, IntegrityError)
        assert error.code == "ledger.closed"
        ledger.close()
