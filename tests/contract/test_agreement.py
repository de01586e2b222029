"""The ledger on SQLite and the ledger in memory give the same answers to everything."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atelier.kernel.digest import digest, digest_bytes
from atelier.kernel.errors import AtelierError
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import (
    Attempt,
    CallRow,
    Cap,
    Event,
    Memo,
    Outcome,
    PacketRecord,
    Row,
    RunEnd,
    RunStatus,
)
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit, LedgerStore
from atelier.testing.ledger_samples import (
    NOW,
    artefact,
    attempt,
    call,
    citation,
    claim,
    judgement,
    ran,
    reads,
    start,
)

RUNS = ["r1", "r2", "r3"]
STAGES = ["draft", "review", "synthesis"]
KEYS = ["k1", "k2", "k3"]
OUTPUTS = [digest(name) for name in "abc"]
DATA = [b"right", b"left"]
COUNTS = st.none() | st.integers(0, 3)


def pick(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    above = draw(st.lists(st.tuples(pick(STAGES), pick(OUTPUTS)), max_size=2))
    return replace(
        ran(draw(pick(RUNS)), draw(pick(STAGES)), key=draw(st.none() | pick(KEYS))),
        outcome=draw(pick([*Outcome, Outcome.RAN, Outcome.RAN])),
        output=draw(st.none() | pick(OUTPUTS)),
        draw=draw(st.integers(0, 2)),
        sound=draw(st.booleans()),
        element=draw(st.none() | pick(["e1", "e2"])),
        components=draw(st.none() | st.just("c")),
        served_from=draw(st.none() | st.none() | st.integers(1, 4)),
        original=draw(COUNTS),
        input_tokens=draw(COUNTS),
        cached_tokens=draw(COUNTS),
        consumed=tuple(reads(stage, output) for stage, output in above),
    )


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    return replace(
        attempt(draw(pick(RUNS))),
        id=draw(pick(["a1", "a2"])),
        stage=draw(pick(STAGES)),
        outcome=draw(pick(["intent", "answered"])),
        ended_at=draw(st.none() | st.just(NOW)),
        output_tokens=draw(COUNTS),
        reasoning_tokens=draw(COUNTS),
    )


@st.composite
def calls(draw: st.DrawFn) -> CallRow:
    return replace(
        call(draw(pick(RUNS)), answer=draw(pick(OUTPUTS))),
        draw=draw(st.integers(0, 1)),
        attempt=draw(pick(["a1", "a2"])),
    )


CAPS = [
    Cap(limit=400, what="a run", run="r1"),
    Cap(limit=900, what="a day", workflow="w", since="2026"),
]


@st.composite
def packets(draw: st.DrawFn) -> PacketRecord:
    name = draw(pick(["p1", "p2"]))
    return PacketRecord(
        packet=name,
        manifest="m",
        origins=draw(pick(["o1", "o2"])),
        run=draw(pick(RUNS)),
        slices={"journal": f"{name} journal", "program": "same program"},
    )


@st.composite
def ends(draw: st.DrawFn) -> RunEnd:
    return RunEnd(
        run=draw(pick(RUNS)),
        status=draw(pick([RunStatus.COMPLETE, RunStatus.COMPLETE, RunStatus.FAILED])),
        ended_at=NOW,
        sound=draw(pick([True, True, False])),
        served_from=draw(st.none() | st.none() | pick(RUNS)),
    )


@st.composite
def commits(draw: st.DrawFn) -> Commit:
    output, number = draw(pick(OUTPUTS)), draw(st.integers(0, 1))
    data = draw(st.none() | pick(DATA))
    first = start(draw(pick(RUNS)), packet=draw(pick(["p1", "p2"])))
    return Commit(
        start=draw(st.none() | st.none() | st.just(first.start)),
        rows=tuple(draw(st.lists(rows(), max_size=3))),
        blobs={} if data is None else {digest_bytes(b"right"): data},
        packet=draw(st.none() | packets()),
        claims=(claim(output, "c", number),) * draw(st.integers(0, 1)),
        citations=(citation(output, "c", number),) * draw(st.integers(0, 1)),
        judgements=(judgement(output, "c", number),) * draw(st.sampled_from([0, 0, 0, 1])),
        attempts=tuple(draw(st.lists(attempts(), max_size=1))),
        calls=tuple(draw(st.lists(calls(), max_size=1))),
        caps=tuple(draw(st.lists(pick(CAPS), max_size=1))),
        artefact=draw(st.none() | st.just(artefact("r1", "a.md", "a").artefact)),
        memos=(Memo(kind="lens", key="k", data=data or b""),) * draw(st.integers(0, 1)),
        events=(Event(kind="k", subject="s", detail="", recorded_at=NOW),) * number,
        end=draw(st.none() | st.none() | ends()),
    )


def answers(ledger: LedgerStore) -> dict[str, Any]:
    """Everything that can be asked of a ledger."""
    return {
        "values": ledger.find_values(KEYS),
        "served": ledger.find_served("run-key"),
        "stages": {run: list(ledger.iter_stage_rows(run)) for run in RUNS},
        "elements": [
            list(ledger.iter_element_rows(run, stage)) for run in RUNS for stage in STAGES
        ],
        "rows": [ledger.find_row(seq) for seq in range(1, 12)],
        "candidates": ledger.find_candidates(STAGES[:2], workflow="w", limit=4),
        "precedents": ledger.find_precedents(STAGES, parameters={}, limit=4),
        "producers": [ledger.find_producer(output) for output in OUTPUTS],
        "chains": [ledger.find_chain(output) for output in OUTPUTS],
        "runs": [ledger.find_run(run) for run in (*RUNS, "r")],
        "paged": list(ledger.iter_runs(limit=2, before="r3")),
        "of packet": list(ledger.iter_runs(limit=9, packet="p1")),
        "with output": [list(ledger.iter_runs_with(output)) for output in OUTPUTS],
        "reuses": [list(ledger.iter_reuses(seq)) for seq in range(1, 12)],
        "packets": [ledger.find_packet(packet) for packet in ("p1", "p2")],
        "of slice": ledger.find_packets_of_slice("same program"),
        "slices": sorted(ledger.iter_slices()),
        "claims": [list(ledger.iter_claims(output)) for output in OUTPUTS],
        "citations": [list(ledger.iter_citations(output, "c")) for output in OUTPUTS],
        "judgements": list(ledger.iter_judgements()),
        "judged": [list(ledger.iter_judgements(output, after=1)) for output in OUTPUTS],
        "citing": list(ledger.iter_citing("e")),
        "attempts": [list(ledger.iter_attempts(run)) for run in RUNS],
        "open": ledger.find_open_attempts([attempt("r1").call]),
        "unsettled": list(ledger.iter_unsettled()),
        "served by": list(ledger.iter_served()),
        "of request": ledger.find_attempts(attempt("r1").request),
        "call": ledger.find_calls([attempt("r1").call]),
        "spent": [ledger.spent(cap) for cap in CAPS],
        "artefacts": list(ledger.iter_artefacts(run="r1")),
        "events": list(ledger.iter_events(limit=9)),
        "blob": ledger.find_blob(digest_bytes(b"right")),
        "memo": ledger.find_memo("lens", "k"),
    }


def said(ledger: LedgerStore, commit: Commit) -> Any:
    """What a commit came back with, or the code of its error."""
    try:
        return ledger.commit(commit).result()
    except AtelierError as error:
        return error.code


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(commits(), max_size=8))
def test_any_commits_end_alike_and_every_question_is_answered_alike(
    folder: Path, given: list[Commit]
) -> None:
    memory = MemoryLedger()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        sqlite = SqliteLedger.open(Path(name) / "ledger.sqlite")
        try:
            for commit in [start("r1"), start("r2"), *given]:
                assert said(sqlite, commit) == said(memory, commit)
            found, wanted = answers(sqlite), answers(memory)
            assert {name: found[name] for name in wanted if found[name] != wanted[name]} == {}
            seqs = [row.seq for row in found["rows"] if row is not None]
            assert seqs == list(range(1, len(seqs) + 1))
        finally:
            sqlite.close()
