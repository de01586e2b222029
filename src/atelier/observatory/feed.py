"""What happens in a run, kept as it happens: it only grows, and readers hold their place in it."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock
from typing import Any

from atelier.kernel.errors import AtelierError
from atelier.observatory.starting import Happening
from atelier.orchestrate.events import RunBegan, RunEnded, RunEvent, StageBegan, StageEnded, Warned

_KEPT = 200
_Waiting = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class RunFeed:
    """The events of one run of this process.

    The run appends and never waits: there is no queue that a slow reader could fill. A reader asks
    for what came after the last number that it has.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._happened: list[Happening] = []
        self._waiting: set[_Waiting] = set()
        self._over = False

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self._over

    @property
    def under_way(self) -> frozenset[str]:
        """The stages that have begun and not ended."""
        with self._lock:
            told = [(one.kind, one.data.get("stage", "")) for one in self._happened]
        ended = {stage for kind, stage in told if kind == "stage-ended"}
        return frozenset(stage for kind, stage in told if kind == "stage-began") - ended

    def add(self, kind: str, data: Mapping[str, Any], *, last: bool = False) -> None:
        """Append an event, from any thread."""
        with self._lock:
            if self._over:
                return
            number = len(self._happened) + 1
            self._happened.append(Happening(number=number, kind=kind, data=data))
            self._over = last
            waiting, self._waiting = self._waiting, set()
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def after(self, number: int, *, seconds: float) -> list[Happening]:
        """What happened after a number; waits for it a while, and gives nothing when time is up."""
        waiting = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            found = self._happened[number:]
            if found or self._over:
                return found
            self._waiting.add(waiting)
        try:
            async with asyncio.timeout(seconds):
                await waiting[1].wait()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiting.discard(waiting)
        return self._happened[number:]


class Feeds:
    """The feeds of the runs that this process started last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._feeds: OrderedDict[str, RunFeed] = OrderedDict()

    def open(self, run: str) -> RunFeed:
        """The feed of a run that begins; the oldest that is over is forgotten."""
        feed = RunFeed()
        with self._lock:
            self._feeds[run] = feed
            over = [name for name, known in self._feeds.items() if known.is_over]
            for name in over[: max(0, len(self._feeds) - _KEPT)]:
                del self._feeds[name]
        return feed

    def find(self, run: str) -> RunFeed | None:
        """The feed of a run."""
        with self._lock:
            return self._feeds.get(run)


def tell(feed: RunFeed, event: RunEvent) -> None:
    """Append an event of the harness to a feed."""
    match event:
        case RunBegan(run, workflow, stages):
            feed.add("began", {"run": run, "workflow": workflow, "stages": list(stages)})
        case StageBegan(stage, reason):
            feed.add("stage-began", {"stage": stage, "reason": reason})
        case StageEnded(result):
            feed.add("stage-ended", result.as_json())
        case Warned(text):
            feed.add("warned", {"text": text})
        case RunEnded(run, status):
            feed.add("ended", {"run": run, "status": status}, last=True)


def tell_failure(feed: RunFeed, error: AtelierError) -> None:
    """Append that the run itself gave way; nothing follows."""
    feed.add("failed", {"error": error.as_json()}, last=True)
