"""One request to a model, in the order in which nothing is lost and nothing is spent unseen.

Reserve the worst cost, wait for a place, record the intent, send, keep what came, read it, record
the outcome. A crash between any two of these costs at most one request that is sent again.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Any

from atelier.kernel.canonical import canonical
from atelier.kernel.clock import Clock, iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import ExhaustedError, StageError
from atelier.ledger.rows import Attempt, CallRow, Cap
from atelier.ledger.store import Commit, Committed
from atelier.models import Binding, ModelClient, Request, Response, Usage
from atelier.models.admission import Gates
from atelier.models.fault import ModelError
from atelier.models.limits import Limits
from atelier.models.prices import Cost, find_cost, find_worst_cost

ANSWERED = "answered"
FAILED = "failed"
IN_DOUBT = "in_doubt"
RECEIVED = "received"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The way to one model: how it is bound, who sends, and the gates that a request passes."""

    binding: Binding
    client: ModelClient
    gates: Gates
    limits: Sequence[tuple[str, Limits]]

    def worst(self, request: Request, at: datetime) -> Cost | None:
        """The most that a request can cost, where that is known."""
        bound = self.binding
        return find_worst_cost(request, provider=bound.provider, models=self._models(), at=at)

    def used(self, usage: Usage, served: str, at: datetime) -> dict[str, Any]:
        """What an answer used and cost, as an attempt keeps it; unknown is None."""
        models = self._models(served)
        cost = find_cost(usage, provider=self.binding.provider, models=models, at=at)
        return {
            "input_tokens": usage.input_tokens,
            "cached_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "incurred": cost.micros if cost else None,
            **({"price_table": cost.table} if cost else {}),
        }

    def _models(self, *served: str) -> list[str]:
        known = (*served, self.binding.model, self.binding.alias)
        return list(dict.fromkeys(name for name in known if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """On whose behalf requests are sent, and where they are recorded."""

    run: str
    stage: str
    element: str | None
    clock: Clock
    caps: Sequence[Cap]
    commit: Callable[[Commit], Any]
    read_blob: Callable[[str], bytes | None]


@dataclass(slots=True)
class Gateway:
    """Sends the requests of one ask, one after another; `attempts` holds each as the ledger does.

    Gateways of one execution share their `numbers`, so that no two attempts have one id.
    """

    sender: Sender
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    attempts: list[Attempt] = field(default_factory=list[Attempt])

    async def exchange(
        self, line: Line, request: Request, *, call: str, number: int, orphans: list[Attempt]
    ) -> Response:
        """The response to a request: one that a crash left unread, or one that is sent for.

        The attempt stays open: whoever judges the answer ends it. Of `orphans`, the attempts that
        nobody ends any more, those of this request are taken.

        Raises:
            StageError: no usable response came; the attempt has ended.
        """
        data = canonical(request.as_json())
        digest = digest_bytes(data)
        doubtful = [one for one in orphans if one.request == digest]
        receipt = self._adopted(doubtful)
        if receipt is None:
            intent = self._intent(line, call=call, number=number, data=data, request=request)
            receipt = await self._sent(line, request, intent, data=data, doubtful=doubtful)
            orphans[:] = [one for one in orphans if one not in doubtful]
        else:
            orphans.remove(self.attempts[-1])
        try:
            response = await line.client.read(request, receipt)
        except StageError as error:
            await self._failed(line, error)
            raise
        used = line.used(response.usage, response.model, self.sender.clock.now())
        self._note(model_served=response.model, **used)
        return response

    async def end(self, outcome: str, *, error: StageError | None = None) -> None:
        """Record what came of the last attempt."""
        self._note(outcome=outcome, ended_at=self._now(), error=error.as_json() if error else None)
        await self.sender.commit(Commit(attempts=(self.attempts[-1],)))

    async def accept(self, call: CallRow, answer: bytes) -> CallRow:
        """Record the last attempt as the answer of its call; what the call holds now comes back."""
        self._note(outcome=ANSWERED, ended_at=self._now())
        done: Committed = await self.sender.commit(
            Commit(attempts=(self.attempts[-1],), calls=(call,), blobs={call.answer: answer})
        )
        return done.calls[0]

    def _adopted(self, doubtful: Sequence[Attempt]) -> bytes | None:
        """The receipt of an attempt that was kept and never read, which becomes one of ours."""
        for one in doubtful:
            receipt = self.sender.read_blob(one.response) if one.response else None
            if receipt is not None:
                self.attempts.append(one)
                return receipt
        return None

    def _intent(
        self, line: Line, *, call: str, number: int, data: bytes, request: Request
    ) -> Attempt:
        sender = self.sender
        worst = line.worst(request, sender.clock.now())
        if worst is None and sender.caps:
            raise _unpriced(line.binding)
        place = f"/{sender.element}" if sender.element else ""
        return Attempt(
            id=f"{sender.run}/{sender.stage}{place}/{next(self.numbers)}",
            run=sender.run,
            stage=sender.stage,
            element=sender.element,
            call=call,
            number=number,
            request=digest_bytes(data),
            model_class=line.binding.model_class,
            model_requested=line.binding.requested,
            sent_at=self._now(),
            reserved=worst.micros if worst else None,
            price_table=worst.table if worst else None,
        )

    async def _sent(
        self,
        line: Line,
        request: Request,
        intent: Attempt,
        *,
        data: bytes,
        doubtful: Sequence[Attempt],
    ) -> bytes:
        """The receipt of a request, durable."""
        ended = tuple(replace(one, outcome=IN_DOUBT, ended_at=self._now()) for one in doubtful)
        async with line.gates.admitted(line.limits, tokens=_likely(data, request)):
            await self.sender.commit(
                Commit(
                    attempts=(*ended, intent),
                    caps=tuple(self.sender.caps),
                    blobs={intent.request: data},
                )
            )
            self.attempts.append(intent)
            try:
                receipt = await line.client.send(request)
            except StageError as error:
                await self._failed(line, error)
                raise
            except asyncio.CancelledError:  # what was on its way may have been billed
                await asyncio.shield(self.end(IN_DOUBT))
                raise
        digest = digest_bytes(receipt)
        self._note(outcome=RECEIVED, response=digest)
        await self.sender.commit(Commit(attempts=(self.attempts[-1],), blobs={digest: receipt}))
        return receipt

    async def _failed(self, line: Line, error: StageError) -> None:
        """End the last attempt: what it cost is known, or nothing, or in doubt."""
        if not isinstance(error, ModelError):
            await self.end(FAILED, error=error)
            return
        if error.retry_after is not None:
            line.gates.pause(line.limits[-1][0], error.retry_after)
        if error.usage is not None:
            used = line.used(error.usage, error.served, self.sender.clock.now())
            self._note(model_served=error.served or None, **used)
        elif not error.in_doubt:
            self._note(incurred=0)
        if error.partial:
            digest = digest_bytes(error.partial)
            self._note(response=digest)
            await self.sender.commit(
                Commit(attempts=(self.attempts[-1],), blobs={digest: error.partial})
            )
        await self.end(IN_DOUBT if error.in_doubt else FAILED, error=error)

    def _note(self, **facts: Any) -> None:
        self.attempts[-1] = replace(self.attempts[-1], **facts)

    def _now(self) -> str:
        return iso(self.sender.clock.now())


def _likely(data: bytes, request: Request) -> int:
    """About how many tokens a request takes, for the limits: four bytes make one, as a rule."""
    return len(data) // 4 + (request.max_tokens or 0)


def _unpriced(binding: Binding) -> ExhaustedError:
    return ExhaustedError(
        "models.unpriced",
        "A request was not sent: there is a budget, and no price is known for its model.",
        facts={"model class": binding.model_class, "model": binding.requested},
        next_step="Run without a budget, or bind the class to a model with a known price.",
    )
