"""A campaign against the gateway: thousands of calls, a provider that fails, processes that are killed.

    python bench/campaign.py [--calls 2000] [--workers 4] [--seed 1] [--json]

Several processes ask the same questions of one fake provider, over one ledger. They are killed at
random moments and at every named point of a call, and started again until everything is complete.
Then the ledger is compared with the provider's bill. A model is used whose price is a whole number
of micros for every token, so that nothing is rounded on either side.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anthropic  # noqa: F401 - loaded before the processes part, so that each starts at once
import genai_prices  # noqa: F401
import openai  # noqa: F401
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.ledger.rows import Attempt, RunStatus
from atelier.ledger.sqlite import SqliteLedger
from atelier.models import provider as providing
from atelier.models import sdk  # noqa: F401
from atelier.models.provider import open_client
from atelier.orchestrate import ask as asking
from atelier.project import read_project
from atelier.testing.provider import (
    Asked,
    Behaviour,
    ContentFilter,
    EmptyAnswer,
    Eof,
    ErrorStatus,
    Failure,
    FakeProvider,
    Flaw,
    Flawed,
    GatewayPage,
    Latency,
    LengthLimit,
    ObedientModel,
    Price,
    RateLimit,
    Refusal,
    Reset,
    TruncatedBody,
)

MODEL = "claude-haiku-4-5"
PRICES = {MODEL: Price(input=1_000_000, output=5_000_000)}
CLASSES = {"plain": "anthropic", "streamed": "anthropic", "other": "openai"}
ELEMENTS = 8
ATTEMPT = "x-campaign-attempt"
POINTS = ("intent", "sending", "sent", "received", "read", "judged")
FAULTS: tuple[Behaviour, ...] = (
    RateLimit("0"),
    RateLimit(),
    ErrorStatus(Failure.SERVER),
    ErrorStatus(Failure.SERVER, worked=True),
    ErrorStatus(Failure.OVERLOADED),
    ErrorStatus(Failure.GATEWAY_TIMEOUT, worked=True),
    GatewayPage(),
    Reset(),
    Reset(after=1),
    Eof(),
    Eof(after=2),
    TruncatedBody(),
    EmptyAnswer(),
    LengthLimit(),
    Refusal(),
    ContentFilter(),
    Flawed(Flaw.MISSING_FIELD),
    Flawed(Flaw.WRONG_TYPE),
)


class Item(BaseModel):
    id: str


class Reply(BaseModel):
    text: str
    count: int


class Evidence(Packet):
    batch: str
    items: list[Item]


def workflow(folder: Path) -> Workflow[Any]:
    """Three mapped stages, each of another class; every element is a call."""

    def mapped(model_class: str) -> Any:
        async def function(ask: Ask[Reply], items: Item) -> Reply:
            return await ask(items=items)

        function.__name__ = model_class
        return stage(model=model_class, prompt=str(folder / "prompt.md"), each="items")(function)

    return Workflow("campaign", packet=Evidence, stages=[mapped(name) for name in CLASSES])


def packet(number: int) -> Evidence:
    items = [Item(id=f"{number}-{place}") for place in range(ELEMENTS)]
    return Evidence(batch=str(number), items=items)


# --- a worker: asks everything, and dies where it was told to -----------------------------------

_attempt: ContextVar[str] = ContextVar("attempt", default="")


class Arm:
    """Kills this process, at the n-th passage of a point or after some time."""

    def __init__(self, chance: random.Random) -> None:
        self.point = chance.choice(POINTS)
        self.left = chance.randint(1, 120)
        if chance.random() < 0.5:
            self.point = "time"
            timer = threading.Timer(0.4 + chance.random() * 6, _kill)
            timer.daemon = True
            timer.start()

    def passes(self, point: str) -> None:
        if point == self.point:
            self.left -= 1
            if not self.left:
                _kill()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Doomed:
    """A provider's client that may die on its way."""

    def __init__(self, client: Any, arm: Arm) -> None:
        self.client = client
        self.arm = arm

    async def send(self, request: Any, /) -> bytes:
        self.arm.passes("intent")
        sending = asyncio.ensure_future(self.client.send(request))
        if self.arm.point == "sending":
            await asyncio.wait([sending], timeout=0.01)
            self.arm.passes("sending")
        receipt = await sending
        self.arm.passes("sent")
        return receipt

    async def read(self, request: Any, receipt: bytes, /) -> Any:
        self.arm.passes("received")
        response = await self.client.read(request, receipt)
        self.arm.passes("read")
        return response


class Telling:
    """The ledger; it tells each task which attempt it has just recorded."""

    def __init__(self, ledger: Any, arm: Arm) -> None:
        self.ledger = ledger
        self.arm = arm

    def __getattr__(self, name: str) -> Any:
        return getattr(self.ledger, name)

    def commit(self, commit: Any) -> Any:
        for one in commit.attempts:
            if one.outcome == "intent":
                _attempt.set(one.id)
            elif one.ended_at:
                self.arm.passes("judged")
        return self.ledger.commit(commit)


def work(folder: Path, batches: list[int], chance: random.Random) -> int:
    """Run every batch; 0 once all of them are complete."""
    arm = Arm(chance)
    asking.random = lambda: 0.01  # nobody waits long here
    headers = providing._headers  # noqa: SLF001 - the request says whose it is
    providing._headers = lambda *given: {**headers(*given), ATTEMPT: _attempt.get()}  # noqa: SLF001
    project = read_project(folder)
    clients = {
        name: Doomed(open_client(binding, project.endpoints), arm)
        for name, binding in project.bindings.items()
    }
    flow = workflow(folder)
    with Harness.open(project, models=clients) as harness:
        harness.runtime = replace(harness.runtime, ledger=Telling(harness.runtime.ledger, arm))

        async def all_of_them() -> bool:
            places = asyncio.Semaphore(3)

            async def one(number: int) -> bool:
                async with places:
                    run = await harness.run(flow, packet(number))
                    return run.status is RunStatus.COMPLETE

            return all(await asyncio.gather(*map(one, batches)))

        return 0 if asyncio.run(all_of_them()) else 3


# --- the nursery: forks workers, and new ones for those that died -------------------------------


def nurse(folder: Path, batches: int, *, workers: int, seed: int) -> Counter[str]:
    """Keep so many workers at it until each has ended with everything complete."""
    chance = random.Random(seed)  # noqa: S311 - a campaign can be repeated
    ends: Counter[str] = Counter()
    alive = {_born(folder, batches, chance.random()) for _ in range(workers)}
    while alive:
        child, status = os.wait()
        alive.discard(child)
        end = _ENDS.get(os.waitstatus_to_exitcode(status), "broken")
        ends[end] += 1
        if end == "broken":
            break
        if end != "complete":
            alive.add(_born(folder, batches, chance.random()))
    for child in alive:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return ends


_ENDS = {0: "complete", 3: "failed calls", -signal.SIGKILL: "killed"}


def _born(folder: Path, batches: int, seed: float) -> int:
    child = os.fork()
    if child:
        return child
    code, chance = 70, random.Random(seed)  # noqa: S311 - as above
    order = list(range(batches))
    chance.shuffle(order)
    try:
        code = work(folder, order, chance)
    finally:
        sys.stderr.flush()
        os._exit(code)


# --- the judge: the ledger beside the bill ------------------------------------------------------


@dataclass
class Figures:
    calls: int
    requests: int
    attempts: int
    unrecorded: int
    unsent: int
    open: int
    outcomes: dict[str, int]
    unknown: int
    answered_twice: int
    mischarged: int
    incurred: int
    in_doubt: int
    bill: int
    resent_after_kill: int
    most_resent_in_a_call: int
    ends: dict[str, int]
    asked_when_complete: int
    seconds: float

    @property
    def hidden(self) -> int:
        return self.bill - self.incurred - self.in_doubt


def judge(folder: Path, provider: FakeProvider) -> dict[str, Any]:
    ledger = SqliteLedger.open(folder / ".atelier" / "ledger.sqlite", read_only=True)
    runs = [record.start.run for record in ledger.iter_runs(limit=1_000_000)]
    attempts = {one.id: one for run in runs for one in ledger.iter_attempts(run)}
    ledger.close()
    seen = {one.headers.get(ATTEMPT, ""): one for one in provider.requests}
    charged = {name: one.charge.micros if one.charge else 0 for name, one in seen.items()}
    doubtful = {one.id for one in attempts.values() if one.outcome == "in_doubt"}
    answered = Counter(one.call for one in attempts.values() if one.outcome == "answered")
    resent = Counter(
        one.call for one in attempts.values() if one.outcome == "in_doubt" and one.error is None
    )
    bill = provider.bill()
    assert bill.picos % 1_000_000 == 0, "the prices are whole micros"
    return {
        "calls": len({one.call for one in attempts.values()}),
        "requests": len(provider.requests),
        "attempts": len(attempts),
        "unrecorded": len(seen.keys() - attempts.keys()) + len(provider.requests) - len(seen),
        "unsent": sum(
            one.id not in seen and one.id not in doubtful and not _went_nowhere(one)
            for one in attempts.values()
        ),
        "open": sum(not one.ended_at for one in attempts.values()),
        "outcomes": dict(Counter(one.outcome for one in attempts.values())),
        "unknown": sum(
            one.incurred is None and one.id not in doubtful for one in attempts.values()
        ),
        "answered_twice": sum(count > 1 for count in answered.values()),
        "mischarged": sum(_differs(one, charged) for one in attempts.values()),
        "incurred": sum(one.incurred or 0 for one in attempts.values()),
        "in_doubt": sum(
            charged.get(name, 0) for name in doubtful if attempts[name].incurred is None
        ),
        "bill": bill.micros,
        "resent_after_kill": sum(resent.values()),
        "most_resent_in_a_call": max(resent.values(), default=0),
    }


def _went_nowhere(attempt: Attempt) -> bool:
    """Whether the record itself says that nothing was sent: no connection, or none in time."""
    told = attempt.error or {}
    return told.get("code") in {"models.connection", "models.timeout"} and attempt.incurred == 0


def _differs(one: Attempt, charged: dict[str, int]) -> bool:
    return one.incurred is not None and one.incurred != charged.get(one.id, 0)


def script(seed: int) -> Any:
    chance = random.Random(seed)  # noqa: S311 - a campaign can be repeated

    def play(_: Asked) -> Behaviour:
        said = chance.choice(FAULTS) if chance.random() < 0.25 else ObedientModel()
        return said | Latency(chance.random() * 0.03)

    return play


def campaign(folder: Path, *, calls: int, workers: int, seed: int) -> Figures:
    """Everything, from the project to the figures."""
    (folder / "prompt.md").write_text("Say something of {{items}}.")
    batches = -(-calls // (ELEMENTS * len(CLASSES)))
    began = time.monotonic()
    ready, go = os.pipe()
    told, tell = os.pipe()
    nursery = os.fork()  # before the provider has threads
    if nursery == 0:
        os.close(go)
        os.read(ready, 1)
        ends = nurse(folder, batches, workers=workers, seed=seed)
        os.write(tell, json.dumps(ends).encode())
        os._exit(0)
    os.close(tell)
    with FakeProvider(script(seed), prices=PRICES) as provider:
        (folder / "atelier.toml").write_text(
            "\n".join(_settings(name, provider) for name in CLASSES)
        )
        os.write(go, b"!")
        os.waitpid(nursery, 0)
        ends = json.loads(os.read(told, 65536) or b"{}")
        figures = judge(folder, provider)
        before = len(provider.requests)
        _serve_again(folder, batches)
        again = len(provider.requests) - before
    seconds = time.monotonic() - began
    return Figures(**figures, ends=ends, asked_when_complete=again, seconds=round(seconds, 1))


def _serve_again(folder: Path, batches: int) -> None:
    flow = workflow(folder)
    with Harness.open(folder) as harness:
        for number in range(batches):
            assert harness.run_sync(flow, packet(number)).status is RunStatus.COMPLETE


def _settings(name: str, provider: FakeProvider) -> str:
    dialect: Any = CLASSES[name]
    return (
        f'[models.{name}]\nuse = "anthropic:{MODEL}"\nendpoint = "{name}"\n'
        f"stream = {str(name == 'streamed').lower()}\nsampling = {{max_tokens = 300}}\n"
        "timeout = {total = 20, idle = 10}\nlimits = {concurrency = 12}\n"
        f'[endpoints.{name}]\nurl = "{provider.url(dialect)}"\ndialect = "{dialect}"\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        found = campaign(Path(folder), calls=given.calls, workers=given.workers, seed=given.seed)
    told = {**vars(found), "hidden": found.hidden}
    if given.json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:<22} {value}")
    print("goal: unrecorded, unsent, open, unknown, mischarged, answered_twice, hidden and")
    print("      asked_when_complete are 0")


if __name__ == "__main__":
    main()
