"""A small ledger with something of everything."""

from dataclasses import replace

from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.rows import (
    Event,
    Outcome,
    PacketRecord,
    Row,
    RunEnd,
    RunStart,
    RunStatus,
)
from atelier.ledger.store import Commit, LedgerStore
from atelier.testing.ledger_samples import add, artefact, attempt, citation, claim, judgement

TEXT = "She wrote the methods chapter. 昨夜はよく眠れた 🎉. Café au lait."
ERROR = {
    "code": "stage.citation",
    "sentence": "A citation is not in the packet.",
    "facts": {"quoted": "I ran"},
    "next_step": "Quote the element's own words.",
}


def stored(value: Json) -> tuple[str, bytes]:
    data = canonical(value)
    return digest_bytes(data), data


OUTPUT, OUTPUT_DATA = stored({"text": TEXT})
REVIEW, REVIEW_DATA = stored(
    {
        "findings": [{"kind": "obligation", "statement": "Not mentioned."}, {"kind": "tension"}],
        "question": None,
        "declined": [],
    }
)
REQUEST, REQUEST_DATA = stored(
    {
        "binding": {"model": "hidden"},
        "messages": [{"role": "user", "text": "Summarise the week of Maya."}],
        "schema": {},
        "system": "You are brief.",
    }
)
STREAM = 'data: {"delta":{"text":"The answer is "}}\n\ndata: {"delta":{"text":"seventeen."}}\n'
RESPONSE, RESPONSE_DATA = stored({"status": 200, "headers": {}, "body": STREAM})
SLICE, SLICE_DATA = stored(
    [{"speaker": "Maya", "text": "I sent the chapter to Henrik."}, {"text": "睡眠不足でした"}]
)
BLOBS = {
    OUTPUT: OUTPUT_DATA,
    REVIEW: REVIEW_DATA,
    REQUEST: REQUEST_DATA,
    RESPONSE: RESPONSE_DATA,
    SLICE: SLICE_DATA,
}


def at(minute: int) -> str:
    return f"2026-03-{1 + minute // 60:02d}T09:{minute % 60:02d}:00.000000Z"


def begin(run: str, minute: int, *, student: str = "maya") -> Commit:
    return Commit(
        start=RunStart(
            run=run,
            workflow="coaching",
            scope="default",
            packet="sha256:" + "a" * 64,
            run_key="sha256:" + "b" * 64,
            started_at=at(minute),
            target="flow.py",
            parameters={"student": student},
            subject=student,
        )
    )


def end(run: str, minute: int, *, served_from: str | None = None, failed: bool = False) -> Commit:
    status = RunStatus.FAILED if failed else RunStatus.COMPLETE
    return Commit(
        end=RunEnd(
            run=run,
            status=status,
            ended_at=at(minute),
            sound=True,
            served_from=served_from,
            seconds=float(minute),
        )
    )


def stage_row(run: str, stage: str, minute: int, **facts: object) -> Row:
    row = Row(run=run, stage=stage, outcome=Outcome.RAN, recorded_at=at(minute), reason="new")
    return replace(row, **facts)


def fill(ledger: LedgerStore) -> None:
    """Three runs: one that ran, one that was served from it, one that failed."""
    sent = replace(attempt("r1"), request=REQUEST, id="r1/draft/1", sent_at=at(1), outcome="intent")
    answered = replace(
        sent,
        outcome="answered",
        response=RESPONSE,
        model_served="m:writer-1",
        ended_at=at(2),
        incurred=1200,
        input_tokens=100,
        cached_tokens=40,
        output_tokens=20,
        reasoning_tokens=5,
        price_table="2026-03",
    )
    rejected = replace(answered, id="r1/draft/2", outcome="rejected", error=ERROR, incurred=300)
    packet = PacketRecord(
        packet="sha256:" + "a" * 64,
        manifest="m",
        origins="o",
        run="r1",
        slices={"transcript": SLICE},
    )
    add(
        ledger,
        begin("r1", 0),
        Commit(packet=packet, blobs=BLOBS),
        Commit(attempts=(sent,)),
        Commit(attempts=(answered, rejected)),
        Commit(
            rows=(
                stage_row(
                    "r1",
                    "draft",
                    2,
                    key="k1",
                    output=OUTPUT,
                    recipe="sha256:" + "c" * 64,
                    model_class="writer",
                    model_requested="m:writer-1",
                    model_served="m:writer-1",
                    requests=2,
                    input_tokens=200,
                    output_tokens=40,
                    incurred=1500,
                    original=1500,
                    seconds=2.5,
                ),
            ),
            claims=(
                claim(OUTPUT, "c1", 0),
                replace(claim(OUTPUT, "c2", 1), verdict="contested", flag="contested"),
                replace(
                    claim(OUTPUT, "c3", 2),
                    verdict="out_of_scope",
                    checks='[{"name":"numbers","outcome":"warn","by":"rule"}]',
                ),
            ),
            citations=(citation(OUTPUT, "c1", 0), citation(OUTPUT, "c2", 1)),
        ),
        Commit(judgements=(judgement(OUTPUT, "c2", 1),)),
        Commit(rows=(stage_row("r1", "review", 3, key="k2", output=REVIEW, seconds=0.5),)),
        artefact("r1", "maya.md", "one"),
        end("r1", 4),
        begin("r2", 10),
        Commit(
            rows=(
                stage_row(
                    "r2", "", 10, outcome=Outcome.RUN_HIT, served_from=1, reason="served from r1"
                ),
            ),
            end=end("r2", 11, served_from="r1").end,
        ),
        begin("r3", 1500, student="tomas"),
        Commit(
            attempts=(replace(sent, id="r3/draft/1", run="r3", sent_at=at(1500), reserved=700),)
        ),
        Commit(
            rows=(stage_row("r3", "draft", 1501, outcome=Outcome.FAILED, error=ERROR),),
            events=(Event(kind="blob.damaged", subject="b", detail="=1+1", recorded_at=at(1501)),),
        ),
        end("r3", 1502, failed=True),
    )
