"""Sums over what the index holds: cost, stages and their prompts, claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from atelier.ledger.queries import queries
from atelier.observatory.index.connection import Connections
from atelier.observatory.index.page import ROOM
from atelier.observatory.index.query import FilterError

COST_BY = ("day", "workflow", "stage", "model", "price_table")
_WHERE = ("workflow", "stage", "model")
_LATEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which part of the record is summed: days from one to another, both inside; empty is all."""

    since: str = ""
    until: str = ""
    workflow: str = ""
    stage: str = ""
    model: str = ""

    def values(self) -> Mapping[str, str]:
        """What the statements take; the last day, or month, stands for all that begins with it."""
        return {
            "since": self.since,
            "until": f"{self.until or '9999'}~",
            **{name: getattr(self, name) for name in _WHERE},
        }


ALL = Period()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one day, workflow, stage, model or price table cost; amounts in micros.

    `spent` is known. `in_doubt` is what `doubtful` requests of unknown cost reserved, open ones
    among them; `unpriced` ones reserved nothing that is known. `avoided` was never spent, and
    `unknown_avoided` rows do not say what they avoided. Tokens in hold the cached, tokens out the
    reasoning.
    """

    name: str
    requests: int
    spent: int
    in_doubt: int
    doubtful: int
    unpriced: int
    avoided: int
    unknown_avoided: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    reasoning_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageUse:
    """How one version of a stage, by its recipe, was used; seconds are of its latest executions."""

    workflow: str
    stage: str
    recipe: str
    outcomes: Mapping[str, int]
    failures: Mapping[str, int]
    first_at: str
    last_at: str
    median: float | None
    p95: float | None

    @property
    def rows(self) -> int:
        """How often the stage had its turn."""
        return sum(self.outcomes.values())

    @property
    def hit_rate(self) -> float | None:
        """The part of the turns that were a hit; None where no turn was one or could be."""
        reused, ran = self.outcomes.get("reused", 0), self.outcomes.get("ran", 0)
        return reused / (reused + ran) if reused + ran else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often attempts of a stage ended in one way that was no answer."""

    workflow: str
    stage: str
    outcome: str
    code: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The claims of one day by verdict, and who decided them."""

    day: str
    verdicts: Mapping[str, int]
    deciders: Mapping[str, int]


def costs(connections: Connections, by: str, period: Period) -> tuple[Cost, ...]:
    """Costs by day, workflow, stage, model or price table; days in order, others dearest first.

    Raises:
        FilterError: costs are not summed by that.
    """
    if by not in COST_BY:
        raise FilterError(
            "Costs are not summed by that.",
            name="by",
            given=by,
            next_step="Use one of " + ", ".join(COST_BY) + ".",
        )
    order = "1" if by == "day" else "3 desc, 7 desc, 1"
    sql = _sql("costs").replace("{by}", by).replace("{order}", order)
    names = Cost.__slots__
    return tuple(
        Cost(**dict(zip(names, row, strict=True))) for row in connections.rows(sql, period.values())
    )


def stage_uses(connections: Connections, period: Period) -> tuple[StageUse, ...]:
    """Every version of every stage that was used in a period, the newest of each stage first."""
    outcomes: dict[tuple[str, str, str], dict[str, int]] = {}
    failures: dict[tuple[str, str, str], dict[str, int]] = {}
    moments: dict[tuple[str, str, str], tuple[str, str]] = {}
    for workflow, stage, recipe, outcome, code, rows, first, last in connections.rows(
        _sql("usages"), period.values()
    ):
        place = (workflow, stage, recipe)
        _count(outcomes.setdefault(place, {}), outcome, rows)
        if code:
            _count(failures.setdefault(place, {}), code, rows)
        before = moments.get(place, (first, last))
        moments[place] = min(before[0], first), max(before[1], last)
    return tuple(
        StageUse(
            workflow=place[0],
            stage=place[1],
            recipe=place[2],
            outcomes=found,
            failures=failures.get(place, {}),
            first_at=moments[place][0],
            last_at=moments[place][1],
            median=median,
            p95=p95,
        )
        for place, found in outcomes.items()
        for median, p95 in [_latency(connections, place)]
    )


def retries(connections: Connections, period: Period) -> tuple[Retries, ...]:
    """How attempts ended that were no answer, the most frequent first; of all days."""
    names = Retries.__slots__
    return tuple(
        Retries(**dict(zip(names, row, strict=True)))
        for row in connections.rows(_sql("failings"), period.values())
    )


def claim_trend(connections: Connections, period: Period) -> tuple[Trend, ...]:
    """The claims of each day, in order."""
    verdicts: dict[str, dict[str, int]] = {}
    deciders: dict[str, dict[str, int]] = {}
    for day, verdict, decided_by, claims in connections.rows(_sql("trend"), period.values()):
        _count(verdicts.setdefault(day, {}), verdict, claims)
        _count(deciders.setdefault(day, {}), decided_by, claims)
    return tuple(
        Trend(day=day, verdicts=found, deciders=deciders[day]) for day, found in verdicts.items()
    )


def _latency(
    connections: Connections, place: tuple[str, str, str]
) -> tuple[float | None, float | None]:
    workflow, stage, recipe = place
    values: dict[str, str | int | float | bytes | None] = {
        "workflow": workflow,
        "stage": stage,
        "recipe": recipe,
        "limit": _LATEST,
    }
    seconds = sorted(found for (found,) in connections.rows(_sql("latest_seconds"), values))
    return _at(seconds, 0.5), _at(seconds, 0.95)


def _at(ordered: Sequence[float], part: float) -> float | None:
    """The smallest value that at least this part is not above.

    Example:
        >>> _at([1.0, 2.0, 3.0, 10.0], 0.5), _at([], 0.5)
        (2.0, None)
    """
    if not ordered:
        return None
    return ordered[max(0, -int(-len(ordered) * part // 1) - 1)]


def _count(counts: dict[str, int], name: str, number: int) -> None:
    counts[name] = counts.get(name, 0) + number


def _sql(name: str) -> str:
    return queries("queries.sql", ROOM)[name]
