"""One question until it is answered: look it up, send, check by rule, ask again with the reason."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import random
from typing import Any

from pydantic import ValidationError

from atelier.cache.keys import call_key
from atelier.kernel.canonical import ValueRefusedError
from atelier.kernel.clock import iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import RejectedError, StageError, TransientError
from atelier.kernel.form import Form, faults
from atelier.kernel.money import total
from atelier.ledger.rows import CallRow
from atelier.models import Message, Request, Response
from atelier.models.fault import Fault, ModelError
from atelier.models.wait import delay
from atelier.orchestrate.excerpt import Excerpt
from atelier.orchestrate.flights import Flights
from atelier.orchestrate.gateway import Dialogue, Line, Sender
from atelier.orchestrate.prompt import Prompt
from atelier.orchestrate.repeated_key import RepeatedKeyError, require_single_keys
from atelier.orchestrate.retry import Bounds, Retry, Tried, decide
from atelier.orchestrate.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an asking stage is given: whom it asks, about what, and who checks the answer.

    `lines` are the bound model and those that stand in for it while it cannot answer. With
    `refresh`, recorded answers are passed by, and new ones become the next draw of their calls.
    """

    sender: Sender
    scope: str
    lines: Sequence[Line]
    flights: Flights
    prompt: Prompt
    form: Form[Any]
    tries: int
    refresh: bool
    evidence: Mapping[str, tuple[Any, Sequence[Shown]]]
    objections: Callable[[Any, Sequence[Excerpt] | None], Sequence[str]]
    door: Callable[[Any], Sequence[str]]


class RefusedAnswerError(RejectedError):
    """An answer that broke a rule, whole, with what is said when it is asked for again."""

    def __init__(self, stage: str, rule: str, *, answer: str, why: str) -> None:
        super().__init__(
            f"ask.{rule}",
            f"Stage {stage!r} was given an answer that breaks a rule.",
            facts={"why": why},
            next_step="Read the answers with `atelier show RUN STAGE`, then say in the prompt what is "
            "missing.",
        )
        self.answer = answer
        self.why = why


# No recorded answer; None may be one.
_MISS = object()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A call that this execution asked, and whether its answer was recorded before."""

    row: CallRow
    reused: bool


@dataclass(slots=True)
class Question:
    """One ask until it is answered; `shown` confines what an answer may cite."""

    desk: Desk
    resolved: dict[str, Resolved]
    shown: Sequence[Excerpt] | None
    dialogues: list[Dialogue] = field(default_factory=list[Dialogue])
    stood_in: str = ""

    async def ask(self, text: str) -> Any:
        """The answer to a prompt.

        Raises:
            StageError: no acceptable answer came.
        """
        first: StageError | None = None
        for line in self.desk.lines:
            binding = line.binding.as_json()
            request = Request(binding, (Message("user", text),), self.desk.form.asked)
            call = call_key(self.desk.scope, binding, request.as_json())
            try:
                answer = await self._answered(line, request, call)
            except StageError as error:
                first = first or error
                if not _may_stand_in(error):
                    break
                continue
            if first is not None:
                self.stood_in = line.binding.requested
            return answer
        raise first or AssertionError

    async def _answered(self, line: Line, request: Request, call: str) -> Any:
        async with self.desk.flights.alone(call) as flight:
            row = await self.desk.flights.calls(call)
            answer = self._recorded(call, row)
            if answer is _MISS and not await flight.lease():
                row = await self.desk.flights.calls(call)
                answer = self._recorded(call, row)
            if answer is not _MISS:
                return answer
            # Wanted from here on: what another process commits meanwhile has this draw, and is
            # adopted.
            draw = row.draw + 1 if row is not None else 0
            return await self._fresh(line, request, call, draw=draw)

    def _recorded(self, call: str, row: CallRow | None) -> Any:
        """The answer that is committed under a call, or a miss where today's checks refuse it."""
        desk = self.desk
        if desk.refresh and call not in self.resolved:
            return _MISS
        data = desk.sender.read_blob(row.answer) if row is not None else None
        if row is None or data is None:
            return _MISS
        try:
            answer = desk.form.decode(data)
        except ValidationError:
            return _MISS
        if desk.objections(answer, self.shown):
            return _MISS
        self.resolved.setdefault(call, Resolved(row, reused=True))
        return answer

    async def _fresh(self, line: Line, request: Request, call: str, *, draw: int) -> Any:
        """Ask until an answer passes, and commit it under its call."""
        orphans = await self.desk.flights.orphans(call)  # its lease is ours: nobody ends them
        dialogue = Dialogue(sender=self.desk.sender, line=line, call=call, orphans=orphans or [])
        self.dialogues.append(dialogue)
        sender = self.desk.sender
        with sender.purse.taking_part(dialogue, sender.caps):
            return await self._settled(dialogue, request, draw=draw)

    async def _settled(self, dialogue: Dialogue, request: Request, *, draw: int) -> Any:
        tried, bounds = Tried(), Bounds(self.desk.tries)
        while True:
            try:
                response = await dialogue.exchange(request)
                answer, data = self._accepted(dialogue, response, tried)
            except StageError as error:
                tried = tried.after(error)
                match decide(error, tried, bounds):
                    case Retry.STOP:
                        await dialogue.close()
                        raise
                    case Retry.AGAIN:
                        await asyncio.sleep(delay(tried.transient, error, chance=random))
                    case Retry.WITH_FEEDBACK:
                        if isinstance(error, RefusedAnswerError):
                            request = _again(request, error.answer, error.why)
                continue
            return await self._committed(dialogue, draw, answer, data=data)

    async def _committed(self, dialogue: Dialogue, draw: int, answer: Any, *, data: bytes) -> Any:
        """The answer of a call as the ledger holds it: the first that was committed."""
        call, sent = dialogue.call, dialogue.attempts
        row = CallRow(
            call=call,
            draw=draw,
            answer=digest_bytes(data),
            attempt=sent[-1].id,
            run=self.desk.sender.run,
            stage=self.desk.sender.stage,
            recorded_at=iso(self.desk.sender.clock.now()),
            model_served=sent[-1].model_served,
            original=total(attempt.incurred for attempt in sent),
        )
        kept = await dialogue.accept(row, data)
        self.resolved[call] = Resolved(kept, reused=False)
        if kept.answer == row.answer:
            return answer
        return self.desk.form.decode(self.desk.sender.read_blob(kept.answer) or data)

    def _accepted(self, dialogue: Dialogue, response: Response, tried: Tried) -> tuple[Any, bytes]:
        """The answer and its bytes, if it has the form asked for and every citation stands.

        What the door refuses is handed on after the last try.
        """
        try:
            answer, data = self._decoded(response)
            problems = self.desk.door(answer)
            if problems and tried.rejected + 1 < self.desk.tries:
                raise self._refused("door", response, why="\n".join(problems))
        except RefusedAnswerError as error:
            dialogue.reject(error)
            raise
        return answer, data

    def _decoded(self, response: Response) -> tuple[Any, bytes]:
        try:
            answer = self.desk.form.decode(response.text.encode())
            require_single_keys(response.text)
            data = self.desk.form.encode(answer)
        except ValidationError as error:
            raise self._refused("schema", response, why=faults(error)) from error
        except RepeatedKeyError as error:  # it fits its type, and can be read in two ways
            raise self._refused("schema", response, why=str(error)) from error
        except ValueRefusedError as error:  # it fits its type, and has no canonical form
            why = f"{error.facts['path']}: {error.facts['why']}"
            raise self._refused("schema", response, why=why) from error
        objections = self.desk.objections(answer, self.shown)
        if objections:
            raise self._refused("citation", response, why="\n".join(objections))
        return answer, data

    def _refused(self, rule: str, response: Response, *, why: str) -> RefusedAnswerError:
        return RefusedAnswerError(self.desk.sender.stage, rule, answer=response.text, why=why)


def _may_stand_in(error: StageError) -> bool:
    """Whether another model may answer: this one cannot be reached, or will not take requests."""
    return isinstance(error, ModelError) and (
        isinstance(error, TransientError) or error.fault in _STANDS_ASIDE
    )


_STANDS_ASIDE = frozenset(
    {
        Fault.AUTH,
        Fault.NO_KEY,
        Fault.NO_RECEIPT,
        Fault.NOT_FOUND,
        Fault.PERMISSION,
        Fault.QUOTA,
    }
)


def _again(request: Request, answer: str, why: str) -> Request:
    said = f"Your answer was refused:\n{why}\nAnswer again, whole, in the form that was asked for."
    turns = (*request.messages, Message("assistant", answer), Message("user", said))
    return replace(request, messages=turns)
