"""Many runs at once: 1,000 runs of five stages, 50 ms awaited in each, in one process.

    python bench/at_once.py [--runs 1000] [--provider] [--profile]

Each stage gives a text of 20 KB, as those of `bench/w1.py` do. First each stage asks a model that takes as long, then the stages wait by themselves. A floor makes the
same promise in the fewest lines: one writing thread, WAL, synchronous=FULL, a transaction for each commit.
A stage that waits is one commit; of one that asks, the intent is durable before it is sent, the receipt
before it is read and the answer before it is used: four. A second floor groups what waits into one
transaction, as the harness does. With --provider the requests go over HTTP to a fake provider in this
process, whose time is part of the figure.
"""

import argparse
import asyncio
import cProfile
import gc
import json
import pstats
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

import apsw
from floor import SCHEMA
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.models import Request, Response
from atelier.testing.provider import FakeProvider, Latency, ObedientModel
from atelier.testing.scripted import ScriptedModel

WAIT = 0.05
STAGES = 5
SIZE = 20_000


class Reply(BaseModel):
    text: str


class Evidence(Packet):
    student: str


class Slow(ScriptedModel):
    """A model in this process that thinks for 50 ms."""

    async def send(self, request: Request, /) -> bytes:
        await asyncio.sleep(WAIT)
        receipt = await super().send(request)
        self.requests.clear()
        return receipt

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        return await super().read(request, receipt)


def waiting() -> Workflow[Any]:
    """Five stages, each of which waits and goes on from the one before it."""

    @stage
    async def s1(student: str) -> Reply:
        return await rested(student)

    @stage
    async def s2(s1: Reply) -> Reply:
        return await rested(s1.text)

    @stage
    async def s3(s2: Reply) -> Reply:
        return await rested(s2.text)

    @stage
    async def s4(s3: Reply) -> Reply:
        return await rested(s3.text)

    @stage
    async def s5(s4: Reply) -> Reply:
        return await rested(s4.text)

    return Workflow("waiting", packet=Evidence, stages=[s1, s2, s3, s4, s5])


async def rested(text: str) -> Reply:
    """What follows from a text, after a while."""
    await asyncio.sleep(WAIT)
    return Reply(text=following(text))


def following(text: str) -> str:
    """A text of 20 KB that no other text leads to."""
    told = sha256(text.encode()).hexdigest()
    return told * (SIZE // len(told))


def asking(folder: Path) -> Workflow[Any]:
    """Five stages, each of which asks about what the one before it was told."""
    names = ["student", "s1", "s2", "s3", "s4"]
    for name in names:
        (folder / f"{name}.md").write_text("What of {{" + name + "}}?")

    def about(name: str) -> Callable[[Any], Any]:
        return stage(model="writer", prompt=str(folder / f"{name}.md"))

    @about("student")
    async def s1(ask: Ask[Reply], student: str) -> Reply:
        return await ask(student=student)

    @about("s1")
    async def s2(ask: Ask[Reply], s1: Reply) -> Reply:
        return await ask(s1=s1)

    @about("s2")
    async def s3(ask: Ask[Reply], s2: Reply) -> Reply:
        return await ask(s2=s2)

    @about("s3")
    async def s4(ask: Ask[Reply], s3: Reply) -> Reply:
        return await ask(s3=s3)

    @about("s4")
    async def s5(ask: Ask[Reply], s4: Reply) -> Reply:
        return await ask(s4=s4)

    return Workflow("asking", packet=Evidence, stages=[s1, s2, s3, s4, s5])


class Floor:
    """One writing thread; of what waits, so many become durable in one transaction."""

    def __init__(self, path: Path, *, together: int) -> None:
        self._together = together
        self._queue: SimpleQueue[tuple[str, bytes, Callable[[], object]] | None] = SimpleQueue()
        self._path = path
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    async def wait(self, number: int) -> None:
        """A run whose stages wait: each makes its value durable."""
        data = str(number).encode()
        for place in range(STAGES):
            await asyncio.sleep(WAIT)
            data = await self._keep(f"{number}/{place}", data)

    async def ask(self, number: int) -> None:
        """A run whose stages ask: intent, receipt, answer and value, one after the other."""
        data = str(number).encode()
        for place in range(STAGES):
            data = await self._keep(f"{number}/{place}/intent", data)
            await asyncio.sleep(WAIT)
            for kind in ("receipt", "answer", "value"):
                data = await self._keep(f"{number}/{place}/{kind}", data)

    async def _keep(self, key: str, before: bytes) -> bytes:
        """What follows from what was before, durable."""
        loop = asyncio.get_running_loop()
        data = json.dumps({"text": f"{key} {following(before.decode())}"}).encode()
        done = loop.create_future()
        self._queue.put((key, data, lambda: loop.call_soon_threadsafe(done.set_result, None)))
        await done
        return data

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _serve(self) -> None:
        db = apsw.Connection(str(self._path))
        db.execute("pragma journal_mode=wal")
        db.execute("pragma synchronous=full")
        db.execute(SCHEMA)
        while (entry := self._queue.get()) is not None:
            group = [entry]
            while len(group) < self._together:
                try:
                    more = self._queue.get_nowait()
                except Empty:
                    break
                if more is None:
                    self._queue.put(None)
                    break
                group.append(more)
            with db:
                for key, data, _ in group:
                    digest = sha256(data).hexdigest()
                    db.execute("insert or ignore into blob values (?, ?)", (digest, data))
                    db.execute("insert into result values (?, ?, 0)", (key, digest))
            for *_, durable in group:
                durable()
        db.close()


async def all_at_once(run: Callable[[int], Any], runs: int) -> float:
    began = perf_counter()
    await asyncio.gather(*map(run, range(runs)))
    return perf_counter() - began


def floor_seconds(folder: Path, runs: int, kind: str, *, together: int) -> float:
    """What all runs of a kind take on a floor."""
    floor = Floor(folder / f"floor-{kind}-{together}.sqlite", together=together)
    seconds = asyncio.run(all_at_once(getattr(floor, kind), runs))
    floor.close()
    return seconds


def memory() -> int:
    """What this process has now, in KB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024


async def most_memory() -> int:
    """The most that this process has until this is cancelled, in KB."""
    most = 0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, memory())
            await asyncio.sleep(WAIT)
    return most


def measured(folder: Path, flow: Workflow[Any], runs: int, **models: Any) -> list[float]:
    """The seconds of all runs together, and the KB that each took."""
    with Harness.open(folder, models=models) as harness:

        async def one(number: int) -> None:
            run = await harness.run(flow, Evidence(student=f"student {number}"))
            assert run.status.value == "complete", run.stages

        async def all_of_them() -> list[float]:
            await one(-1)  # what is made once is made
            gc.collect()
            gc.freeze()  # and what lives already is not traversed again
            before, watching = memory(), asyncio.create_task(most_memory())
            seconds = await all_at_once(one, runs)
            watching.cancel()
            return [seconds, (await watching - before) / runs]

        return asyncio.run(all_of_them())


def measured_asking(folder: Path, runs: int, *, has_provider: bool) -> list[float]:
    """The same of stages that ask: a model in this process, or one behind HTTP."""
    if not has_provider:
        model = Slow(lambda request: json.dumps({"text": following(request.messages[0].text)}))
        return measured(folder, asking(folder), runs, writer=model)
    with FakeProvider(ObedientModel() | Latency(WAIT)) as provider:
        (folder / "atelier.toml").write_text(
            "[models.writer]\nuse = 'openai:gpt-5-mini'\nendpoint = 'here'\n"
            f"[endpoints.here]\nurl = '{provider.url('openai')}'\n"
        )
        return measured(folder, asking(folder), runs)


def measure(kind: str, folder: Path, given: argparse.Namespace) -> None:
    """Print what one kind of stage takes, beside its floors."""
    runs = given.runs
    least, grouped = (floor_seconds(folder, runs, kind, together=some) for some in (1, 512))
    profile = cProfile.Profile()
    if given.profile:
        profile.enable()
    took, each = (
        measured_asking(folder, runs, has_provider=given.provider)
        if kind == "ask"
        else measured(folder, waiting(), runs)
    )
    profile.disable()
    print(
        f"stages that {kind:<5}{took:7.2f} s    {took / least:5.2f} x the floor of {least:.2f} s"
        f" (goal: 2.5)    {took / grouped:5.1f} x the grouped one of {grouped:.2f} s"
        f"    {each:4.0f} KB a run (goal: 200)"
    )
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25).print_callers("execute")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--provider", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--kind", choices=["ask", "wait"])
    given = parser.parse_args()
    if given.kind is None:  # each in a process of its own: what one has had in memory, it keeps
        for kind in ("ask", "wait"):
            subprocess.run([sys.executable, __file__, *sys.argv[1:], "--kind", kind], check=True)  # noqa: S603 - this file
        return
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        measure(given.kind, Path(folder), given)


if __name__ == "__main__":
    main()
