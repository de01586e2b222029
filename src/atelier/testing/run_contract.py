"""What every ledger promises of runs, and of looking back at them."""

# ruff: noqa: D102 - the name of a test is what it claims

from dataclasses import replace

from atelier.kernel.digest import digest
from atelier.kernel.errors import IntegrityError
from atelier.ledger.rows import (
    Consumed,
    Outcome,
    Row,
    RunEnd,
    RunStart,
    RunStatus,
    Supply,
)
from atelier.ledger.store import PRECEDENT_RUNS, Commit, LedgerStore
from atelier.testing.ledger_samples import (
    NOW,
    add,
    ended,
    ran,
    reads,
    start,
)


class RunContract:
    """Runs, what is served whole, and the way back."""

    def test_a_run_is_found_by_an_unambiguous_prefix(self, ledger: LedgerStore) -> None:
        add(ledger, start("abc1"), start("abd2"), start("ab"))
        found = {prefix: ledger.find_run(prefix) for prefix in ("abc", "ab", "abd2", "a", "x")}
        assert {prefix: run and run.start.run for prefix, run in found.items()} == {
            "abc": "abc1",
            "ab": "ab",
            "abd2": "abd2",
            "a": None,
            "x": None,
        }

    def test_a_run_has_its_beginning_and_its_end(self, ledger: LedgerStore) -> None:
        begun = RunStart(
            run="r1",
            workflow="w",
            scope="default",
            packet="p",
            run_key="k",
            started_at=NOW,
            target="flow.py",
            namespace="shadow",
            parameters={"student": "maya", "week": 7},
            subject="maya",
            owner="host:1",
            versions={"atelier": "0.1.0"},
        )
        add(ledger, Commit(start=begun))
        run = ledger.find_run("r1")
        assert run is not None
        assert (run.start, run.status, run.ended_at) == (begun, RunStatus.RUNNING, None)
        end = RunEnd(run="r1", status=RunStatus.PARTIAL, ended_at=NOW, sound=False, seconds=1.5)
        add(ledger, Commit(end=end))
        run = ledger.find_run("r1")
        assert run is not None
        assert (run.status, run.sound, run.ended_at, run.seconds) == (
            RunStatus.PARTIAL,
            False,
            NOW,
            1.5,
        )
        assert isinstance(ledger.commit(Commit(end=end)).exception(), IntegrityError)

    def test_runs_are_paged_newest_first(self, ledger: LedgerStore) -> None:
        for number in range(5):
            add(ledger, start(f"r{number}", packet=f"p{number % 2}"))

        def page(limit: int, before: str | None = None, packet: str | None = None) -> list[str]:
            runs = ledger.iter_runs(limit=limit, before=before, packet=packet)
            return [run.start.run for run in runs]

        assert page(2) == ["r4", "r3"]
        assert page(9, before="r3") == ["r2", "r1", "r0"]
        assert page(9, packet="p1") == ["r3", "r1"]
        assert page(9, before="r3", packet="p1") == ["r1"]

    def test_the_newest_complete_run_of_a_key_is_served(self, ledger: LedgerStore) -> None:
        for run in ("r1", "r2"):
            row = Commit(rows=(ran(run, "a", key="k"),))
            add(ledger, start(run), row, ended(run))
        add(ledger, start("r3"), ended("r3", served_from="r2"))
        add(ledger, start("r4"))
        served = ledger.find_served("run-key")
        assert served is not None
        assert served.start.run == "r2", "neither a hit nor a run that has not ended"
        assert ledger.find_served("another") is None

    def test_an_unsound_shadow_or_degraded_run_is_never_served(self, ledger: LedgerStore) -> None:
        add(ledger, start("unsound"), ended("unsound", sound=False))
        shadow = start("shadow").start
        assert shadow is not None
        add(ledger, Commit(start=replace(shadow, namespace="shadow")), ended("shadow"))
        end = RunEnd(run="degraded", status=RunStatus.DEGRADED, ended_at=NOW, sound=True)
        add(ledger, start("degraded"), Commit(end=end))
        assert ledger.find_served("run-key") is None

    def test_a_refreshed_value_retires_the_runs_of_the_old_one(self, ledger: LedgerStore) -> None:
        old = ran("r1", "a", key="k")
        add(ledger, start("r1"), Commit(rows=(old,)), ended("r1"))
        fresh = replace(old, run="r2", draw=1, output=digest("fresh"))
        add(ledger, start("r2", run_key="another"), Commit(rows=(fresh,)))
        assert ledger.find_served("run-key") is None

    def test_a_hit_shows_the_rows_that_it_was_served(self, ledger: LedgerStore) -> None:
        source = replace(
            ran("r1", "a", key="k"),
            original=40,
            incurred=40,
            requests=1,
            consumed=(reads("s", "d"),),
        )
        element = replace(ran("r1", "each"), element="e")
        reused = replace(ran("r1", "b"), outcome=Outcome.REUSED, served_from=1, original=None)
        add(ledger, start("r1"), Commit(rows=(source, element, reused)), ended("r1"))
        hit = Row(run="r2", stage="", outcome=Outcome.RUN_HIT, recorded_at=NOW)
        add(ledger, start("r2"), Commit(rows=(hit,)), ended("r2", served_from="r1"))
        first, second = ledger.iter_stage_rows("r2")
        assert (first.run, first.stage, first.outcome, first.served_from) == (
            "r2",
            "a",
            Outcome.REUSED,
            1,
        )
        assert (first.requests, first.incurred, first.original, first.avoided) == (0, 0, 40, 40)
        assert first.consumed == source.consumed
        assert (second.stage, second.served_from, second.avoided) == ("b", 1, None)
        assert list(ledger.iter_element_rows("r2", "each")) == [], "none executed in this run"

    def test_element_rows_stand_beside_the_stage_row(self, ledger: LedgerStore) -> None:
        rows = (replace(ran("r1", "each"), element="e"), ran("r1", "each"), ran("r1", "other"))
        add(ledger, start("r1"), Commit(rows=rows))
        assert [row.seq for row in ledger.iter_stage_rows("r1")] == [2, 3]
        assert [row.element for row in ledger.iter_element_rows("r1", "each")] == ["e"]

    def test_candidates_are_the_newest_of_this_workflow_first(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), start("r2", workflow="other"))
        for run, stage in [("r2", "a"), ("r1", "a"), ("r1", "b"), ("r2", "a"), ("r1", "old_a")]:
            add(ledger, Commit(rows=(replace(ran(run, stage), components="c"),)))
        add(ledger, Commit(rows=(ran("r1", "a"),)))

        def seqs(limit: int) -> list[int]:
            rows = ledger.find_candidates(["a", "old_a"], workflow="w", limit=limit)
            return [row.seq for row in rows]

        assert seqs(9) == [5, 2, 4, 1], "a row without components explains nothing"
        assert seqs(1) == [5]
        assert seqs(3) == [5, 2, 4]

    def test_precedents_are_the_rows_of_runs_with_the_same_parameters(
        self, ledger: LedgerStore
    ) -> None:
        def begin(run: str, student: str) -> Commit:
            first = start(run).start
            assert first is not None
            return Commit(start=replace(first, parameters={"student": student, "week": 1}))

        def seqs(student: str, limit: int = 9) -> list[int]:
            asked = {"week": 1, "student": student}
            rows = ledger.find_precedents(["a", "old_a"], parameters=asked, limit=limit)
            return [row.seq for row in rows]

        add(ledger, begin("m1", "maya"), begin("m2", "maya"), begin("i1", "ines"))
        for run, stage in [("m1", "a"), ("i1", "a"), ("m2", "old_a"), ("m1", "b"), ("m1", "a")]:
            add(ledger, Commit(rows=(replace(ran(run, stage), components="c"),)))
        add(ledger, Commit(rows=(ran("m2", "a"),)))
        assert seqs("maya") == [5, 3, 1], "a row without components explains nothing"
        assert seqs("maya", limit=1) == [5]
        assert seqs("ines") == [2]
        assert seqs("nobody") == []
        add(ledger, ended("m1"))
        for number in range(PRECEDENT_RUNS + 1):
            hit = f"hit{number:03}"
            add(ledger, begin(hit, "maya"), ended(hit, served_from="m1"))
        assert seqs("maya") == [5, 3, 1], "hits do not crowd out what they were served from"

    def test_the_producer_is_the_first_row_with_the_output(self, ledger: LedgerStore) -> None:
        value = digest("value")
        rows = [ran("r1", "a", key=key, output=value) for key in ("k1", "k2")]
        reused = replace(rows[0], outcome=Outcome.REUSED, served_from=1)
        add(ledger, start("r1"), Commit(rows=(*rows, reused)))
        producer = ledger.find_producer(value)
        assert producer is not None
        assert producer.seq == 1
        assert ledger.find_producer(digest("nobody's")) is None

    def test_the_chain_leads_from_an_output_to_everything_it_rests_on(
        self, ledger: LedgerStore
    ) -> None:
        a, b, c, d, other = (digest(name) for name in "abcdo")
        slice_ = Consumed(
            parameter="journal", supply=Supply.SLICE, source="journal", digest="s", whole="s"
        )
        add(ledger, start("r1"), start("r2"))
        add(
            ledger,
            Commit(
                rows=(
                    replace(ran("r1", "a", output=a), consumed=(slice_,)),
                    ran("r1", "unrelated", output=other),
                    replace(ran("r1", "b", output=b), consumed=(reads("a", a),)),
                    replace(ran("r1", "c", output=c), consumed=(reads("a", a), reads("b", b))),
                    # The same value, made again from nothing: the chain of r2 goes through it.
                    ran("r2", "b", output=b),
                    replace(ran("r2", "c", output=c), outcome=Outcome.REUSED, served_from=4),
                    replace(ran("r2", "d", output=d), consumed=(reads("c", c), reads("b", b))),
                )
            ),
        )
        assert [row.seq for row in ledger.find_chain(c)] == [4, 3, 1]
        assert [row.seq for row in ledger.find_chain(d)] == [7, 5, 4, 3, 1]
        assert ledger.find_chain(d)[3].consumed == (reads("a", a),)
        assert ledger.find_chain(digest("nobody's")) == []

    def test_runs_with_an_output_include_reuse_and_hits(self, ledger: LedgerStore) -> None:
        made = ran("r1", "a", key="k")
        add(ledger, start("r1"), Commit(rows=(made,)), ended("r1"))
        reused = replace(made, run="r2", outcome=Outcome.REUSED, served_from=1)
        add(ledger, start("r2"), Commit(rows=(reused,)), ended("r2"))
        add(ledger, start("r3"), ended("r3", served_from="r2"), start("r4"))
        runs = ledger.iter_runs_with(made.output or "")
        assert [run.start.run for run in runs] == ["r3", "r2", "r1"]

    def test_the_reuses_of_a_row_are_the_runs_that_were_served_it(
        self, ledger: LedgerStore
    ) -> None:
        made = ran("r1", "a", key="k")
        again = replace(made, run="r4", key="other")
        add(ledger, start("r1"), Commit(rows=(made,)), ended("r1"))
        reused = replace(made, run="r2", outcome=Outcome.REUSED, served_from=1)
        add(ledger, start("r2"), Commit(rows=(reused,)), ended("r2"))
        add(ledger, start("r3"), ended("r3", served_from="r2"), start("r4"), Commit(rows=(again,)))
        assert list(ledger.iter_reuses(1)) == ["r3", "r2"]
        assert list(ledger.iter_reuses(3)) == [], "an equal value that was made anew is no reuse"
