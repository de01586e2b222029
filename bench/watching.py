"""How much a run is slowed by being watched: by the index that follows it, and a page that hears of it.

    python bench/watching.py [--pairs 11] [--json]

Runs are started as `atelier serve` starts them, once with nothing else in the process and once with the
rest of the server: the index following the ledger, the HTTP server, and a reader of the run's events in
a process of its own, which opens the run's page and asks for it again after them, as the page itself
does. The two of a pair come in both orders in turn; the seconds are the run's own, and what watching
adds is processor time of the run's process, as a part of the run's own seconds: no run that waits for a
model can be slowed by more, however busy the machine is. Medians are printed.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socket import create_server
from threading import Event, Thread
from typing import Any

from atelier.cli.starter import HarnessStarter
from atelier.harness import Harness
from atelier.kernel.clock import SystemClock
from atelier.observatory.app import make_app
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.host import Host, Hosts
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import Sessions
from atelier.observatory.doors.token import Tokens
from atelier.observatory.following import following
from atelier.observatory.house import House
from atelier.observatory.index.index import FILE, Index
from atelier.observatory.reading.archive import Archive
from atelier.observatory.server import make_server, take_short_turns
from atelier.project import load_target

GOAL = 0.02
# As `live.js` has them, in seconds.
WAIT, SHARE, LONGEST = 0.5, 40, 5.0
CASES = {"20 stages of 20 ms": (20, 0.02, 2), "500 stages of nothing": (500, 0.0, 1)}
HEAD = """
import time

from atelier import Packet, Workflow, stage


class Start(Packet):
    s0: int


def hold():
    time.sleep({pause})

"""
ONE = """
@stage
def s{number}(s{before}: int) -> int:
    hold()
    return s{before} + {number}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What some runs took: their own seconds, and their process's processor time."""

    seconds: float
    processor: float


def written(folder: Path, count: int, pause: float) -> Path:
    """The file of a project whose workflow is a chain of so many stages."""
    stages = [ONE.format(number=number, before=number - 1) for number in range(1, count + 1)]
    names = ", ".join(f"s{number}" for number in range(1, count + 1))
    flow = f"\n\nchain = Workflow('chain', packet=Start, stages=[{names}])\n"
    file = folder / f"chain_{count}.py"
    file.write_text(HEAD.format(pause=pause) + "\n".join(stages) + flow)
    (folder / "atelier.toml").write_text('scope = "default"\n')
    return file


class Watched:
    """A harness whose runs are timed, with the rest of a server or without it."""

    def __init__(self, flow: Path) -> None:
        self.target = load_target(str(flow))
        self.number = 0

    @contextmanager
    def opened(self) -> Generator["Watched"]:
        """While its ledger is open."""
        with (
            Harness.open(self.target.project) as harness,
            closing(HarnessStarter(harness, [self.target])) as starter,
        ):
            self.harness, self.starter = harness, starter
            archive = Archive(harness.ledger, harness.runtime.content.read)
            index = Index.open(self.target.project.home / FILE, harness.ledger, archive.read)
            with closing(index):
                self.house = House(
                    title="bench",
                    ledger=harness.ledger,
                    find=archive.read,
                    index=index,
                    starter=starter,
                )
                yield self

    def run(self, times: int, reader: "subprocess.Popen[str] | None") -> Taken:
        """Run so often, each run over evidence of its own; the reader hears of each."""
        seconds = processor = 0.0
        for _ in range(times):
            began = time.process_time()
            self.number += 1
            run = self.starter.start("chain", {"s0": self.number}, key="")
            if reader is not None:
                assert reader.stdin is not None
                print(run, file=reader.stdin, flush=True)
            self.starter.wait()
            processor += time.process_time() - began
            ended = self.harness.ledger.find_run(run)
            assert ended is not None
            assert ended.seconds is not None
            seconds += ended.seconds
            if reader is not None:
                assert reader.stdout is not None
                reader.stdout.readline()
        return Taken(seconds, processor)

    @contextmanager
    def watching(self) -> Generator["subprocess.Popen[str]"]:
        """The rest of a server, and a reader of events in another process."""
        clock, listening = SystemClock(), create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        tokens = Tokens(None, clock)
        sessions = Sessions(clock, is_valid=tokens.is_valid)
        cookie = sessions.redeem(sessions.new_link(Scope.READ))
        guardian = Guardian(tokens, sessions, port=port, is_secure=False)
        hosts = Hosts(frozenset({Host("127.0.0.1", port)}))
        app = make_app(self.house, hosts=hosts, guardian=guardian)
        server = make_server(app)
        thread = Thread(target=asyncio.run, args=(server.serve(sockets=[listening]),))
        self.house.index.catch_up()
        before = sys.getswitchinterval()
        take_short_turns()
        with (
            following(self.house.index, is_busy=lambda: bool(self.starter.running())),
            reading(port, f"{guardian.cookie}={cookie}") as reader,
        ):
            thread.start()
            while not server.started:
                time.sleep(0.01)
            yield reader
            app.streams.close()
            server.should_exit = True
            thread.join()
            app.close()
        sys.setswitchinterval(before)


@contextmanager
def reading(port: int, cookie: str) -> Generator["subprocess.Popen[str]"]:
    """A process that follows the runs whose ids it is told, one after another."""
    with subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, __file__, "--read", str(port), cookie],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        yield reader
        reader.communicate(timeout=60)


def read(port: int, cookie: str) -> None:
    """Do what the page of a run does, for each run that the input names: follow it, and draw it."""
    print("ready", flush=True)
    for line in sys.stdin:
        run, news, over = line.strip(), Event(), Event()
        drawing = Thread(target=draw, args=(port, cookie, run), kwargs={"news": news, "over": over})
        drawing.start()
        with asked(port, cookie, f"/api/v1/runs/{run}/events") as answer:
            for said in answer:
                if said.startswith(b"id:"):
                    news.set()
        over.set()
        news.set()
        drawing.join()
        print("over", flush=True)


def draw(port: int, cookie: str, run: str, *, news: Event, over: Event) -> None:
    """Open the page of a run, and ask for it a while after something happened in it, as `live.js` does."""
    took = opened(port, cookie, run)
    while not over.is_set():
        news.wait()
        over.wait(min(max(WAIT, SHARE * took), LONGEST))
        news.clear()
        took = opened(port, cookie, run)


def opened(port: int, cookie: str, run: str) -> float:
    """How many seconds the page of a run takes to come."""
    began = time.perf_counter()
    with asked(port, cookie, f"/runs/{run}") as answer:
        answer.read()
    return time.perf_counter() - began


@contextmanager
def asked(port: int, cookie: str, path: str) -> Generator[HTTPResponse]:
    """The answer of the server to a question."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    yield answer
    connection.close()


def slowdown(flow: Path, runs: int, pairs: int) -> dict[str, list[float]]:
    """How much more watched runs take: of each pair one ratio, in order of size."""
    found: dict[str, list[float]] = {"slowdown": [], "added at most": []}
    with Watched(flow).opened() as watched:
        watched.run(2, None)
        for pair in range(pairs):
            taken: dict[bool, Taken] = {}
            for is_watched in (False, True) if pair % 2 else (True, False):
                if is_watched:
                    with watched.watching() as reader:
                        taken[True] = watched.run(runs, reader)
                else:
                    taken[False] = watched.run(runs, None)
            plain, followed = taken[False], taken[True]
            found["slowdown"].append(followed.seconds / plain.seconds - 1)
            found["added at most"].append((followed.processor - plain.processor) / plain.seconds)
    return {name: sorted(ratios) for name, ratios in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--read", nargs=2)
    given = parser.parse_args()
    if given.read:
        read(int(given.read[0]), given.read[1])
        return
    report: dict[str, Any] = {}
    for name, (stages, pause, runs) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            report[name] = slowdown(written(Path(folder), stages, pause), runs, given.pairs)
        for kind, ratios in report[name].items():
            print(
                f"{name:24}{kind:15}{statistics.median(ratios):+7.1%}"
                f"   ({ratios[0]:+.1%} to {ratios[-1]:+.1%})   goal at most {GOAL:+.0%}",
                flush=True,
            )
    if given.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
