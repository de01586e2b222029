"""The stages that led to a value, as a person reads them."""

from collections.abc import Iterator, Sequence

from atelier.cli.console import colored, one_line, safe, table
from atelier.observatory.reading.lineage import Step


def lineage_lines(steps: Sequence[Step]) -> Iterator[str]:
    """The stages as a person reads them, with what to ask next."""
    if not steps:
        return
    yield "stages"
    rows = [
        (safe(step.row.stage), colored(step.row.outcome.value), one_line(step.reason, 120))
        for step in steps
    ]
    for line in table(rows):
        yield f"  {line}"
    last = steps[-1].source
    yield f"next  atelier why {last.run} {safe(last.stage)}"
