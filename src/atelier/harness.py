"""The harness: an open install that runs workflows, plans, replays and tries changes."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, TypeVar

from atelier.aggregate import Collected, Packet, collect, digests
from atelier.composition import (
    find_kept,
    printing_into,
    reading_parts,
    replay_runtime,
    runtime_of,
    shadow_runtime,
    writing_parts,
)
from atelier.kernel.clock import Clock, SystemClock, iso
from atelier.kernel.errors import SetupError
from atelier.ledger.judging import Word, judge, unknown_claim
from atelier.ledger.layered import LayeredLedger
from atelier.ledger.rows import Cap, JudgementRow, Memo
from atelier.ledger.store import LedgerStore
from atelier.models import Binding, ModelClient
from atelier.models.binding import parse_override
from atelier.observatory.bundle.options import Bundle, parse_hidden, parse_redactions
from atelier.observatory.bundle.options import Options as ExportOptions
from atelier.observatory.extra import import_web
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.judgements import find_claim
from atelier.orchestrate.backtest import Backtest, Question, run_pairs
from atelier.orchestrate.memo import LedgerMemo
from atelier.orchestrate.opening import open_run
from atelier.orchestrate.outcome import Run
from atelier.orchestrate.paired import Paired
from atelier.orchestrate.plan import Plan, make_plan
from atelier.orchestrate.recorded import Recording, find_recording, get_recording
from atelier.orchestrate.replay import Replay, replay_run
from atelier.orchestrate.run import run_workflow
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.selection import Selection, select
from atelier.orchestrate.state import RunOptions
from atelier.orchestrate.swap import Swap, SwapKind, require_class, with_prompt, with_stage
from atelier.orchestrate.workflow import Workflow
from atelier.project import Project, find_project, load_stage, read_project

R = TypeVar("R")
BACKTESTS = "backtests"


class Harness:
    """An open install: runs workflows, and holds the ledger that says why.

    Close it, or use it as a context manager; a process may open it as often as it likes.
    """

    def __init__(self, project: Project, runtime: Runtime, close: Callable[[], None]) -> None:
        self.project = project
        self.runtime = runtime
        self._close = close
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls,
        project: Project | Path | str | None = None,
        *,
        models: Mapping[str, ModelClient] | None = None,
        clock: Clock | None = None,
        read_only: bool = False,
    ) -> Self:
        """Open the project of a folder: by default the nearest `atelier.toml` from here upward.

        Args:
            project: The project, or a folder in it.
            models: Clients by model class, for tests and for models of your own.
            clock: Where the time comes from.
            read_only: Whether nothing of the project is created or written: it plans and replays.

        Raises:
            SetupError: the configuration or the store cannot be used; says what to do.
        """
        if not isinstance(project, Project):
            start = Path(project or ".")
            project = read_project(find_project(start) or start)
        clock = clock or SystemClock()
        parts = reading_parts(project) if read_only else writing_parts(project, clock)
        runtime = runtime_of(project, models or {}, clock, parts=parts)
        return cls(project, runtime, parts.close)

    async def run(
        self,
        workflow: Workflow[R],
        packet: Packet | None = None,
        /,
        *,
        options: RunOptions | None = None,
        **parameters: object,
    ) -> Run[R]:
        """Run a workflow: over a packet collected for these parameters, or over one made elsewhere.

        Raises:
            SetupError: the workflow, the evidence or the install must be mended; nothing ran.
        """
        if packet is not None:
            collected, memos = self._collect(workflow, packet, parameters)
        else:  # reading files would hold up the loop
            collected, memos = await asyncio.to_thread(self._collect, workflow, packet, parameters)
        options = options or RunOptions()
        today = iso(self.runtime.clock.now())[:10]
        caps = (*options.caps, *self.project.budget.caps(workflow.name, today))
        return await run_workflow(
            workflow, collected, self.runtime, options=replace(options, caps=caps), memos=memos
        )

    def run_sync(
        self,
        workflow: Workflow[R],
        packet: Packet | None = None,
        /,
        *,
        options: RunOptions | None = None,
        **parameters: object,
    ) -> Run[R]:
        """`run` for callers without a loop, and for notebooks: it owns a loop in a thread."""
        running = asyncio.run_coroutine_threadsafe(
            self.run(workflow, packet, options=options, **parameters), self._own_loop()
        )
        try:
            return running.result()
        except KeyboardInterrupt:
            running.cancel()
            # The run writes its end before this process may go.
            asyncio.run_coroutine_threadsafe(_settled(), self._own_loop()).result()
            raise

    def plan(
        self,
        workflow: Workflow[Any],
        packet: Packet | None = None,
        /,
        *,
        options: RunOptions | None = None,
        **parameters: object,
    ) -> Plan:
        """What `run` would do now: nothing is executed, nothing is written.

        Raises:
            SetupError: the workflow, the evidence or the install must be mended.
        """
        collected, _ = self._collect(workflow, packet, parameters)
        return make_plan(
            open_run(workflow, collected, self.runtime, options=options or RunOptions())
        )

    async def replay(self, workflow: Workflow[Any], run: str) -> Replay:
        """A recorded run, executed again from its receipts and compared, digest by digest.

        Nothing is sent, no source is read, nothing is reused, and nothing is written.

        Raises:
            SetupError: there is no such run, its packet is not kept, or the workflow must be mended.
        """
        recording = get_recording(run, self.ledger, self.runtime.content.read)
        return await replay_run(workflow, recording, replay_runtime(self.runtime, recording))

    async def backtest(
        self,
        workflow: Workflow[R],
        selection: Selection,
        swap: Swap,
        *,
        max_micros: int | None = None,
        observe: Callable[[Paired], None] = lambda _: None,
    ) -> Backtest:
        """Recorded runs again with one thing swapped, each beside what it was.

        What the swap does not touch is reused. All that is written lies in a shadow of its own, in
        `backtests/` of the project's state; who asks the same again goes on with it. Files that
        the swap names are relative to the project.

        Args:
            workflow: The workflow as it stands now.
            selection: Which of its recorded runs are meant.
            swap: What is put in whose place.
            max_micros: What the whole backtest may cost, in micros of a dollar.
            observe: Told of each pair as it is done.

        Raises:
            SetupError: no run is selected, the swap fits nothing, or the workflow must be mended.
        """
        question = Question(workflow.name, selection, swap)
        changed, bindings = self._swapped(workflow, swap)
        own = self.runtime
        runs = select(self.ledger, selection, workflow=workflow.name, scope=own.scope)
        read = find_kept(self.project, self.ledger)
        recordings = [find_recording(run, self.ledger, read) for run in runs]
        folder = self.project.home / BACKTESTS / question.id
        parts = writing_parts(replace(self.project, home=folder), own.clock, below=read)
        shadow = LayeredLedger(parts.ledger, self.ledger)
        runtime = shadow_runtime(replace(own, bindings=bindings), shadow, parts)

        def runtime_for(recording: Recording) -> Runtime:
            run = recording.run.start.run
            place = folder / "runs" / run
            place.mkdir(parents=True, exist_ok=True)
            return printing_into(runtime, place, namespace=f"backtest {run}")

        async def once() -> tuple[Paired, ...]:
            return await run_pairs(
                changed,
                recordings,
                runtime_for,
                shadow=shadow,
                options=RunOptions(caps=self._caps(workflow, max_micros)),
                observe=observe,
            )

        try:
            async with runtime.flights.alone(f"backtest/{question.id}") as flight:
                await flight.lease()
                pairs = await once()
        finally:
            parts.close()
        return Backtest(question=question, folder=self._told(folder), runs=pairs)

    def judge(self, run: str, claim: str, word: Word) -> JudgementRow:
        """Add a person's word on a claim of a run beside what was decided; nothing is edited.

        Args:
            run: Its id, a prefix that only one run has, or `latest`.
            claim: The claim's id.
            word: The verdict, or `confirm`; who says it, and why.

        Raises:
            SetupError: there is no such claim, or the word is no verdict, nobody's or without reason.
        """
        archive = Archive(self.ledger, self.runtime.content.read)
        known = archive.find_run(run)
        found = find_claim(archive, known.start.run, claim) if known else None
        if found is None:
            raise unknown_claim(claim, f"run {run}")
        return judge(self.ledger, found, word, at=iso(self.runtime.clock.now()))

    def export_html(
        self,
        run: str,
        *,
        redact: Iterable[str] = (),
        only_cited: bool = False,
        hide: Iterable[str] = (),
    ) -> Bundle:
        """A run as one HTML file that opens from a disk: its pages, bound, without a script.

        Args:
            run: Its id, a prefix that only one run has, or `latest`.
            redact: What is withheld, with all that repeats it: `evidence`, `prompts`, `answers`,
                `subject`, `parameters`.
            only_cited: Whether evidence that nothing rests on is left out.
            hide: Names and other texts that are withheld wherever they stand, in any spelling.

        Raises:
            SetupError: there is no such run or part, a text is too short to be looked for, the run
                is under way, or the extra `web` is missing.
        """
        options = ExportOptions(
            parse_redactions(redact), only_cited=only_cited, hide=parse_hidden(hide)
        )
        module = import_web("atelier.observatory.bundle.export")
        archive = Archive(self.ledger, self.runtime.content.read)
        known = archive.find_run(run)
        if known is None:
            raise SetupError(
                "export.no_run",
                f"No run is called {run!r}.",
                next_step="List them: `atelier runs`, or `ledger.iter_runs()`.",
            )
        bundle: Bundle = module.export_html(archive, known, options)
        return bundle

    @property
    def ledger(self) -> LedgerStore:
        """The ledger, for reading."""
        return self.runtime.ledger

    def close(self) -> None:
        """Wait for what was submitted, then release files and threads."""
        with self._lock:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _swapped(
        self, workflow: Workflow[R], swap: Swap
    ) -> tuple[Workflow[R], Mapping[str, Binding]]:
        """The workflow and the bindings with one thing swapped."""
        bindings, root = self.runtime.bindings, self.project.root
        match swap.kind:
            case SwapKind.MODEL:
                require_class(workflow, swap.name)
                binding = parse_override(f"{swap.name}={swap.value}", bindings)
                return workflow, {**bindings, swap.name: binding}
            case SwapKind.PROMPT:
                return with_prompt(workflow, swap.name, root / swap.value), bindings
            case SwapKind.STAGE:
                other = load_stage(swap.value, start=root)
                return with_stage(workflow, swap.name, other), bindings

    def _caps(self, workflow: Workflow[Any], max_micros: int | None) -> tuple[Cap, ...]:
        """The project's budgets, and that of a whole backtest: all that its shadow has recorded."""
        today = iso(self.runtime.clock.now())[:10]
        caps = self.project.budget.caps(workflow.name, today)
        if max_micros is None:
            return caps
        whole = Cap(limit=max_micros, what="for this backtest", workflow=workflow.name)
        return (whole, *caps)

    def _told(self, folder: Path) -> str:
        """A folder as people read it: relative to the project where it lies below it."""
        root = self.project.root
        return str(folder.relative_to(root) if folder.is_relative_to(root) else folder)

    def _collect(
        self, workflow: Workflow[Any], packet: Packet | None, parameters: Mapping[str, object]
    ) -> tuple[Collected[Any], list[Memo]]:
        if packet is None:
            _refuse_packet_by_name(workflow, parameters)
            memo = LedgerMemo(self.runtime.ledger)
            found = collect(
                workflow.packet, parameters, substrate=self.project.substrate, memo=memo
            )
            return found, memo.fresh
        if parameters:
            raise SetupError(
                "run.packet_and_parameters",
                "A run takes a packet or the parameters to collect one, not both.",
                facts={"parameters": ", ".join(parameters)},
                next_step="Leave the parameters out: the packet holds them.",
            )
        if not isinstance(packet, workflow.packet):
            raise SetupError(
                "run.packet_type",
                f"The workflow {workflow.name!r} runs over {workflow.packet.__name__}.",
                facts={"got": type(packet).__name__},
                next_step="Construct the packet from the workflow's own type.",
            )
        return Collected(packet, digests(packet), places={}), []

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run_loop, args=(self._loop,), name="atelier-loop", daemon=True
                ).start()
            return self._loop


async def _settled() -> None:
    """Return once every other task of this loop has ended."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)


def _refuse_packet_by_name(workflow: Workflow[Any], parameters: Mapping[str, object]) -> None:
    for name, value in parameters.items():
        if isinstance(value, Packet):
            raise SetupError(
                "run.packet_by_name",
                "A packet is handed over by its place, not by a name.",
                facts={"workflow": workflow.name, "name": name},
                next_step="Write run(workflow, packet): names are the packet's parameters.",
            )


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
