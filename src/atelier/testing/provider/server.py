"""The fake provider: a server of its own on the loopback interface, in a thread of its own."""

import asyncio
import socket
from collections.abc import Callable, Iterable, Mapping
from threading import Thread
from types import TracebackType
from typing import Literal, Self

from atelier.kernel.clock import Clock, SystemClock
from atelier.testing.provider.bill import Bill, Price
from atelier.testing.provider.book import Book, Seen
from atelier.testing.provider.connection import serve
from atelier.testing.provider.dialects import BASES
from atelier.testing.provider.exchange import Desk, sorry
from atelier.testing.provider.incoming import LIMIT, Incoming
from atelier.testing.provider.script import Script, ScriptEndedError, played
from atelier.testing.provider.wire import Step, steps_of

_BACKLOG = 4096
Client = Literal["openai", "anthropic", "google"]


class FakeProvider:
    """Speaks the dialects of model providers to their own client libraries, by a script.

    Each request gets one line of the script: a behaviour, or a text or JSON that is the answer. A
    script is one line for all, a sequence, or a function of the request; it is called in the
    server's thread, one request at a time. What a script raises is raised again at the end of
    the `with` block, and the request gets status 400, or no more bytes.

    Example:
        >>> with FakeProvider("Hello.") as provider:
        ...     provider.url("openai").startswith("http://127.0.0.1:")
        True
        >>> provider.requests, provider.bill().micros
        ((), 0)
    """

    def __init__(
        self,
        script: Script = None,
        *,
        prices: Mapping[str, Price] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._book = Book()
        self._desk = Desk(
            play=played(script),
            prices=dict(prices or {}),
            book=self._book,
            clock=clock or SystemClock(),
        )
        self._failure: Exception | None = None
        self._life: _Life | None = None

    def __enter__(self) -> Self:
        self._life = _Life(self._answer, self._failed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """Break off what is under way, and give back the port, the thread and every connection."""
        if self._life is not None:
            self._life.end()

    def url(self, client: Client | None = None) -> str:
        """The base address for a client library, or that of the server."""
        if self._life is None:
            message = (
                "a fake provider has an address once it is entered: with FakeProvider() as ..."
            )
            raise RuntimeError(message)
        root = f"http://127.0.0.1:{self._life.port}"
        return root if client is None else root + BASES[client]

    @property
    def requests(self) -> tuple[Seen, ...]:
        """Every request so far, in order of arrival."""
        return self._book.all()

    def bill(self) -> Bill:
        """What every request so far comes to."""
        return self._book.bill()

    def wait_requests(self, count: int, *, seconds: float = 10.0) -> bool:
        """Whether so many requests arrive before the time is over."""
        return self._book.wait(count, seconds)

    def _answer(self, incoming: Incoming) -> Iterable[Step]:
        try:
            return self._desk.answer(incoming)
        except ScriptEndedError as error:
            why = str(error)
        except Exception as error:  # noqa: BLE001 - raised again where the test can see it
            self._failed(error)
            why = f"the script failed: {error!r}"
        return steps_of(sorry(400, why), moment=self._desk.clock.now().timestamp())

    def _failed(self, error: Exception) -> None:
        self._failure = self._failure or error


class _Life:
    """The thread, the loop and the socket of a server, from its start to its end."""

    def __init__(
        self,
        answer: Callable[[Incoming], Iterable[Step]],
        failed: Callable[[Exception], None],
    ) -> None:
        self._answer = answer
        self._failed = failed
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = Thread(target=self._run, name="fake-provider", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait until nothing is left."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            self._loop.close()

    async def _main(self) -> None:
        server = await asyncio.start_server(
            self._connected, sock=self._listener, backlog=_BACKLOG, limit=LIMIT
        )
        await self._stop.wait()
        server.close()
        # A connection that was accepted just now is a task that has not begun yet.
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        # A transport closes its socket in the turn of the loop that follows.
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer, self._answer)
        except asyncio.CancelledError:
            writer.transport.abort()
        except Exception as error:  # noqa: BLE001 - raised again where the test can see it
            self._failed(error)


def closed_port() -> str:
    """An address on the loopback interface at which every connection is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
