"""What changed between two executions of a stage, from the ledger alone: the sources may be gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from atelier.cache.difference import Change, difference
from atelier.cache.explain import Reason, ReasonKind, explain, nearest, text_diff
from atelier.kernel.canonical import Json, read
from atelier.kernel.errors import AtelierError
from atelier.ledger.rows import Row, RunRecord
from atelier.observatory.reading.archive import Archive

# How many of the newest rows are looked at for one that came before, and how many earlier runs.
_RECENT = 40
_OLD = 5_000
# As many as a run compares with, so that both find the same.
_CANDIDATES = 12

_PREFIXES = {
    ReasonKind.SCOPE: "scope",
    ReasonKind.MODEL: "model",
    ReasonKind.PROMPT: "prompt",
    ReasonKind.CODE: "code",
    ReasonKind.STAND_IN: "stand-in",
    ReasonKind.SCHEMA: "schema",
    ReasonKind.RULES: "rules",
    ReasonKind.OPTION: "option",
    ReasonKind.SCHEME: "scheme",
    ReasonKind.LIBRARY: "library",
    ReasonKind.INPUT: "input",
}
# The texts of these are source or prose; those of the others are JSON.
_PROSE = frozenset({ReasonKind.CODE, ReasonKind.STAND_IN, ReasonKind.PROMPT})

# The components of a key by label: the digest of each, and of its text where it has one.
_Components = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Altered:
    """One thing that differs, with its difference: a diff of text, or places within a value."""

    reason: Reason
    standing: str
    text: str = ""
    places: tuple[Change, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The difference as `--json` gives it."""
        return {
            "reason": self.reason.text,
            "kind": self.reason.kind.value,
            "subject": self.reason.subject,
            "standing": self.standing,
            "diff": self.text,
            "places": [
                {
                    "pointer": place.pointer,
                    "kind": place.kind,
                    "earlier": place.earlier,
                    "now": place.now,
                }
                for place in self.places
            ],
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a row executed: what it was compared with, and everything that differs.

    `is_lost` where the record of what the execution depended on is gone from the store.
    """

    row: Row
    earlier: Row | None = None
    altered: list[Altered] = field(default_factory=list[Altered])
    is_lost: bool = False

    def as_json(self) -> dict[str, Any]:
        """The explanation as `--json` gives it."""
        return {
            "seq": self.row.seq,
            "run": self.row.run,
            "reason": self.row.reason,
            "compared_with": None
            if self.earlier is None
            else {"seq": self.earlier.seq, "run": self.earlier.run},
            "changes": [item.as_json() for item in self.altered],
        }


def explain_row(archive: Archive, run: RunRecord, row: Row) -> Explained:
    """What differs between an execution and the nearest one before it."""
    now = _components(archive, row)
    if now is None:
        return Explained(row, is_lost=row.components is not None)
    earlier = [
        (candidate, components)
        for candidate in _before(archive, run, row)
        if (components := _components(archive, candidate)) is not None
    ]
    earlier.reverse()  # of equally near ones, `nearest` takes the last: the newest
    index = nearest([_digests(components) for _, components in earlier], _digests(now))
    if index is None:
        return Explained(row)
    candidate, before = earlier[index]
    return Explained(row, candidate, _differing(archive, before, now))


def altered_between(archive: Archive, earlier: Row, later: Row) -> list[Altered] | None:
    """What differs between any two executions of a stage; None where the record of one is gone."""
    before, now = _components(archive, earlier), _components(archive, later)
    return None if before is None or now is None else _differing(archive, before, now)


def _differing(archive: Archive, before: _Components, now: _Components) -> list[Altered]:
    reasons = explain(_digests(before), _digests(now))
    return [_altered(archive, reason, (before, now)) for reason in reasons]


def _before(archive: Archive, run: RunRecord, row: Row) -> list[Row]:
    """The newest executions of a stage for the same parameters in the runs before one of them.

    A mapped stage has a row an element in its own run, which is no earlier execution.
    """
    parameters = run.start.parameters
    rows = archive.ledger.find_precedents([row.stage], parameters=parameters, limit=_RECENT)
    found = [
        candidate for candidate in rows if candidate.seq < row.seq and candidate.run != row.run
    ]
    if found or len(rows) < _RECENT:
        return found[:_CANDIDATES]
    # The row is old: what the ledger gives first all came later.
    earlier = archive.ledger.iter_runs(limit=_OLD, before=run.start.run)
    same = (other for other in earlier if other.start.parameters == parameters)
    old = (
        candidate
        for other in same
        for candidate in archive.ledger.iter_stage_rows(other.start.run)
        if candidate.stage == row.stage and candidate.components is not None
    )
    return list(islice(old, _CANDIDATES))


def _components(archive: Archive, row: Row) -> _Components | None:
    recipe: _Components | None = archive.value(row.components)
    if recipe is None:
        return None
    return {**recipe, **{f"input/{one.parameter}": {"digest": one.digest} for one in row.consumed}}


def _digests(components: _Components) -> dict[str, str]:
    return {label: item["digest"] for label, item in components.items()}


def _altered(archive: Archive, reason: Reason, sides: Sequence[_Components]) -> Altered:
    label = "/".join(part for part in (_PREFIXES.get(reason.kind, ""), reason.subject) if part)
    old, new = (side.get(label) for side in sides)
    standing = "changed" if old and new else "new" if new else "gone" if old else "changed"
    if reason.kind is ReasonKind.INPUT:
        if not old or not new:
            return Altered(reason, standing)
        return Altered(reason, standing, places=_places(archive, old["digest"], new["digest"]))
    texts = [_text(archive, component) for component in (old, new)]
    if None in texts:
        return Altered(reason, standing)
    earlier, later = cast("list[str]", texts)
    if reason.kind in _PROSE or not old or not new:
        return Altered(reason, standing, text=text_diff(earlier, later))
    return Altered(reason, standing, places=_json_places(earlier, later))


def _text(archive: Archive, component: Mapping[str, str] | None) -> str | None:
    """The text of a component; empty where there is no component, None where it has no text."""
    if component is None:
        return ""
    data = archive.read(component["text"]) if "text" in component else None
    return None if data is None else data.decode(errors="replace")


def _json_places(earlier: str, later: str) -> tuple[Change, ...]:
    try:
        return tuple(difference(read(earlier.encode()), read(later.encode())))
    except AtelierError:
        return (Change("", "changed", earlier, later),)


def _places(archive: Archive, earlier: str, later: str) -> tuple[Change, ...]:
    before, after = archive.value(earlier), archive.value(later)
    if before is None or after is None:
        return ()
    if _is_packet(before) and _is_packet(after):
        return tuple(_within_packets(archive, before["of"], after["of"]))
    return tuple(difference(before, after))


def _within_packets(
    archive: Archive, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Change]:
    """A packet's record holds digests: the difference goes on into what they stand for."""
    yield from difference(before["parameters"], after["parameters"])
    for name in dict.fromkeys([*before["slices"], *after["slices"]]):
        old, new = (archive.value(side["slices"].get(name)) for side in (before, after))
        if before["slices"].get(name) != after["slices"].get(name):
            for change in difference(old, new):
                yield Change(f"/{name}{change.pointer}", change.kind, change.earlier, change.now)


def _is_packet(value: Json) -> bool:
    return isinstance(value, dict) and value.get("kind") == "packet"
