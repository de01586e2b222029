"""What a batch adds to the sums that the pages show: spent, avoided, used, failed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from atelier.ledger.rows import Attempt, Row
from atelier.observatory.index.entries import Entry, error_code

# So many columns say what is added up; amounts are the rest.
_PLACE = 5

Runs = Mapping[str, Mapping[str, str]]


def spent_by(attempts: Iterable[Attempt], runs: Runs) -> Iterator[Entry]:
    """What requests that have ended cost; one of unknown cost counts what it reserved, in doubt."""
    for one in attempts:
        unknown = one.incurred is None
        yield (
            *_place(one.sent_at, _workflow(runs, one.run), one.stage),
            one.model_served or one.model_requested,
            one.price_table or "",
            1,
            one.incurred or 0,
            (one.reserved or 0) if unknown else 0,
            int(unknown and one.reserved is not None),
            int(unknown and one.reserved is None),
            0,
            0,
            one.input_tokens or 0,
            one.cached_tokens or 0,
            one.output_tokens or 0,
            one.reasoning_tokens or 0,
        )


def avoided_by(rows: Iterable[Row], runs: Runs) -> Iterator[Entry]:
    """What reuse avoided, never mixed with what was spent."""
    for row in rows:
        if row.avoided != 0:
            model = row.model_served or row.model_requested or ""
            place = _place(row.recorded_at, _workflow(runs, row.run), row.stage)
            yield spared(*place, model, row.avoided)


def spared(day: str, workflow: str, stage: str, model: str, avoided: int | None) -> Entry:  # noqa: PLR0917 - the columns
    """What one row avoided."""
    place = day, workflow, stage, model, ""
    return *place, 0, 0, 0, 0, 0, avoided or 0, int(avoided is None), 0, 0, 0, 0


def summed(entries: Iterable[Entry]) -> list[Entry]:
    """The entries of one day, workflow, stage, model and price table added up: one for each."""
    sums: dict[Entry, list[tuple[int, ...]]] = {}
    for entry in entries:
        amounts = cast("tuple[int, ...]", entry[_PLACE:])
        sums.setdefault(entry[:_PLACE], []).append(amounts)
    return [(*place, *map(sum, zip(*found, strict=True))) for place, found in sums.items()]


def usage_of(rows: Iterable[Row], runs: Runs) -> Iterator[Entry]:
    """How rows of stages ended, by version."""
    seen: dict[tuple[str, str, str, str, str], list[str]] = {}
    for row in rows:
        code = error_code(row.error) if row.error else ""
        place = _workflow(runs, row.run), row.stage, row.recipe or "", str(row.outcome), code
        seen.setdefault(place, []).append(row.recorded_at)
    for place, moments in seen.items():
        yield (*place, len(moments), min(moments), max(moments))


def failing_of(attempts: Iterable[Attempt], runs: Runs) -> Iterator[Entry]:
    """How attempts ended that were no answer."""
    seen = Counter(
        (_workflow(runs, one.run), one.stage, one.outcome, error_code(one.error))
        for one in attempts
        if one.error or one.outcome == "in_doubt"
    )
    for place, count in seen.items():
        yield (*place, count)


def _place(moment: str, workflow: str, stage: str) -> tuple[str, str, str]:
    return moment[:10], workflow, stage


def _workflow(runs: Runs, run: str) -> str:
    found = runs.get(run)
    return found["workflow"] if found else ""
