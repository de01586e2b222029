"""The way back from a value, and forward from evidence."""

from dataclasses import replace

import pytest

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest, digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import Consumed, PacketRecord, Row, Supply
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit, LedgerStore
from atelier.ledger.why import chain, forward
from atelier.testing.ledger_samples import add, artefact, citation, claim, ended, ran, reads, start

TURNS = [{"speaker": "Maya", "text": "I slept."}, {"speaker": "Ines", "text": "Good."}]
SLEPT, GOOD = (digest(turn) for turn in TURNS)
TRANSCRIPT = canonical(TURNS)
OTHER = canonical([*TURNS, {"speaker": "Maya", "text": "Bye."}])
PROGRAM = canonical({"weeks": 12})


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> LedgerStore:
    if request.param == "memory":
        return MemoryLedger()
    return request.getfixturevalue("ledger")


def packet(run: str, transcript: bytes) -> Commit:
    """A packet of a transcript and a program."""
    slices = {"transcript": digest_bytes(transcript), "program": digest_bytes(PROGRAM)}
    record = PacketRecord(
        packet=digest(list(slices.values())), manifest="m", origins="o", run=run, slices=slices
    )
    return Commit(
        packet=record,
        blobs={digest_bytes(transcript): transcript, digest_bytes(PROGRAM): PROGRAM},
    )


def begin(run: str, transcript: bytes) -> list[Commit]:
    record = packet(run, transcript).packet
    assert record is not None
    return [start(run, packet=record.packet), packet(run, transcript)]


def stage(run: str, name: str, *above: Row) -> Row:
    inputs = tuple(reads(row.stage, row.output or "") for row in above)
    return replace(ran(run, name, key=f"{run} {name}"), consumed=inputs)


def test_a_chain_says_how_far_each_row_is_and_who_read_it(store: LedgerStore) -> None:
    draft = stage("r1", "draft")
    grounded = stage("r1", "grounded", draft)
    review = stage("r1", "review", grounded, draft)
    synthesis = stage("r1", "synthesis", grounded, review)
    add(store, start("r1"), Commit(rows=(draft, grounded, review, synthesis)))
    found = chain(store, synthesis.output or "")
    assert [(why.row.stage, why.depth, why.read_by) for why in found] == [
        ("synthesis", 0, ()),
        ("review", 1, (4,)),
        ("grounded", 1, (4, 3)),
        ("draft", 2, (3, 2)),
    ]
    assert chain(store, digest("nobody's")) == []


def test_a_chain_goes_on_through_a_stage_that_was_renamed(store: LedgerStore) -> None:
    old = stage("r1", "notes")
    add(store, start("r1"), Commit(rows=(old,)))
    reused = replace(old, run="r2", stage="themes", served_from=1, consumed=())
    reused = replace(reused, outcome=type(old.outcome)("reused"))
    draft = replace(stage("r2", "draft"), consumed=(reads("themes", old.output or ""),))
    add(store, start("r2"), Commit(rows=(reused, draft)))
    assert [(why.row.stage, why.depth) for why in chain(store, draft.output or "")] == [
        ("draft", 0),
        ("notes", 1),
    ]


def test_a_slice_or_a_lost_row_ends_a_chain(store: LedgerStore) -> None:
    slice_ = Consumed(
        parameter="journal", supply=Supply.SLICE, source="journal", digest="d", whole="d"
    )
    draft = replace(stage("r1", "draft"), consumed=(slice_, reads("gone", digest("gone"))))
    add(store, start("r1"), Commit(rows=(draft,)))
    assert [why.row.stage for why in chain(store, draft.output or "")] == ["draft"]


def cited(store: LedgerStore) -> Row:
    """Run r1 cites one turn; r2 had the same packet and r3 another one with the same turns."""
    grounded = stage("r1", "grounded")
    output = grounded.output or ""
    commit = Commit(
        rows=(grounded,),
        claims=(claim(output, "c", 0),),
        citations=(
            citation(output, "c", 0, element=SLEPT),
            citation(output, "", 0, element=SLEPT),
        ),
    )
    add(store, *begin("r1", TRANSCRIPT), commit, artefact("r1", "a.md", "a"), ended("r1"))
    add(store, *begin("r2", TRANSCRIPT), *begin("r3", OTHER))
    return grounded


def test_forward_from_an_element_tells_citing_from_holding(store: LedgerStore) -> None:
    grounded = cited(store)
    found = forward(store, SLEPT, read_blob=store.find_blob)
    assert [use.claim and use.claim.text for use in found.cited] == ["I slept.", None]
    assert [use.runs for use in found.cited] == [("r1",), ("r1",)]
    assert [row.path for row in found.cited[0].artefacts] == ["a.md"]
    assert found.cited[0].producer is not None
    assert found.cited[0].producer.output == grounded.output
    assert [run.start.run for run in found.held] == ["r3", "r2"], "they merely had it"


def test_forward_from_an_element_that_nobody_cites(store: LedgerStore) -> None:
    cited(store)
    found = forward(store, GOOD, read_blob=store.find_blob)
    assert found.cited == ()
    assert [run.start.run for run in found.held] == ["r3", "r2", "r1"]


def test_forward_from_a_slice_finds_what_cites_its_elements(store: LedgerStore) -> None:
    cited(store)
    found = forward(store, digest_bytes(TRANSCRIPT), read_blob=store.find_blob)
    assert {use.citation.element for use in found.cited} == {SLEPT}
    assert [run.start.run for run in found.held] == ["r2"]
    other = forward(store, digest_bytes(OTHER), read_blob=store.find_blob)
    assert other.cited == (), "r1 cites the turn, but from another form of the transcript"
    assert [run.start.run for run in other.held] == ["r3"]


def test_a_slice_that_is_no_list_is_one_element(store: LedgerStore) -> None:
    cited(store)
    found = forward(store, digest_bytes(PROGRAM), read_blob=store.find_blob)
    assert [run.start.run for run in found.held] == ["r3", "r2", "r1"]


def test_evidence_whose_blobs_are_gone_is_still_followed_by_its_citations(
    store: LedgerStore,
) -> None:
    cited(store)
    found = forward(store, SLEPT, read_blob=lambda _: None)
    assert len(found.cited) == 2
    assert found.held == ()
    assert forward(store, digest("nothing"), read_blob=store.find_blob).held == ()


def test_a_chain_over_sqlite_is_the_chain_over_memory(ledger: SqliteLedger) -> None:
    """A ladder of stages with rungs: every row is found once, however many ways lead to it."""
    rows: list[Row] = []
    for number in range(60):
        rows.append(stage("r1", f"s{number}", *rows[-3:]))
    memory = MemoryLedger()
    for one in (memory, ledger):
        add(one, start("r1"), Commit(rows=tuple(rows)))
    last = rows[-1].output or ""
    assert chain(memory, last) == chain(ledger, last)
    assert len(chain(ledger, last)) == 60
