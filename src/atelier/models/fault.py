"""What can go wrong when a model is asked: one table, and the errors that are made from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from atelier.kernel.errors import ExhaustedError, RejectedError, StageError, TransientError
from atelier.models.usage import Usage


class Fault(StrEnum):
    """The kinds of failure; each has a rule that says what the caller does next."""

    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    SERVER = "server"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    CUT = "cut"
    PROTOCOL = "protocol"
    BAD_REQUEST = "bad_request"
    NO_KEY = "no_key"
    LIVE_CALL = "live_call"
    AUTH = "auth"
    PERMISSION = "permission"
    NOT_FOUND = "not_found"
    QUOTA = "quota"
    CONTEXT_WINDOW = "context_window"
    LENGTH = "length"
    FILTER = "filter"
    REFUSAL = "refusal"
    EMPTY = "empty"
    TOOL_CALL = "tool_call"
    REDIRECT = "redirect"
    NO_RECEIPT = "no_receipt"


class ModelError(StageError):
    """A failure of a model, with what the next move needs as values.

    `in_doubt` says that the request was sent and nobody knows whether it was billed: no whole answer
    came, or one that says that the provider broke down. `status` is that of the HTTP answer.
    `partial` is what came of an answer, with no credential in it. `usage` is what was used all the
    same, where an answer came whole and cannot be used; `served` is the model that gave it.
    """

    def __init__(
        self,
        fault: Fault,
        rule: "Rule",
        found: "Found",
        *,
        facts: Mapping[str, object],
        next_step: str,
    ) -> None:
        super().__init__(rule.code, rule.sentence, facts=facts, next_step=next_step)
        self.fault = fault
        self.status = found.status
        self.retry_after = found.retry_after
        self.in_doubt = found.in_doubt
        self.partial = found.partial
        self.usage = found.usage
        self.served = found.served


class TransientModelError(ModelError, TransientError):
    """The same request may succeed later."""


class RejectedModelError(ModelError, RejectedError):
    """An answer came that cannot be used; another may be asked for."""


class ExhaustedModelError(ModelError, ExhaustedError):
    """Asking again cannot help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a request was for, as its errors name it; never an address or a credential."""

    model: str
    model_class: str = ""
    endpoint: str = ""
    key: str = ""

    def facts(self) -> dict[str, str]:
        """The facts of it that are known."""
        named = {"model class": self.model_class, "model": self.model, "endpoint": self.endpoint}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of one failure beside its kind."""

    status: int | None = None
    said: str = ""
    retry_after: float | None = None
    in_doubt: bool = False
    partial: bytes = b""
    usage: Usage | None = None
    served: str = ""
    request: str = ""

    def facts(self) -> dict[str, object]:
        """The facts of it that are known."""
        told: dict[str, object] = {}
        if self.status is not None:
            told["status"] = self.status
        if self.request:
            told["request"] = self.request
        if self.said:
            told["said"] = self.said
        if self.retry_after is not None:
            told["wait"] = f"{self.retry_after:g} s"
        if self.in_doubt:
            told["in doubt"] = "the request was sent: it may have been billed"
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a kind of failure is told, and which of the three types it is."""

    code: str
    kind: type[TransientError] | type[RejectedError] | type[ExhaustedError]
    sentence: str
    next_step: str


# In a next step, {key} is the environment variable and {section} the section of the class.
RULES: Mapping[Fault, Rule] = {
    Fault.RATE_LIMIT: Rule(
        code="models.rate_limit",
        kind=TransientError,
        sentence="The provider takes no more requests for a while.",
        next_step="Set `limits` in {section} to what your account allows.",
    ),
    Fault.OVERLOADED: Rule(
        code="models.overloaded",
        kind=TransientError,
        sentence="The provider is overloaded.",
        next_step="Run again later: what is done is kept. Or name a `fallback` in {section}.",
    ),
    Fault.SERVER: Rule(
        code="models.server",
        kind=TransientError,
        sentence="The provider failed to answer.",
        next_step="Run again later: what is done is kept. Or name a `fallback` in {section}.",
    ),
    Fault.CONNECTION: Rule(
        code="models.connection",
        kind=TransientError,
        sentence="The provider could not be reached, so nothing was sent.",
        next_step="Check the network, its proxy, and `url` of the endpoint that {section} names.",
    ),
    Fault.TIMEOUT: Rule(
        code="models.timeout",
        kind=TransientError,
        sentence="The answer did not come in time.",
        next_step="Raise `timeout` in {section}, or set `stream = true` there.",
    ),
    Fault.CUT: Rule(
        code="models.cut",
        kind=TransientError,
        sentence="The request was sent and its answer broke off.",
        next_step="Run again: the part that came is kept, and is never used as an answer.",
    ),
    Fault.PROTOCOL: Rule(
        code="models.protocol",
        kind=TransientError,
        sentence="What came is not an answer of this kind of provider.",
        next_step="Check `url` and `dialect` of the endpoint that {section} names.",
    ),
    Fault.BAD_REQUEST: Rule(
        code="models.bad_request",
        kind=ExhaustedError,
        sentence="The provider does not take this request.",
        next_step="Read what it said, then correct `use` or `sampling` in {section}.",
    ),
    Fault.NO_KEY: Rule(
        code="models.no_key",
        kind=ExhaustedError,
        sentence="There is no key for the provider, so nothing was sent.",
        next_step="Set the environment variable {key}.",
    ),
    Fault.LIVE_CALL: Rule(
        code="models.live_call",
        kind=ExhaustedError,
        sentence="A test may ask no model over the network, so nothing was sent.",
        next_step="Use `fake_provider` or `recorded_model`, or mark the test with `live_models`.",
    ),
    Fault.AUTH: Rule(
        code="models.auth",
        kind=ExhaustedError,
        sentence="The provider does not accept the key.",
        next_step="Set the environment variable {key} to a key that is valid there.",
    ),
    Fault.PERMISSION: Rule(
        code="models.permission",
        kind=ExhaustedError,
        sentence="The key may not use this model.",
        next_step="Allow it for the key in {key}, or change `use` in {section}.",
    ),
    Fault.NOT_FOUND: Rule(
        code="models.not_found",
        kind=ExhaustedError,
        sentence="The provider has no such model, or has it no longer.",
        next_step="Change `use` in {section} to a model that the provider has.",
    ),
    Fault.QUOTA: Rule(
        code="models.quota",
        kind=ExhaustedError,
        sentence="The account of the key has nothing left to spend.",
        next_step="Add to the account of the key in {key}, or raise its limit there.",
    ),
    Fault.CONTEXT_WINDOW: Rule(
        code="models.context_window",
        kind=ExhaustedError,
        sentence="The request is longer than the model can read.",
        next_step="Narrow what the stage takes in, or bind {section} to a model that reads more.",
    ),
    Fault.LENGTH: Rule(
        code="models.length",
        kind=ExhaustedError,
        sentence="The answer reached the output limit before it was complete.",
        next_step="Raise `max_tokens` under `sampling` in {section}.",
    ),
    Fault.FILTER: Rule(
        code="models.filter",
        kind=ExhaustedError,
        sentence="A filter of the provider withheld the answer.",
        next_step="Read the request with `atelier show RUN STAGE`; bind {section} to another model if "
        "it is right.",
    ),
    Fault.REFUSAL: Rule(
        code="models.refusal",
        kind=ExhaustedError,
        sentence="The model declined to answer.",
        next_step="Read what it said with `atelier show RUN STAGE`, then say in the prompt what is asked "
        "and why.",
    ),
    Fault.EMPTY: Rule(
        code="models.empty",
        kind=RejectedError,
        sentence="The model answered with nothing.",
        next_step="Read the request with `atelier show RUN STAGE`: say in the prompt what is to be "
        "answered.",
    ),
    Fault.TOOL_CALL: Rule(
        code="models.tool_call",
        kind=RejectedError,
        sentence="The model called a tool, though it was given none.",
        next_step='Set `structured = "prompted"` in {section} if it does so again.',
    ),
    Fault.REDIRECT: Rule(
        code="models.redirect",
        kind=ExhaustedError,
        sentence="The provider sends requests elsewhere, where no key is taken.",
        next_step="Set `url` of the endpoint that {section} names to the address that is meant.",
    ),
    Fault.NO_RECEIPT: Rule(
        code="models.no_receipt",
        kind=ExhaustedError,
        sentence="No answer to this request is recorded, and a replay sends nothing.",
        next_step="Read what differs above it; `atelier run` asks, and pays for, what is new.",
    ),
}
_TYPES: Mapping[type[StageError], type[ModelError]] = {
    TransientError: TransientModelError,
    RejectedError: RejectedModelError,
    ExhaustedError: ExhaustedModelError,
}


def make_error(fault: Fault, asked: Asked, found: Found | None = None) -> ModelError:
    """The error of a fault: its type says what to do, its facts whom it was about.

    Example:
        >>> print(make_error(Fault.AUTH, Asked(model="openai:gpt-5-mini", key="OPENAI_API_KEY")))
        [models.auth] The provider does not accept the key.
          model: openai:gpt-5-mini
          Set the environment variable OPENAI_API_KEY to a key that is valid there.
    """
    rule, found = RULES[fault], found or Found()
    section = f"[models.{asked.model_class}]" if asked.model_class else "[models.<class>]"
    return _TYPES[rule.kind](
        fault,
        rule,
        found,
        facts={**asked.facts(), **found.facts()},
        next_step=rule.next_step.format(key=asked.key or "of the endpoint's key", section=section),
    )
