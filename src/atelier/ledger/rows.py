"""What the ledger keeps, as values: runs, rows, and what stands beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a stage ended in one run."""

    RAN = "ran"
    REUSED = "reused"
    FAILED = "failed"
    BLOCKED = "blocked"
    RUN_HIT = "run-hit"


class RunStatus(StrEnum):
    """How a run ended, or that it has not."""

    RUNNING = "running"
    COMPLETE = "complete"
    DEGRADED = "degraded"
    PARTIAL = "partial"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class Supply(StrEnum):
    """Where a stage's input comes from."""

    SLICE = "slice"
    PARAMETER = "parameter"
    STAGE = "stage"
    PACKET = "packet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """One input of one execution: the projection that was handed over, and what it was cut from."""

    parameter: str
    supply: Supply
    source: str
    digest: str
    whole: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One stage in one run; an `each` stage adds a row per element that executed.

    Digests point to blobs. Money is integer micros; None is unknown, never zero.
    """

    run: str
    stage: str
    outcome: Outcome
    recorded_at: str
    seq: int = 0
    element: str | None = None
    reason: str = ""
    key: str | None = None
    draw: int = 0
    recipe: str | None = None
    components: str | None = None
    input: str | None = None
    output: str | None = None
    manifest: str | None = None
    served_from: int | None = None
    sound: bool = True
    unseen: tuple[Mapping[str, str], ...] = ()
    model_class: str | None = None
    model_requested: str | None = None
    model_served: str | None = None
    requests: int = 0
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    incurred: int | None = 0
    original: int | None = 0
    avoided: int | None = 0
    price_table: str | None = None
    citations: int | None = None
    citations_digest: str | None = None
    decided_by: str | None = None
    aside: str | None = None
    seconds: float = 0.0
    error: Mapping[str, Any] | None = None
    consumed: tuple[Consumed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStart:
    """A run as it begins."""

    run: str
    workflow: str
    scope: str
    packet: str
    run_key: str
    started_at: str
    target: str = ""
    namespace: str = "production"
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    subject: str | None = None
    owner: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """A run as it ends."""

    run: str
    status: RunStatus
    ended_at: str
    sound: bool
    served_from: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as it stands in the ledger."""

    start: RunStart
    status: RunStatus
    sound: bool
    ended_at: str | None = None
    served_from: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketRecord:
    """What a run's packet was: blobs of its manifest and of where each element stood."""

    packet: str
    manifest: str
    origins: str
    run: str
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """A grounded claim found in the output of the row of `stage` in this commit."""

    output: str
    claim: str
    ordinal: int
    text: str
    kind: str
    verdict: str
    flag: str
    decided_by: str
    checks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationRow:
    """A citation found in an output, of a claim or by itself (`claim` is then empty)."""

    output: str
    claim: str
    ordinal: int
    slice: str
    element: str
    occurrence: int
    pointer: str
    start: int | None
    end: int | None
    quote: str
    match: str
    role: str
    found_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementRow:
    """What a person says of a claim of an output: the verdict they give it, and why."""

    output: str
    claim: str
    ordinal: int
    verdict: str
    who: str
    reason: str
    recorded_at: str
    decided_by: str = "human"
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactRow:
    """An emission: which bytes a run put where, and what their lines rest on."""

    run: str
    stage: str
    path: str
    digest: str
    mark: str
    lines: str
    action: str
    recorded_at: str
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request to a model: its intent before it is sent, its outcome after."""

    id: str
    run: str
    stage: str
    call: str
    number: int
    request: str
    model_class: str
    model_requested: str
    sent_at: str
    element: str | None = None
    reserved: int | None = None
    outcome: str = "intent"
    response: str | None = None
    model_served: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    incurred: int | None = None
    price_table: str | None = None
    error: Mapping[str, Any] | None = None
    ended_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """What an `ask` resolved to: the accepted, canonical answer of one of its attempts.

    `original` is what all attempts of the call cost, those that were rejected included.
    """

    call: str
    draw: int
    answer: str
    attempt: str
    run: str
    stage: str
    recorded_at: str
    model_served: str | None = None
    original: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Which model answered in place of the one that was asked, and since when."""

    model_class: str
    requested: str
    served: str
    first_at: str
    last_at: str
    answers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A hard limit in micros of a dollar, of one run, or of a workflow since a moment.

    With `model_class`, only what that class was asked counts.

    An intent counts what it reserved until its cost is known; one of unknown cost always does.
    """

    limit: int
    what: str
    run: str | None = None
    model_class: str | None = None
    workflow: str | None = None
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """A disposable fact: a pure function's result, kept so that planning need not repeat it."""

    kind: str
    key: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that an operator should know: damage found, a dead owner's lease taken over."""

    kind: str
    subject: str
    detail: str
    recorded_at: str
    run: str | None = None
    seq: int = 0
