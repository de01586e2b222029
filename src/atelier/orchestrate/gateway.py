"""One request to a model, in the order in which nothing is lost and nothing is spent unseen.

Reserve the worst cost, wait for a place, record the intent, send, keep what came, read it, record
the outcome. A crash between any two of these costs at most one request that is sent again.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from atelier.kernel.clock import Clock, iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import ExhaustedError, StageError
from atelier.kernel.money import total
from atelier.kernel.record import changed
from atelier.ledger.rows import Attempt, CallRow, Cap
from atelier.ledger.store import BudgetError, Commit, Committed
from atelier.models import Binding, ModelClient, Request, Response, Usage
from atelier.models.admission import Admission, Gates
from atelier.models.fault import ModelError
from atelier.models.limits import Limits
from atelier.models.lock import drift
from atelier.models.price import Cost
from atelier.models.prices import find_cost, most_usage
from atelier.orchestrate.purse import Purse
from atelier.orchestrate.retry import LONGEST_WAIT

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
        return self._cost(most_usage(request), at)

    def used(self, usage: Usage, served: str, at: datetime) -> dict[str, Any]:
        """What an answer used and cost, as an attempt keeps it; unknown is None."""
        cost = self._cost(usage, at, served)
        return {
            "input_tokens": usage.input_tokens,
            "cached_tokens": usage.cached_tokens,
            "output_tokens": usage.output_tokens,
            "reasoning_tokens": usage.reasoning_tokens,
            "incurred": cost.micros if cost else None,
            **({"price_table": cost.table} if cost else {}),
        }

    def _cost(self, usage: Usage, at: datetime, *served: str) -> Cost | None:
        """By the price that the install sets, else by the table of what answered or was asked."""
        bound = self.binding
        if bound.price is not None:
            return bound.price.cost(usage)
        known = dict.fromkeys(name for name in (*served, bound.model, bound.alias) if name)
        return find_cost(usage, provider=bound.provider, models=list(known), at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """On whose behalf requests are sent, and where they are recorded.

    `numbers` tells the attempts of one place in a run apart, however often it is executed.
    """

    run: str
    stage: str
    element: str | None
    clock: Clock
    caps: Sequence[Cap]
    commit: Callable[[Commit], Any]
    read_blob: Callable[[str], bytes | None]
    numbers: Iterator[int]
    warn: Callable[[str], None]
    purse: Purse


@dataclass(slots=True, kw_only=True)
class Dialogue:
    """Sends the requests of one call; `attempts` holds each as it stands, or will, in the ledger.

    `orphans` are the attempts of the call that nobody ends any more. A rejected attempt stays open
    until its call is settled, so that after a crash its answer is read again, and not asked for.
    """

    sender: Sender
    line: Line
    call: str
    orphans: list[Attempt]
    attempts: list[Attempt] = field(default_factory=list[Attempt])

    async def exchange(self, request: Request) -> Response:
        """The response to a request: one that a crash left unread, or one that is sent for.

        The attempt stays open: whoever judges the answer rejects it or accepts it.

        Raises:
            StageError: no usable response came; the attempt has ended.
        """
        receipt, admission = self._adopted(request.digest), None
        if receipt is None:
            receipt, admission = await self._sent(request)
        try:
            response = await self.line.client.read(request, receipt)
        except StageError as error:
            await self._failed(error)
            raise
        used = self.line.used(response.usage, response.model, self.sender.clock.now())
        if admission is not None:
            admission.settle(total((used["input_tokens"], used["output_tokens"])))
        self._note(model_served=response.model, **used)
        for remark in _remarks(response, self.line.binding):
            self.sender.warn(remark)
        return response

    def reject(self, error: StageError) -> None:
        """Note why the last attempt's answer is asked for again; it becomes durable with the next."""
        self._note(outcome=REJECTED, error=error.as_json())

    async def accept(self, call: CallRow, answer: bytes) -> CallRow:
        """Record the last attempt as the answer of its call; what the call holds now comes back."""
        settled = self._settled(outcome=ANSWERED)
        done: Committed = await self.sender.commit(
            Commit(attempts=settled, calls=(call,), blobs={call.answer: answer})
        )
        return done.calls[0]

    async def close(self) -> None:
        """End what is still open: the call has no answer, and is asked afresh another time."""
        settled = self._settled()
        if settled:
            await self.sender.commit(Commit(attempts=settled))

    def _settled(self, **last: Any) -> tuple[Attempt, ...]:
        """Every open attempt of the call, ended; `last` is what else is known of the last one."""
        now, own = self._now(), list[Attempt]()
        for place, one in enumerate(self.attempts):
            if not one.ended_at:
                known = last if place == len(self.attempts) - 1 else {}
                self.attempts[place] = changed(one, ended_at=now, **known)
                own.append(self.attempts[place])
        left = [changed(one, outcome=IN_DOUBT, ended_at=now) for one in self.orphans]
        self.orphans = []
        return (*own, *left)

    def _adopted(self, digest: str) -> bytes | None:
        """The receipt of an attempt that nobody judged to the end, which becomes one of ours."""
        for one in self.orphans:
            if one.request == digest and one.response:
                receipt = self.sender.read_blob(one.response)
                if receipt is not None:
                    self.orphans.remove(one)
                    self.attempts.append(changed(one, outcome=RECEIVED, error=None))
                    return receipt
        return None

    def _intent(self, request: Request) -> Attempt:
        sender, binding = self.sender, self.line.binding
        worst = self.line.worst(request, sender.clock.now())
        if worst is None and sender.caps:
            raise _unpriced(binding)
        place = f"/{sender.element}" if sender.element else ""
        return Attempt(
            id=f"{sender.run}/{sender.stage}{place}/{next(sender.numbers)}",
            run=sender.run,
            stage=sender.stage,
            element=sender.element,
            call=self.call,
            number=len(self.attempts) + 1,
            request=request.digest,
            model_class=binding.model_class,
            model_requested=binding.requested,
            sent_at=self._now(),
            reserved=worst.micros if worst else None,
            price_table=worst.table if worst else None,
        )

    async def _sent(self, request: Request) -> tuple[bytes, Admission]:
        """The receipt of a request, durable, and the leave that it was sent with.

        Where a budget has no room for it, others' requests may come to less than they hold.
        """
        purse, caps = self.sender.purse, self.sender.caps
        while True:
            before = purse.ended(caps)
            try:
                return await self._sent_within_budget(request)
            except BudgetError as error:
                if not await purse.chance(error, before):
                    raise

    async def _sent_within_budget(self, request: Request) -> tuple[bytes, Admission]:
        line = self.line
        async with line.gates.admitted(line.limits, tokens=_likely(request)) as admission:
            try:
                await self._intend(self._intent(request), request.data)
            except BudgetError:
                admission.give_back()
                await self._give_back()
                raise
            self.sender.purse.hold(self, self.sender.caps)
            try:
                receipt = await line.client.send(request)
            except StageError as error:
                await self._failed(error)
                raise
            except asyncio.CancelledError:  # what was on its way may have been billed
                await asyncio.shield(self._end(IN_DOUBT))
                raise
        digest = digest_bytes(receipt)
        self._note(outcome=RECEIVED, response=digest)
        await self.sender.commit(Commit(attempts=(self.attempts[-1],), blobs={digest: receipt}))
        return receipt, admission

    async def _intend(self, intent: Attempt, data: bytes) -> None:
        """Make an intent durable, with what is known by now of the attempts before it."""
        doubtful = [one for one in self.orphans if one.request == intent.request]
        now = self._now()
        ended = [changed(one, outcome=IN_DOUBT, ended_at=now) for one in doubtful]
        before = [one for one in self.attempts[-1:] if not one.ended_at]
        await self.sender.commit(
            Commit(
                attempts=(*ended, *before, intent),
                caps=tuple(self.sender.caps),
                blobs={intent.request: data},
            )
        )
        self.orphans = [one for one in self.orphans if one not in doubtful]
        self.attempts.append(intent)

    async def _failed(self, error: StageError) -> None:
        """End the last attempt: what it cost is known, or nothing, or in doubt."""
        if not isinstance(error, ModelError):
            await self._end(FAILED, error=error)
            return
        line, blobs = self.line, dict[str, bytes]()
        # Where it is not waited for, nobody waits at the gate either: each is told so by itself.
        if error.retry_after is not None and error.retry_after <= LONGEST_WAIT:
            line.gates.pause(line.limits[-1][0], error.retry_after)
        if error.usage is not None:
            used = line.used(error.usage, error.served, self.sender.clock.now())
            self._note(model_served=error.served or None, **used)
        elif not error.in_doubt:
            self._note(incurred=0)
        if error.partial:
            blobs[digest_bytes(error.partial)] = error.partial
            self._note(response=digest_bytes(error.partial))
        await self._end(IN_DOUBT if error.in_doubt else FAILED, error=error, blobs=blobs)

    async def _end(
        self,
        outcome: str,
        *,
        error: StageError | None = None,
        blobs: Mapping[str, bytes] | None = None,
    ) -> None:
        """Record what came of the last attempt."""
        self._note(outcome=outcome, ended_at=self._now(), error=error.as_json() if error else None)
        await self.sender.commit(Commit(attempts=(self.attempts[-1],), blobs=blobs or {}))
        self.sender.purse.free(self, self.sender.caps)

    async def _give_back(self) -> None:
        """Make it durable what a rejected attempt cost: until then it holds what it could have."""
        if self.attempts and not self.attempts[-1].ended_at:
            await self.sender.commit(Commit(attempts=(self.attempts[-1],)))
            self.sender.purse.free(self, self.sender.caps)

    def _note(self, **facts: Any) -> None:
        self.attempts[-1] = changed(self.attempts[-1], **facts)

    def _now(self) -> str:
        return iso(self.sender.clock.now())


def _likely(request: Request) -> int:
    """About how many tokens a request takes, for the limits: four bytes make one, as a rule."""
    return len(request.data) // 4 + (request.max_tokens or 0)


def _remarks(response: Response, binding: Binding) -> Iterator[str]:
    """What somebody should know of an answer that is good all the same."""
    asked, dropped = binding.requested, response.facts.get("dropped")
    moved = drift(binding, response.model)
    if moved is not None:
        yield (
            f"{moved.served} answered for {moved.expected}, which atelier.lock names: "
            "`atelier doctor` says what to do."
        )
    if dropped:
        yield (
            f"{asked} was asked without {', '.join(dropped)}: it does not take what "
            f"[models.{binding.model_class}.sampling] says of them."
        )
    if response.facts.get("usage_suspect"):
        yield (
            f"{asked} told of a usage that cannot be: what it cost may be unknown. "
            "Compare with the bill."
        )


def _unpriced(binding: Binding) -> ExhaustedError:
    return ExhaustedError(
        "models.unpriced",
        "A request was not sent: there is a budget, and no price is known for its model.",
        facts={"model class": binding.model_class, "model": binding.requested},
        next_step=f"Set [models.{binding.model_class}.price], bind a model whose price is known, "
        "or run without a budget.",
    )
