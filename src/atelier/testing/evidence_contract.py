"""What every ledger promises of what stands beside the rows."""

# ruff: noqa: D102 - the name of a test is what it claims

from dataclasses import replace

from atelier.kernel.digest import digest, digest_bytes
from atelier.kernel.errors import IntegrityError
from atelier.ledger.rows import Attempt, Cap, Event, Memo, PacketRecord
from atelier.ledger.store import BudgetError, Commit, LedgerStore
from atelier.testing.ledger_samples import (
    NOW,
    add,
    artefact,
    attempt,
    call,
    citation,
    claim,
    judgement,
    ran,
    start,
)


class EvidenceContract:
    """Packets, claims, artefacts, attempts, blobs, memos, events."""

    def test_a_packet_is_recorded_once_for_each_place_it_was_found(
        self, ledger: LedgerStore
    ) -> None:
        first = PacketRecord(
            packet="p1", manifest="m", origins="o", run="r1", slices={"z": "s1", "a": "s2"}
        )
        moved = replace(first, origins="o2")
        second = replace(first, packet="p2", slices={"z": "s1"})
        add(ledger, start("r1"))
        for record in (first, first, moved, second):
            add(ledger, Commit(packet=record))
        assert ledger.find_packet("p1") == first
        assert list(first.slices) == list((ledger.find_packet("p1") or first).slices)
        assert ledger.find_packet("p9") is None
        assert ledger.find_packets_of_slice("s1") == [second, first]
        assert ledger.find_packets_of_slice("s2") == [first]
        assert sorted(ledger.iter_slices()) == ["s1", "s2"]
        assert list(ledger.iter_slices("a")) == ["s2"]

    def test_claims_and_citations_are_kept_once_per_output(self, ledger: LedgerStore) -> None:
        output = ran("r1", "g", key="k").output or ""
        commit = Commit(
            rows=(ran("r1", "g", key="k"),),
            claims=(claim(output, "c2", 1), claim(output, "c1", 0)),
            citations=(
                citation(output, "c1", 0, element="e1"),
                citation(output, "c1", 1, element="e2"),
                replace(citation(output, "", 0, element="e2"), start=None, end=None),
            ),
        )
        add(ledger, start("r1"), commit, commit)
        assert [one.claim for one in ledger.iter_claims(output)] == ["c1", "c2"]
        assert [one.element for one in ledger.iter_citations(output)] == ["e1", "e2", "e2"]
        assert [one.ordinal for one in ledger.iter_citations(output, "c1")] == [0, 1]
        assert [one.claim for one in ledger.iter_citing("e2")] == ["c1", ""]
        assert list(ledger.iter_citing("e2"))[1] == commit.citations[2]

    def test_judgements_stand_beside_the_claim_in_their_order(self, ledger: LedgerStore) -> None:
        output, other = (ran("r1", stage, key=stage).output or "" for stage in ("g", "h"))
        claims = (claim(output, "c", 0), claim(other, "c", 0))
        first = judgement(output, "c", 0)
        second = replace(first, verdict="supported", reason="She says so at 00:02.")
        third = replace(first, output=other)
        add(ledger, start("r1"), Commit(claims=claims, judgements=(first,)))
        add(ledger, Commit(judgements=(second,)), Commit(judgements=(third,)))
        assert list(ledger.iter_judgements(output)) == [
            replace(first, seq=1),
            replace(second, seq=2),
        ]
        assert [one.seq for one in ledger.iter_judgements()] == [1, 2, 3]
        assert [one.seq for one in ledger.iter_judgements(after=1)] == [2, 3]
        assert [one.seq for one in ledger.iter_judgements(output, after=1)] == [2]
        assert list(ledger.iter_claims(output)) == [claims[0]], "what was decided stays"

    def test_a_judgement_that_nobody_answers_for_is_refused(self, ledger: LedgerStore) -> None:
        output = ran("r1", "g", key="k").output or ""
        right = judgement(output, "c", 0)
        add(ledger, start("r1"), Commit(claims=(claim(output, "c", 0),)))
        for wrong in (
            replace(right, claim="unknown"),
            replace(right, ordinal=1),
            replace(right, verdict="fine"),
            replace(right, decided_by="rule"),
            replace(right, who=""),
            replace(right, reason=""),
        ):
            error = ledger.commit(Commit(judgements=(wrong,))).exception()
            assert isinstance(error, IntegrityError), wrong
        assert list(ledger.iter_judgements()) == []

    def test_claims_of_a_value_that_lost_are_not_kept(self, ledger: LedgerStore) -> None:
        lost = digest("lost")
        rows = (ran("r1", "g", key="k", output=lost),)
        add(ledger, start("r1"), Commit(rows=(ran("r1", "g", key="k"),)))
        add(
            ledger,
            Commit(rows=rows, claims=(claim(lost, "c", 0),), citations=(citation(lost, "c", 0),)),
        )
        assert list(ledger.iter_claims(lost)) == []
        assert list(ledger.iter_citing("e")) == []

    def test_artefacts_match_every_criterion_given(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), start("r2"))
        add(
            ledger,
            artefact("r1", "a.md", "one"),
            artefact("r1", "b.md", "two"),
            artefact("r2", "a.md", "two"),
        )

        def seqs(**criteria: str) -> list[int]:
            return [row.seq for row in ledger.iter_artefacts(**criteria)]

        assert seqs() == [3, 2, 1]
        assert seqs(path="a.md") == [3, 1]
        assert seqs(mark="mark two") == [3, 2]
        assert seqs(digest=digest("two"), path="b.md") == [2]
        assert seqs(run="r1", digest=digest("one"), mark="mark one", path="a.md") == [1]
        assert seqs(run="r2", path="b.md") == []

    def test_open_attempts_are_those_without_an_outcome(self, ledger: LedgerStore) -> None:
        first = attempt("r1")
        second = replace(first, id="r1-2", number=2)
        other = replace(first, id="r1-3", call=digest("other"))
        add(ledger, start("r1"), Commit(attempts=(first, second, other)))
        received = replace(second, outcome="received", response=digest("answer"))
        add(ledger, Commit(attempts=(received,)))
        assert ledger.find_open_attempts([first.call]) == {first.call: [first, received]}
        both = ledger.find_open_attempts([other.call, digest("nobody's"), first.call])
        assert both == {first.call: [first, received], other.call: [other]}
        done = replace(first, outcome="in_doubt", ended_at=NOW)
        add(ledger, Commit(attempts=(done,)))
        assert ledger.find_open_attempts([first.call]) == {first.call: [received]}
        assert ledger.find_open_attempts([digest("nobody's")]) == {}

    def test_what_may_have_been_billed_unseen_is_listed(self, ledger: LedgerStore) -> None:
        first = attempt("r1")
        others = [replace(first, id=f"r1-{number}", number=number) for number in (2, 3)]
        add(ledger, start("r1"), Commit(attempts=(first, *others)))
        doubt = replace(first, outcome="in_doubt", ended_at=NOW)
        done = replace(others[0], outcome="answered", model_served="writer-1b", ended_at=NOW)
        add(ledger, Commit(attempts=(doubt,)), Commit(attempts=(done,)))
        assert list(ledger.iter_unsettled()) == [others[1], doubt]

    def test_the_models_that_answered_are_told_with_their_moments(
        self, ledger: LedgerStore
    ) -> None:
        def answered(number: int, served: str | None) -> Attempt:
            sent = replace(attempt("r1"), id=f"r1-{number}", number=number)
            moment = f"2026-03-0{number}T00:00:00.000000Z"
            return replace(sent, sent_at=moment, model_served=served)

        rows = [answered(1, "old"), answered(2, "new"), answered(3, "new"), answered(4, None)]
        add(ledger, start("r1"), Commit(attempts=tuple(rows)))
        told = [
            (one.served, one.first_at[:10], one.last_at[:10], one.answers)
            for one in ledger.iter_served()
        ]
        assert told == [
            ("new", "2026-03-02", "2026-03-03", 2),
            ("old", "2026-03-01", "2026-03-01", 1),
        ]

    def test_the_attempts_of_a_request_are_found_in_every_run(self, ledger: LedgerStore) -> None:
        first = attempt("r1")
        second = replace(attempt("r2"), number=2, outcome="received", response=digest("answer"))
        other = replace(first, id="r1-2", request=digest("another request"))
        add(ledger, start("r1"), start("r2"), Commit(attempts=(first, other, second)))
        assert ledger.find_attempts(first.request) == [first, second]
        assert ledger.find_attempts(other.request) == [other]
        assert ledger.find_attempts(digest("nobody's")) == []

    def test_a_call_has_one_answer_a_draw(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), Commit(attempts=(attempt("r1"),)))
        first = call("r1", answer=digest("first"))
        second = replace(first, answer=digest("second"), original=None)
        again = replace(second, draw=1)
        kept = [
            ledger.commit(Commit(calls=(row,))).result().calls for row in (first, second, again)
        ]
        assert kept == [(first,), (first,), (again,)], "the first answer of a draw stays"
        assert ledger.find_calls([first.call, digest("nobody's")]) == {first.call: again}
        assert ledger.find_calls([]) == {}
        late = replace(first, attempt="no", run="no")
        assert ledger.commit(Commit(calls=(late,))).result().calls == (first,), "it is not kept"
        for wrong in (replace(first, draw=2, attempt="no"), replace(first, draw=2, run="no")):
            error = ledger.commit(Commit(calls=(wrong,))).exception()
            assert isinstance(error, IntegrityError), "an answer is that of an attempt of a run"

    def test_a_cap_is_never_exceeded(self, ledger: LedgerStore) -> None:
        def intent(number: int, run: str = "r1") -> Attempt:
            sent = replace(attempt(run), id=f"{run}-{number}", number=number, reserved=400)
            return replace(sent, sent_at=f"2026-03-0{number}T00:00:00.000000Z")

        cap = Cap(limit=1000, what="a run", run="r1")
        day = Cap(limit=900, what="a day", workflow="w", since="2026-03-02")
        add(ledger, start("r1"), start("r2"), start("r3", workflow="other"))
        add(ledger, *[Commit(attempts=(intent(n),), caps=(cap,)) for n in (1, 2)])
        error = ledger.commit(Commit(attempts=(intent(3),), caps=(cap,))).exception()
        assert isinstance(error, BudgetError)
        assert error.facts["spent or reserved"] == "0.0008 USD"
        assert error.facts["this request at most"] == "0.0004 USD"
        assert [one.number for one in ledger.iter_attempts("r1")] == [1, 2], "nothing was kept"
        known = replace(intent(2), response=digest("r"), outcome="rejected", incurred=390)
        error = ledger.commit(Commit(attempts=(known, intent(3)), caps=(cap,))).exception()
        assert isinstance(error, BudgetError)
        assert error.facts["spent or reserved"] == "0.00079 USD", "what came before it is known"
        assert error.facts["this request at most"] == "0.0004 USD"
        add(ledger, Commit(attempts=(replace(intent(1), incurred=100, ended_at=NOW),)))
        assert ledger.spent(cap) == 500, "what is known counts in place of what was reserved"
        add(ledger, Commit(attempts=(intent(3),), caps=(cap,)))
        assert ledger.spent(replace(cap, model_class="writer")) == 900
        assert ledger.spent(replace(cap, model_class="reader")) == 0
        assert ledger.spent(day) == 800, "from its moment on, in every run of the workflow"
        add(ledger, Commit(attempts=(intent(4, "r3"),), caps=(day,)))
        other = ledger.commit(Commit(attempts=(intent(5, "r2"),), caps=(cap, day))).exception()
        assert isinstance(other, BudgetError)

    def test_an_attempt_is_closed_once(self, ledger: LedgerStore) -> None:
        intent = attempt("r1")
        received = replace(intent, response=digest("answer"))
        done = replace(
            received, outcome="answered", ended_at=NOW, incurred=12, error={"code": "none"}
        )
        other = replace(intent, id="r1-2", stage="review", number=2)
        add(ledger, start("r1"), Commit(attempts=(intent, other)))
        for step in (received, done):
            add(ledger, Commit(attempts=(step,)))
            assert next(ledger.iter_attempts("r1", "draft")) == step
        assert [one.id for one in ledger.iter_attempts("r1")] == ["r1-1", "r1-2"]
        error = ledger.commit(Commit(attempts=(replace(done, incurred=1),))).exception()
        assert isinstance(error, IntegrityError), "an attempt that has ended is never edited"
        moved = replace(other, request=digest("another request"))
        assert isinstance(ledger.commit(Commit(attempts=(moved,))).exception(), IntegrityError)

    def test_a_damaged_blob_is_repaired_by_its_own_bytes_only(self, ledger: LedgerStore) -> None:
        name = digest_bytes(b"right")
        add(ledger, Commit(blobs={name: b"wrong"}))
        assert ledger.find_blob(name) == b"wrong", "the reader verifies"
        add(ledger, Commit(blobs={name: b"other"}))
        assert ledger.find_blob(name) == b"wrong", "damage does not replace damage"
        add(ledger, Commit(blobs={name: b"right"}))
        assert ledger.find_blob(name) == b"right"
        add(ledger, Commit(blobs={name: b"wrong"}))
        assert ledger.find_blob(name) == b"right"
        gone = digest_bytes(b"")
        assert ledger.find_blob(gone) is None
        assert ledger.find_blobs([gone, name]) == {name: b"right"}

    def test_the_newest_memo_stands(self, ledger: LedgerStore) -> None:
        memos = (Memo(kind="lens", key="k", data=b"1"), Memo(kind="packet", key="k", data=b"2"))
        add(ledger, Commit(memos=memos), Commit(memos=(replace(memos[0], data=b"3"),)))
        assert ledger.find_memo("lens", "k") == b"3"
        assert ledger.find_memo("packet", "k") == b"2"
        assert ledger.find_memo("packet", "unknown") is None

    def test_events_are_listed_newest_first(self, ledger: LedgerStore) -> None:
        for number in range(3):
            event = Event(kind="damage", subject=f"{number}", detail="", recorded_at=NOW)
            add(ledger, Commit(events=(event,)))
        assert [(one.seq, one.subject) for one in ledger.iter_events(limit=2)] == [
            (3, "2"),
            (2, "1"),
        ]

    def test_a_reader_sees_what_was_committed_while_it_reads(self, ledger: LedgerStore) -> None:
        add(ledger, start("r1"), start("r2"))
        for number, run in enumerate(ledger.iter_runs(limit=9)):
            add(ledger, Commit(rows=(ran(run.start.run, "a"),)))
            assert ledger.find_row(number + 1) is not None, "an open iterator holds no snapshot"
