"""A ledger in which each part of a run has a word of its own, by which it is found in any file."""

from dataclasses import replace

from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest, digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import (
    ArtefactRow,
    CitationRow,
    ClaimRow,
    Consumed,
    Event,
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

RUN, LIVE = "01m8h7j5nrghsq2am30zj40aba", "01m8h7j5nrghsq2am30zj40abc"
CITED = "I saw a marigold in the garden of Tamsin."
UNCITED = "Nobody spoke of the juniper behind the house."
SHORT = "periwinkle-9"
SPEAKER, TIME = "Oleander", "00:47:11"
PROMPT_FILE, SENT, SYSTEM = "foxglove", "larkspur", "snapdragon"
RAW, HEADER, VALUE, ASIDE, FACT = "hellebore", "x-hyacinth", "gentian", "bryony", "campion"
SUBJECT, PARAMETER, OTHER = "Tamsin", "verbena", "zinnia"
SENTENCE = "She saw a marigold in the garden, says the writer."


def telltale_ledger(*, is_printed: bool = True, is_about: bool = True) -> MemoryLedger:
    """One whole run with a claim, rows and an attempt, which printed a page or not; one under way."""
    ledger, blobs = MemoryLedger(), dict[str, bytes]()

    def keep(value: Json) -> str:
        data = canonical(value)
        blobs[digest_bytes(data)] = data
        return digest_bytes(data)

    elements: list[Json] = [
        {"speaker": SPEAKER, "text": CITED, "km": 7},
        {"speaker": SPEAKER, "text": UNCITED},
        {"text": SHORT},
    ]
    sliced = keep(elements)
    origins = keep(
        {"notes": [{"file": f"notes/{SUBJECT.lower()}.vtt", "speaker": SPEAKER, "time": TIME}] * 3}
    )
    parameters: dict[str, Json] = {"place": PARAMETER, "more": [OTHER, 2]}
    manifest = keep(
        {
            "kind": "packet",
            "of": {
                "parameters": parameters,
                "slices": {"notes": sliced},
                "obligations": {"notes": [digest(elements[1])]},
            },
        }
    )
    output = keep({"text": f"{VALUE} for {SUBJECT}", "quoted": CITED})
    parameter = keep(PARAMETER)
    prompt = f"Tell of {PROMPT_FILE}.".encode()
    blobs[digest_bytes(prompt)] = prompt
    components = keep(
        {"prompt/tell.md": {"digest": digest_bytes(prompt), "text": digest_bytes(prompt)}}
    )
    request = keep(
        {
            "binding": {"model": "m"},
            "messages": [{"role": "user", "text": f"{SENT}: {CITED} {UNCITED} {SHORT}"}],
            "schema": None,
            "system": f"{SYSTEM} in {PARAMETER.upper()}",
        }
    )
    response = keep(
        {"status": 200, "headers": {HEADER: "1"}, "body": f'{RAW} \\n{SUBJECT}, "{CITED}"'}
    )
    printed = f"# About {SUBJECT} and {PARAMETER}\n{SENTENCE}\n".encode()
    blobs[digest_bytes(printed)] = printed
    lines = keep(_lines())
    error = {
        "code": "stage.rejected",
        "sentence": "The answer was rejected.",
        "facts": {"quoted": FACT},
        "next_step": "Look at it.",
    }
    packet = digest("packet")
    start = RunStart(
        run=RUN,
        workflow="garden",
        scope="default",
        packet=packet,
        run_key=digest("key"),
        started_at=NOW,
        target="garden.py",
        parameters=parameters,
        subject=SUBJECT if is_about else None,
    )
    draft = Row(
        run=RUN,
        stage="draft",
        outcome=Outcome.RAN,
        recorded_at=NOW,
        reason="first run",
        key=digest("row"),
        recipe=digest("recipe"),
        components=components,
        output=output,
        aside=keep({"noted": ASIDE}),
        requests=1,
        consumed=(
            Consumed(
                parameter="notes", supply=Supply.SLICE, source="notes", digest=sliced, whole=sliced
            ),
            Consumed(
                parameter="place",
                supply=Supply.PARAMETER,
                source="place",
                digest=parameter,
                whole=parameter,
            ),
            Consumed(
                parameter="packet",
                supply=Supply.PACKET,
                source="packet",
                digest=manifest,
                whole=manifest,
            ),
        ),
    )
    handed = Consumed(
        parameter="draft", supply=Supply.STAGE, source="draft", digest=output, whole=output
    )
    page = replace(draft, stage="page", key=digest("page"), requests=0, consumed=(handed,))
    failed = replace(page, stage="last", key=None, outcome=Outcome.FAILED, output=None, error=error)
    sent = replace(attempt(RUN), request=request)
    emitted = Commit(
        artefact=ArtefactRow(
            run=RUN,
            stage="page",
            path=f"pages/{PARAMETER}.md",
            digest=digest_bytes(printed),
            mark=digest("mark"),
            lines=lines,
            action="created",
            recorded_at=NOW,
        )
    )
    add(
        ledger,
        Commit(start=start),
        Commit(
            packet=PacketRecord(
                packet=packet,
                manifest=manifest,
                origins=origins,
                run=RUN,
                slices={"notes": sliced},
            ),
            blobs=blobs,
        ),
        Commit(attempts=(sent,)),
        Commit(
            attempts=(
                replace(sent, outcome="rejected", response=response, error=error, ended_at=NOW),
            )
        ),
        Commit(
            rows=(draft, page, failed),
            claims=(_claim(output),),
            citations=(_citation(output, digest(elements[0])),),
        ),
        Commit(
            events=(
                Event(
                    kind="kept", subject=f"pages/{SUBJECT}.md", detail="", recorded_at=NOW, run=RUN
                ),
            )
        ),
        *((emitted,) if is_printed else ()),
        Commit(
            end=RunEnd(run=RUN, status=RunStatus.PARTIAL, ended_at=NOW, sound=True, seconds=1.0)
        ),
        Commit(start=replace(start, run=LIVE, owner="")),
    )
    return ledger


def _lines() -> list[dict[str, Json]]:
    return [
        {
            "first": at,
            "last": at,
            "part": part,
            "passage": at - 2,
            "sentence": sentence,
            "flag": "",
            "claims": claims,
        }
        for at, part, sentence, claims in (
            (1, "title", f"About {SUBJECT} and {PARAMETER}", []),
            (2, "text", SENTENCE, ["0a1b2c3d"]),
        )
    ]


def _claim(output: str) -> ClaimRow:
    check = {"name": "quote", "outcome": "pass", "detail": f"found: {CITED[:30]}", "by": "rules"}
    return ClaimRow(
        output=output,
        claim="0a1b2c3d",
        ordinal=0,
        text=SENTENCE,
        kind="fact",
        verdict="supported",
        flag="",
        decided_by="rule",
        checks=canonical([check]).decode(),
    )


def _citation(output: str, element: str) -> CitationRow:
    start = CITED.index("a marigold")
    quote = CITED[start:-3]  # it ends within a name
    return CitationRow(
        output=output,
        claim="0a1b2c3d",
        ordinal=0,
        slice="notes",
        element=element,
        occurrence=1,
        pointer="/text",
        start=start,
        end=start + len(quote),
        quote=quote,
        match="verbatim",
        role="supports",
        found_by="stage",
    )
