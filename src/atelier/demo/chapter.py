"""One chapter of the history, lived through in a process of its own."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Flag
from typing import Any

from atelier.demo.clock import ScriptedClock
from atelier.demo.events import KILLED, Chapter, Judge, RunSession, Serve, Write
from atelier.demo.folder import apply
from atelier.demo.provider import Ensemble
from atelier.demo.settings import ENDPOINT
from atelier.harness import Harness
from atelier.kernel.errors import SetupError
from atelier.ledger.judging import Word
from atelier.ledger.rows import Cap
from atelier.ledger.store import Commit, LedgerStore
from atelier.models import ModelClient, Request, Response
from atelier.models.admission import Gates
from atelier.models.provider import open_client
from atelier.orchestrate.events import RunEvent, StageBegan, StageEnded
from atelier.orchestrate.state import RunOptions
from atelier.project import Project, load_target, read_project
from atelier.testing.provider import FakeProvider

# Whose claims are judged, by whom, and how many runs back the one is looked for.
_JUDGED, _COACH, _LOOKED = "contested", "Ruth Amsel", 200


class _Paced:
    """A client that takes a model's time by the story's clock."""

    def __init__(self, client: ModelClient, clock: ScriptedClock) -> None:
        self._client = client
        self._clock = clock

    async def send(self, request: Request, /) -> bytes:
        """The receipt, after some seconds."""
        receipt = await self._client.send(request)
        self._clock.pass_by(_seconds(request))
        return receipt

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        """The response that a receipt holds."""
        return await self._client.read(request, receipt)


@dataclass(slots=True)
class _Watch:
    """The provider's own clock: it dates what it sends by the moment at which a run began."""

    moment: datetime = datetime(2025, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """That moment."""
        return self.moment

    def seconds(self) -> float:
        """The same, in seconds."""
        return self.moment.timestamp()


class _House:
    """The project as it stands, with a harness that is opened anew when its settings change."""

    def __init__(self, folder: Path, provider: FakeProvider, script: Ensemble) -> None:
        self.folder = folder
        self._provider = provider
        self._script = script
        self._open: Harness | None = None
        self._workflow: Any = None
        self._clock: ScriptedClock | None = None

    def settings_changed(self) -> None:
        """Read them again before the next run."""
        self.close()

    def run(self, event: RunSession) -> None:
        """One run, at its time."""
        harness, clock = self._at(event.at)
        self._script.mishaps.extend(event.mishaps)
        harness.run_sync(
            self._workflow,
            options=_options(event, clock, harness.ledger),
            student=event.student,
            session=event.session,
        )
        self._script.mishaps.clear()

    def judge(self, event: Judge) -> None:
        """A word on a claim of the session's last run, at its time."""
        harness, _ = self._at(event.at)
        wanted = {"student": event.student, "session": event.session}
        ledger = harness.ledger
        run = next(run for run in ledger.iter_runs(limit=_LOOKED) if run.start.parameters == wanted)
        claims = (
            claim
            for row in ledger.iter_stage_rows(run.start.run)
            if row.stage == _JUDGED and row.output
            for claim in ledger.iter_claims(row.output)
        )
        found = next((claim for claim in claims if claim.verdict == event.decided), None)
        if found is None:
            raise _no_claim(event)
        harness.judge(run.start.run, found.claim, Word(event.verdict, _COACH, event.reason))

    def _at(self, moment: datetime) -> tuple[Harness, ScriptedClock]:
        """The harness, and its clock set to a moment."""
        if self._clock is None:
            self._workflow = load_target(str(self.folder)).workflow
            nodes = self._workflow.graph.nodes
            self._clock = ScriptedClock({name: nodes[name].upstream for name in nodes})
        self._clock.begin(moment)
        return self._open or self._opened(self._clock), self._clock

    def close(self) -> None:
        """Give everything back."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _opened(self, clock: ScriptedClock) -> Harness:
        project = read_project(self.folder)
        models = _clients(project, self._provider.url("openai"), clock)
        harness = Harness.open(project, models=models, clock=clock)
        harness.runtime = replace(harness.runtime, gates=Gates(clock, sleep=clock.sleep))
        self._open = harness
        return harness


def play(
    folder: Path, story: Sequence[Chapter], *, number: int, told: Callable[[RunSession], None]
) -> None:
    """Let one chapter of a story happen; `told` hears of each run as it is done."""
    script, watch = Ensemble(), _Watch()
    for event in (event for chapter in story[:number] for event in chapter.events):
        if isinstance(event, Serve):
            script.served[event.alias] = event.served
    with FakeProvider(script, clock=watch) as provider, ExitStack() as stack:
        house = _House(folder, provider, script)
        stack.callback(house.close)
        for event in story[number].events:
            watch.moment = event.at
            match event:
                case RunSession():
                    if event.stop == "killed":  # there is nobody to tell it afterwards
                        told(event)
                    house.run(event)
                    told(event)
                case Judge():
                    house.judge(event)
                case Serve():
                    script.served[event.alias] = event.served
                case _:
                    apply(folder, event)
                    if isinstance(event, Write) and event.path.startswith("/atelier."):
                        house.settings_changed()


def _no_claim(event: Judge) -> SetupError:
    return SetupError(
        "demo.claim",
        "The demonstration judges a claim that no run of the session has.",
        facts={"session": f"{event.student} {event.session}", "decided": event.decided},
        next_step="Say it anew in atelier/demo/turns.py.",
    )


def _clients(project: Project, url: str, clock: ScriptedClock) -> Mapping[str, ModelClient]:
    endpoints = {
        name: replace(endpoint, url=url) if name == ENDPOINT else endpoint
        for name, endpoint in project.endpoints.items()
    }
    return {
        name: _Paced(open_client(binding, endpoints), clock)
        for name, binding in project.bindings.items()
        if not binding.offline
    }


def _options(event: RunSession, clock: ScriptedClock, ledger: LedgerStore) -> RunOptions:
    draining = Flag()

    def observe(seen: RunEvent) -> None:
        clock.observe(seen)
        if event.stop == "drained" and isinstance(seen, StageEnded):
            draining.set()
        if event.stop == "killed" and isinstance(seen, StageBegan) and seen.stage == "synthesis":
            ledger.commit(Commit()).result()  # what is submitted by now is durable, on any machine
            os._exit(KILLED)

    limit = event.max_micros
    return RunOptions(
        refresh={event.refresh: event.because} if event.refresh else {},
        caps=(Cap(limit=limit, what="for this run"),) if limit is not None else (),
        target=".",
        observe=observe,
        draining=draining,
    )


def _seconds(request: Request) -> float:
    """How long a model would take: by what it is asked, and a little by chance."""
    chance = int(request.digest[7:11], 16) / 0xFFFF
    return round(1.1 + len(request.data) / 9000 + 3.5 * chance, 3)
