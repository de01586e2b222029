"""A run's progress on a terminal: the tree of its stages, drawn anew as they go on."""

from threading import Lock
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from atelier.cli.console import COLORS, SIGNS, duration, one_line, safe
from atelier.cli.progress import reason_of
from atelier.orchestrate.events import RunBegan, RunEvent, StageBegan, StageEnded
from atelier.orchestrate.outcome import StageResult


class LiveTree:
    """The run as a tree on stderr; it stays there when the run is over."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._title = ""
        self._stages: tuple[str, ...] = ()
        self._began: dict[str, tuple[float, str]] = {}
        self._ended: dict[str, StageResult] = {}
        self._spinner = Spinner("dots")
        console = Console(stderr=True, highlight=False)
        self._live = Live(console=console, get_renderable=self._tree, refresh_per_second=8)
        self._live.start()

    def observe(self, event: RunEvent, /) -> None:
        """Take an event, from any thread."""
        with self._lock:
            match event:
                case RunBegan(run, workflow, stages):
                    self._title, self._stages = f"{workflow}  {run}", stages
                case StageBegan(stage, reason):
                    self._began[stage] = (monotonic(), reason)
                case StageEnded(result):
                    self._ended[result.stage] = result
                case _:
                    pass

    def stop(self) -> None:
        """Draw the tree for the last time and give the terminal back."""
        self._live.stop()

    def _tree(self) -> Tree | Text:
        with self._lock:
            if not self._stages:
                return Text("collecting the packet", style="dim")
            tree = Tree(Text(safe(self._title), style="bold"), guide_style="dim")
            width = max(len(name) for name in self._stages)
            for name in self._stages:
                tree.add(self._stage(name, width))
            return tree

    def _stage(self, name: str, width: int) -> Table:
        result = self._ended.get(name)
        sign: Spinner | Text
        if result is not None:
            outcome, seconds, reason = result.outcome.value, result.seconds, reason_of(result)
            sign = Text(SIGNS.get(outcome, "·"), style=COLORS.get(outcome, ""))
        elif name in self._began:
            since, reason = self._began[name]
            outcome, seconds, sign = "running", monotonic() - since, self._spinner
        else:
            outcome, seconds, reason, sign = "", 0.0, "", Text("·", style="dim")
        line = Table.grid(padding=(0, 1))
        for size in (1, width, 7, 10):
            line.add_column(width=size, no_wrap=True)
        line.add_column(no_wrap=True, overflow="ellipsis")
        line.add_row(
            sign,
            Text(safe(name)),
            Text(outcome, style=COLORS.get(outcome, "")),
            Text(duration(seconds) if outcome else "", justify="right"),
            Text(one_line(reason), style="dim"),
        )
        return line
