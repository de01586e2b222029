"""Recorded answers in place of a network: what a model was asked before is all that it says."""

from collections import deque
from dataclasses import dataclass, field

from atelier.kernel.errors import StageError, TransientError
from atelier.ledger.rows import Attempt
from atelier.models import Binding, ModelClient, Request, Response
from atelier.models.fault import Asked, Fault, Found, make_error
from atelier.orchestrate.gateway import IN_DOUBT
from atelier.orchestrate.recorded import Recording


@dataclass(slots=True)
class Receipts:
    """The receipts of one recorded run, by the digest of their request, each given once."""

    recording: Recording
    _left: dict[str, deque[bytes]] = field(default_factory=dict[str, "deque[bytes]"])

    def waiting(self, request: str) -> deque[bytes]:
        """What was received for a request and is not given yet, in the order of the attempts."""
        if request not in self._left:
            read = self.recording.read
            found = [read(one.response) for one in self._attempts(request) if one.response]
            self._left[request] = deque(data for data in found if data is not None)
        return self._left[request]

    def _attempts(self, request: str) -> list[Attempt]:
        """The attempts of the run that answered: this one, one it reused from, the newest before."""
        run = self.recording.run
        found = [
            one
            for one in self.recording.ledger.find_attempts(request)
            if one.response is not None
            and one.outcome != IN_DOUBT
            and (run.ended_at is None or one.sent_at <= run.ended_at)
        ]
        asked = {one.run for one in found}
        likely = [*self.recording.runs, *(one.run for one in reversed(found))]
        answered = next((each for each in likely if each in asked), None)
        return [one for one in found if one.run == answered]


@dataclass(frozen=True, slots=True)
class ReceiptClient:
    """A client that never sends: it gives what was received, and reads it as `client` does."""

    client: ModelClient
    binding: Binding
    receipts: Receipts

    async def send(self, request: Request, /) -> bytes:
        """The next receipt that is recorded for a request.

        Raises:
            ModelError: there is none.
        """
        digest = request.digest
        waiting = self.receipts.waiting(digest)
        while waiting:
            receipt = waiting.popleft()
            if await self._has_answer(request, receipt):
                return receipt
        bound = self.binding
        asked = Asked(model=bound.requested, model_class=bound.model_class)
        raise make_error(Fault.NO_RECEIPT, asked, Found(request=digest))

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        """What a receipt says, as the model's own client reads it."""
        return await self.client.read(request, receipt)

    async def _has_answer(self, request: Request, receipt: bytes) -> bool:
        """Whether more than the same request was the answer to it; nobody waits twice for that."""
        try:
            await self.client.read(request, receipt)
        except TransientError:
            return False
        except StageError:
            return True
        return True
