"""One exchange: from a request that arrived to its record, and to the steps of its response."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from json import loads
from typing import Any, cast

from atelier.kernel.clock import Clock
from atelier.kernel.digest import digest_bytes
from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.bill import Price, charge
from atelier.testing.provider.book import Book, Seen
from atelier.testing.provider.dialect import Dialect, written
from atelier.testing.provider.dialects import find_dialect
from atelier.testing.provider.incoming import Incoming
from atelier.testing.provider.obedient import ObedientModel
from atelier.testing.provider.reply import Reply, Tokens, count_tokens
from atelier.testing.provider.wire import Step, Wire, steps_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What answers requests: the script, the prices, the book, the clock."""

    play: Callable[[Asked], Behaviour]
    prices: Mapping[str, Price]
    book: Book
    clock: Clock

    def answer(self, incoming: Incoming) -> Iterable[Step]:
        """Write the request down, then give the steps of its response.

        The record is there before the first byte leaves, with the charge: what the provider has
        worked on is charged, whether or not the client ever reads it.
        """
        now = self.clock.now()
        seen = Seen(
            order=len(self.book) + 1,
            at=now,
            method=incoming.method,
            path=incoming.path,
            headers=incoming.masked,
            complete=incoming.complete,
            digest=digest_bytes(incoming.body),
        )
        if not incoming.complete:
            self.book.add(seen)
            return ()
        asked, dialect, problem = _understood(incoming)
        if asked is None or dialect is None:
            self.book.add(seen)
            return steps_of(problem, moment=now.timestamp())
        asked = replace(
            asked,
            digest=seen.digest,
            repeat=self.book.repeats(seen.digest),
            headers=seen.headers,
            secrets=incoming.secrets,
        )
        seen = replace(
            seen, dialect=dialect.name, model=asked.model, stream=asked.stream, body=asked.body
        )
        try:
            behaviour = self.play(asked)
        except Exception:
            self.book.add(seen)
            raise
        reply = _reply(asked, behaviour)
        wire = behaviour.wire(asked, _wire(asked, dialect, reply))
        spent = reply.tokens or Tokens(input=0, output=0)
        cost = charge(asked.model, spent, self.prices) if wire.worked else None
        self.book.add(replace(seen, behaviour=behaviour, charge=cost))
        return behaviour.steps(asked, steps_of(wire, moment=now.timestamp()))


def sorry(status: int, why: str) -> Wire:
    """A response to what no dialect can answer."""
    body = written({"error": {"type": "fake_provider", "message": why}}).encode()
    return Wire(status=status, body=body, worked=False)


def _understood(incoming: Incoming) -> tuple[Asked | None, Dialect | None, Wire]:
    found = find_dialect(incoming.path)
    if found is None or incoming.method != "POST":
        return None, None, sorry(404, f"nothing answers {incoming.method} {incoming.path}")
    dialect, route = found
    try:
        body: Any = loads(incoming.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return None, dialect, sorry(400, "the body of the request is no JSON object")
    return dialect.asked(route, cast("dict[str, Any]", body)), dialect, sorry(500, "")


def _reply(asked: Asked, behaviour: Behaviour) -> Reply:
    """What the model says, and the tokens that it took."""
    reply = behaviour.reply(asked, ObedientModel().reply(asked, Reply()))
    if reply.tokens is None:
        schema = written(asked.wanted.schema) if asked.wanted.schema else ""
        spent = Tokens(
            input=count_tokens(asked.prompt) + count_tokens(schema),
            output=count_tokens(reply.said),
        )
        reply = replace(reply, tokens=spent)
    return reply


def _wire(asked: Asked, dialect: Dialect, reply: Reply) -> Wire:
    if asked.stream:
        headers = (("content-type", "text/event-stream; charset=utf-8"),)
        return Wire(headers=headers, events=tuple(dialect.events(asked, reply)))
    body = written(dialect.document(asked, reply)).encode("utf-8", "surrogatepass")
    return Wire(body=body)
