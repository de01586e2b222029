"""What `atelier serve` starts runs with: the harness, on a loop of its own beside the server's."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from threading import Event, RLock, Thread
from time import monotonic, sleep
from typing import Any

from atelier.aggregate import shape
from atelier.cli.failures import known_error
from atelier.cli.offers import offer_of
from atelier.harness import Harness
from atelier.ledger.rows import Supply
from atelier.observatory.doors.refusal import RefusalError, not_found
from atelier.observatory.feed import Feeds, RunFeed, tell, tell_failure
from atelier.observatory.starting import Ahead, Feed, Offer
from atelier.orchestrate.events import RunBegan, RunEvent
from atelier.orchestrate.state import RunOptions
from atelier.project import Target

AT_ONCE = 4
_KEYS = 1000
_PATIENCE = 25.0
_RECORDED = 3.0


@dataclass(kw_only=True)
class _Going:
    """A run from the moment that it was asked for."""

    question: tuple[str, str]
    begun: "Future[str]" = field(default_factory=Future[str])
    draining: Event = field(default_factory=Event)
    task: "asyncio.Task[Any] | None" = None

    @property
    def id(self) -> str | None:
        """The run's id, once it has begun."""
        has_begun = self.begun.done() and self.begun.exception() is None
        return self.begun.result() if has_begun else None


class HarnessStarter:
    """Starts the workflows of the command line; every run of this server is one of its tasks."""

    def __init__(
        self, harness: Harness, targets: Sequence[Target], *, at_once: int = AT_ONCE
    ) -> None:
        self._harness = harness
        self._targets = {target.workflow.name: target for target in targets}
        self._at_once = at_once
        self._feeds = Feeds()
        self._lock = RLock()  # a run that ends at once calls back while it is begun
        self._keys: OrderedDict[str, _Going] = OrderedDict()
        self._going: dict[Future[Any], _Going] = {}
        self._draining = False
        self._loop = asyncio.new_event_loop()
        Thread(target=_run_loop, args=(self._loop,), name="atelier-runs", daemon=True).start()

    @property
    def names(self) -> tuple[str, ...]:
        """The workflows' names."""
        return tuple(self._targets)

    def offers(self) -> list[Offer]:
        """The workflows that may be started."""
        return [self._offer(target) for target in self._targets.values()]

    def find_offer(self, workflow: str) -> Offer | None:
        """One of them."""
        target = self._targets.get(workflow)
        return self._offer(target) if target is not None else None

    def start(self, workflow: str, parameters: Mapping[str, object], *, key: str) -> str:
        """Start a run and give its id; the same key again gives the same run.

        Raises:
            AtelierError: nothing was started: what was given cannot be used, or too much runs.
        """
        target = self._targets.get(workflow)
        if target is None:
            raise not_found("workflow")
        with self._lock:
            going = self._asked_before(key, (workflow, repr(sorted(parameters.items()))))
            if going is None:
                going = self._begin(target, parameters, key)
        try:
            run = going.begun.result(timeout=_PATIENCE)
        except FutureTimeoutError as error:
            raise RefusalError(
                "serve.collecting",
                "The evidence is still being collected; the run begins once it is.",
                status=503,
                facts={"workflow": workflow},
                next_step="Look at the list of runs, or send the same again with the same key.",
            ) from error
        self._wait_recorded(run)
        return run

    def cancel(self, run: str) -> bool:
        """Let what runs come to its end and start no further stage; the second time, at once."""
        with self._lock:
            found = [going for going in self._going.values() if going.id == run]
            under_way = bool(found) and not self._is_over(run)
            for going in found if under_way else ():
                self._stop(going)
        return under_way

    def running(self) -> list[str]:
        """The runs that this server has under way."""
        with self._lock:
            begun = [going.id for going in self._going.values() if going.id is not None]
        return [run for run in begun if not self._is_over(run)]

    def find_ahead(self, run: str) -> Ahead | None:
        """What a run of this server will do yet; None once it is over, or where it is another's."""
        feed = self._feeds.find(run)
        with self._lock:
            asked = next((one.question for one in self._going.values() if one.id == run), None)
        if feed is None or feed.is_over or asked is None:
            return None
        nodes = self._targets[asked[0]].workflow.graph.nodes
        return Ahead(
            wires={
                name: [(w.parameter, w.source) for w in node.wires if w.supply is Supply.STAGE]
                for name, node in nodes.items()
            },
            under_way=feed.under_way,
        )

    def find_feed(self, run: str) -> Feed | None:
        """What happens in a run that this server started, while it remembers it."""
        return self._feeds.find(run)

    def drain(self) -> None:
        """Start nothing more; what runs comes to its end. The second time, stop at once."""
        with self._lock:
            self._draining = True
            for going in self._going.values():
                self._stop(going)

    def wait(self, *, seconds: float | None = None) -> bool:
        """Wait for every run's end; whether all have ended."""
        with self._lock:
            going = list(self._going)
        return not wait(going, timeout=seconds).not_done

    def close(self) -> None:
        """Release the loop; nothing runs any more."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _is_over(self, run: str) -> bool:
        """Whether a run has told its end; its task ends a moment later."""
        feed = self._feeds.find(run)
        return feed is not None and feed.is_over

    def _wait_recorded(self, run: str) -> None:
        """Wait until the run can be read: it tells that it began while its first commit is made."""
        until = monotonic() + _RECORDED
        while self._harness.ledger.find_run(run) is None and monotonic() < until:
            sleep(0.005)

    def _offer(self, target: Target) -> Offer:
        return offer_of(
            target.workflow, target.name, project=target.project, ledger=self._harness.ledger
        )

    def _asked_before(self, key: str, question: tuple[str, str]) -> _Going | None:
        going = self._keys.get(key) if key else None
        if going is not None and going.question != question:
            raise RefusalError(
                "serve.key",
                "This key was sent with something else before.",
                status=409,
                facts={"key": key},
                next_step="Take a new key for each run that you want.",
            )
        return going

    def _begin(self, target: Target, parameters: Mapping[str, object], key: str) -> _Going:
        if self._draining:
            raise RefusalError(
                "serve.stopping",
                "This server is about to stop and starts nothing more.",
                status=503,
                next_step="Start it again with `atelier serve`.",
            )
        if len(self._going) >= self._at_once:
            raise RefusalError(
                "serve.busy",
                "As many runs are under way as this server starts at once.",
                status=429,
                facts={"limit": self._at_once},
                next_step="Wait until one of them has ended.",
            )
        going = _Going(question=(target.workflow.name, repr(sorted(parameters.items()))))
        future = asyncio.run_coroutine_threadsafe(
            self._run(target, dict(parameters), going), self._loop
        )
        self._going[future] = going
        if key:
            self._keys[key] = going
            while len(self._keys) > _KEYS:
                self._keys.popitem(last=False)
        future.add_done_callback(lambda done: self._ended(done, going, key))
        return going

    async def _run(self, target: Target, given: dict[str, object], going: _Going) -> None:
        going.task = asyncio.current_task()
        known = {item.name for item in shape(target.workflow.packet).parameters}
        defaults = {name: value for name, value in target.project.defaults.items() if name in known}
        options = RunOptions(
            target=target.name, observe=Observer(self._feeds, going.begun), draining=going.draining
        )
        await self._harness.run(target.workflow, options=options, **{**defaults, **given})

    def _ended(self, done: "Future[Any]", going: _Going, key: str) -> None:
        """Forget a run; what ended it without a run's own end is told to whoever waits for it."""
        with self._lock:
            self._going.pop(done, None)
            if not going.begun.done():
                self._keys.pop(key, None)  # nothing was started, so the same may be tried again
        error = None if done.cancelled() else done.exception()
        if not going.begun.done():
            going.begun.set_exception(
                known_error(error) if isinstance(error, Exception) else _stopped()
            )
        elif isinstance(error, Exception):
            feed = self._feeds.find(going.begun.result())
            if feed is not None:
                tell_failure(feed, known_error(error))

    def _stop(self, going: _Going) -> None:
        if not going.draining.is_set():
            going.draining.set()
        elif going.task is not None:
            self._loop.call_soon_threadsafe(going.task.cancel)


class Observer:
    """Takes a run's events from any thread, and gives them to its feed."""

    def __init__(self, feeds: Feeds, begun: "Future[str]") -> None:
        self._feeds = feeds
        self._begun = begun
        self._feed: RunFeed | None = None

    def __call__(self, event: RunEvent, /) -> None:
        """Take an event."""
        if isinstance(event, RunBegan):
            self._feed = self._feeds.open(event.run)
            tell(self._feed, event)
            self._begun.set_result(event.run)
        elif self._feed is not None:
            tell(self._feed, event)


def _stopped() -> RefusalError:
    return RefusalError(
        "serve.stopping",
        "The run was stopped before it began.",
        status=503,
        next_step="Start it again.",
    )


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
