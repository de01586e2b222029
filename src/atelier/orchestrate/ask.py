"""What `ask` does: fill the prompt, send, check by rule, ask again with the reason."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from atelier.cache.keys import call_key
from atelier.cache.watch import unwatched
from atelier.kernel.canonical import canonical
from atelier.kernel.clock import Clock, iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import RejectedError, SetupError, StageError
from atelier.kernel.form import Form, faults
from atelier.ledger.rows import Attempt
from atelier.ledger.store import Commit
from atelier.models import Binding, Message, ModelClient, Request, Response
from atelier.orchestrate.excerpt import Excerpt, Excerpts
from atelier.orchestrate.prompt import Prompt, fence
from atelier.orchestrate.retry import Retry, decide, delay
from atelier.orchestrate.shown import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an asking stage is given: whom it asks, about what, and who checks the answer."""

    run: str
    stage: str
    scope: str
    binding: Binding
    client: ModelClient
    prompt: Prompt
    form: Form[Any]
    tries: int
    clock: Clock
    evidence: Mapping[str, tuple[Any, Sequence[Shown]]]
    objections: Callable[[Any, Sequence[Excerpt] | None], Sequence[str]]
    door: Callable[[Any], Sequence[str]]
    commit: Callable[[Commit], Any]
    element: str | None = None


class RefusedAnswerError(RejectedError):
    """An answer that broke a rule, whole, with what is said when it is asked for again."""

    def __init__(self, stage: str, rule: str, *, answer: str, why: str) -> None:
        super().__init__(
            f"ask.{rule}",
            f"Stage {stage!r} was given an answer that breaks a rule.",
            facts={"why": why},
            next_step="Read the answers with `atelier why`, then say in the prompt what is missing.",
        )
        self.answer = answer
        self.why = why


@dataclass(slots=True)
class Asker:
    """One stage's `ask`; it counts what was sent."""

    desk: Desk
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    failed: list[StageError] = field(default_factory=list[StageError])

    async def __call__(self, **slots: object) -> Any:
        """The first answer that passes every rule.

        An answer that only the door check refuses is asked for again, and handed on after the
        last try: what it invents is printed flagged.

        Raises:
            StageError: no acceptable answer came.
        """
        with unwatched():  # what asking reads and reaches is recorded as attempts
            try:
                return await self._ask(slots)
            except StageError as error:
                self.failed.append(error)
                raise

    async def _ask(self, slots: Mapping[str, object]) -> Any:
        desk = self.desk
        text = desk.prompt.fill(self._filled(slots))
        shown = _excerpts(slots)
        first = Request(desk.binding.as_json(), (Message("user", text),), desk.form.asked)
        call = call_key(desk.scope, desk.binding.as_json(), first.as_json())
        request = first
        for number in range(1, desk.tries + 1):
            try:
                response = await self._send(request, call, number)
                answer = self._accepted(response, shown)
            except StageError as error:
                if decide(error, attempt=number, limit=desk.tries) is Retry.STOP:
                    raise
                if isinstance(error, RefusedAnswerError):
                    request = _again(request, error.answer, error.why)
                else:
                    await asyncio.sleep(delay(number))
                continue
            problems = desk.door(answer)
            if not problems or number == desk.tries:
                return answer
            request = _again(request, response.text, "\n".join(problems))
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _filled(self, slots: Mapping[str, object]) -> dict[str, str]:
        missing = [name for name in self.desk.prompt.slots if name not in slots]
        if missing:
            raise SetupError(
                "prompt.unfilled",
                f"Stage {self.desk.stage!r} asks without filling a slot of its prompt.",
                facts={"slot": missing[0], "given": ", ".join(slots)},
                next_step=f"Pass it: ask({missing[0]}=...).",
            )
        return {name: self._slot(name, slots[name]) for name in self.desk.prompt.slots}

    def _slot(self, name: str, value: object) -> str:
        handed = self.desk.evidence.get(name)
        if handed is not None and handed[0] is value:
            return fence("\n".join(item.line for item in handed[1]), name)
        if isinstance(value, Excerpts):
            return fence(value.text, name)
        if isinstance(value, str):
            return value
        return canonical(to_jsonable_python(value, by_alias=True)).decode()

    async def _send(self, request: Request, call: str, number: int) -> Response:
        desk = self.desk
        data = canonical(request.as_json())
        intent = Attempt(
            id=f"{desk.run}/{desk.stage}/{len(self.attempts) + 1}"
            + (f"/{desk.element}" if desk.element else ""),
            run=desk.run,
            stage=desk.stage,
            element=desk.element,
            call=call,
            number=number,
            request=digest_bytes(data),
            model_class=desk.binding.model_class,
            model_requested=desk.binding.requested,
            sent_at=iso(desk.clock.now()),
        )
        self.attempts.append(intent)  # before anything is awaited: a stage may ask twice at once
        await desk.commit(Commit(attempts=(intent,), blobs={intent.request: data}))
        try:
            receipt = await desk.client.send(request)
        except StageError as error:
            await self._end(intent, outcome="failed", error=error.as_json())
            raise
        kept: dict[str, Any] = {
            "blobs": {digest_bytes(receipt): receipt},
            "response": digest_bytes(receipt),
        }
        try:
            response = await desk.client.read(request, receipt)
        except StageError as error:
            await self._end(intent, outcome="failed", error=error.as_json(), **kept)
            raise
        await self._end(
            intent,
            outcome="answered",
            **kept,
            model_served=response.model,
            input_tokens=response.usage.input_tokens,
            cached_tokens=response.usage.cached_tokens,
            output_tokens=response.usage.output_tokens,
            reasoning_tokens=response.usage.reasoning_tokens,
        )
        return response

    async def _end(
        self, intent: Attempt, *, blobs: Mapping[str, bytes] | None = None, **facts: Any
    ) -> None:
        done = replace(intent, ended_at=iso(self.desk.clock.now()), **facts)
        self.attempts = [done if one.id == done.id else one for one in self.attempts]
        await self.desk.commit(Commit(attempts=(done,), blobs=blobs or {}))

    def _accepted(self, response: Response, shown: Sequence[Excerpt] | None) -> Any:
        """The answer, if it has the form that was asked for and every citation stands."""
        try:
            answer = self.desk.form.decode(response.text.encode())
        except ValidationError as error:
            raise RefusedAnswerError(
                self.desk.stage, "schema", answer=response.text, why=faults(error)
            ) from error
        objections = self.desk.objections(answer, shown)
        if objections:
            raise RefusedAnswerError(
                self.desk.stage, "citation", answer=response.text, why="\n".join(objections)
            )
        return answer


def _excerpts(slots: Mapping[str, object]) -> Sequence[Excerpt] | None:
    """What an answer may cite; None where nothing confines it."""
    given = [value for value in slots.values() if isinstance(value, Excerpts)]
    return [item for each in given for item in each.items] if given else None


def _again(request: Request, answer: str, why: str) -> Request:
    said = f"Your answer was refused:\n{why}\nAnswer again, whole, in the form that was asked for."
    turns = (*request.messages, Message("assistant", answer), Message("user", said))
    return replace(request, messages=turns)
