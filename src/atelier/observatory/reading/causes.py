"""Why each stage of a run came out as it did, in words that name the root."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from atelier.cache.difference import Change
from atelier.cache.explain import ReasonKind
from atelier.ledger.rows import Consumed, Outcome, Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.changes import Altered, explain_row

# A reason of these is what the row says; of any other, what differs is looked up.
_SAID = (
    ReasonKind.FIRST_RUN,
    ReasonKind.REFRESHED,
    ReasonKind.DAMAGED,
    ReasonKind.FAILED_BEFORE,
    ReasonKind.UNSEEN,
)
_PHRASES = {
    ReasonKind.FIRST_RUN: "it is the first run for these parameters",
    ReasonKind.REFRESHED: "it was asked for anew",
    ReasonKind.DAMAGED: "its stored value was damaged",
    ReasonKind.FAILED_BEFORE: "it failed before",
    ReasonKind.UNSEEN: "it reads what its key does not hold",
}
_SUBJECTS = {
    ReasonKind.SCOPE: "the scope",
    ReasonKind.MODEL: "its model",
    ReasonKind.PROMPT: "its prompt",
    ReasonKind.CODE: "code",
    ReasonKind.STAND_IN: "stand-in",
    ReasonKind.SCHEMA: "the form of its output",
    ReasonKind.RULES: "its rules",
    ReasonKind.OPTION: "its option",
    ReasonKind.SCHEME: "the scheme",
    ReasonKind.LIBRARY: "library",
}
_VERBS = {
    "changed": "changed",
    "new": "was added",
    "gone": "was removed",
    "added": "was added",
    "removed": "was removed",
}
_NAMED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One thing that changed at the root: of a stage, or an element of a slice (counted from 0).

    `through` are the stages between, from the one that is explained to the one that changed.
    """

    kind: str
    text: str
    stage: str
    slice: str = ""
    position: int | None = None
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a stage came out as it did: one sentence, and the roots that it names.

    `inputs` are the parameters that changed; `compared` is the row that it was compared with.
    """

    text: str
    roots: tuple[Root, ...] = ()
    inputs: tuple[str, ...] = ()
    compared: int | None = None
    compared_run: str | None = None


class Causes:
    """The causes of one run's stages; each is found once."""

    def __init__(self, archive: Archive, run: RunRecord, rows: Sequence[Row]) -> None:
        self._archive = archive
        self._run = run
        self._rows = {row.stage: row for row in rows}
        self._known: dict[str, Cause] = {}

    def of(self, stage: str) -> Cause:
        """The cause of a stage that has a row in this run."""
        if stage not in self._known:
            self._known[stage] = self._find(self._rows[stage])
        return self._known[stage]

    def _find(self, row: Row) -> Cause:
        match row.outcome:
            case Outcome.FAILED:
                return Cause(text=f"failed: {_said(row)}")
            case Outcome.BLOCKED:
                return self._blocked(row)
            case Outcome.REUSED:
                return self._reused(row)
            case _:
                return self._ran(row)

    def _blocked(self, row: Row) -> Cause:
        named = str((row.error or {}).get("facts", {}).get("needs", "")).split(", ")
        above = [self._rows[name] for name in named if name in self._rows]
        if not above:
            return Cause(text=f"blocked: {_said(row)}")
        first = above[0]
        found = self.of(first.stage)
        root = Root(kind=first.outcome.value, text=found.text, stage=first.stage)
        if first.outcome is Outcome.BLOCKED and found.roots:
            above_it = found.roots[0]
            root = replace(above_it, through=(first.stage, *above_it.through))
        return Cause(text=f"blocked: {root.stage} {root.text}", roots=(root,))

    def _reused(self, row: Row) -> Cause:
        if row.reason == Outcome.RUN_HIT.value:
            return Cause(text=f"reused: the whole run was served from {self._run.served_from}")
        above = [item.source for item in row.consumed if item.supply is Supply.STAGE]
        ran = [name for name in dict.fromkeys(above) if self._outcome(name) is Outcome.RAN]
        if ran:
            return Cause(text=f"reused: {_listed(ran)} came out the same as before")
        return Cause(text="reused: nothing that it rests on changed")

    def _outcome(self, stage: str) -> Outcome | None:
        row = self._rows.get(stage)
        return row.outcome if row is not None else None

    def _ran(self, row: Row) -> Cause:
        kind = next((kind for kind in _SAID if row.reason.startswith(kind.value)), None)
        if kind is not None:
            _, _, subject = row.reason.partition(": ")
            text = f"{_PHRASES[kind]}: {subject}" if subject else _PHRASES[kind]
            return _because([Root(kind=kind.value, text=text, stage=row.stage)])
        explained = explain_row(self._archive, self._run, row)
        roots = [root for item in explained.altered for root in self._roots(row, item)]
        if not roots:
            return Cause(text=f"ran: {row.reason}")
        earlier = explained.earlier
        subjects = [
            item.reason.subject
            for item in explained.altered
            if item.reason.kind is ReasonKind.INPUT
        ]
        return replace(
            _because(roots),
            inputs=tuple(subjects),
            compared=earlier.seq if earlier else None,
            compared_run=earlier.run if earlier else None,
        )

    def _roots(self, row: Row, item: Altered) -> Iterator[Root]:
        kind, subject = item.reason.kind, item.reason.subject
        if kind is ReasonKind.INPUT:
            consumed = next((one for one in row.consumed if one.parameter == subject), None)
            if consumed is not None:
                yield from self._of_input(row, consumed, item)
                return
        text = f"{_SUBJECTS.get(kind, 'its input')} {subject}".strip()
        said = f"{text} {_VERBS[item.standing]}"
        yield Root(kind=kind.value, text=said, stage=row.stage)

    def _of_input(self, row: Row, consumed: Consumed, item: Altered) -> Iterator[Root]:
        match consumed.supply:
            case Supply.STAGE:
                yield from self._of_stage(row, consumed)
            case Supply.PARAMETER:
                text = f"parameter {consumed.source} {_VERBS[item.standing]}"
                yield Root(kind=ReasonKind.INPUT.value, text=text, stage=row.stage)
            case Supply.SLICE:
                value = self._archive.value(consumed.digest)
                places = [("/" + consumed.source + one.pointer, one) for one in item.places]
                slices = {consumed.source: value}
                yield _of_slice(row.stage, item, places=places, slices=slices)
            case Supply.PACKET:
                places = [(one.pointer, one) for one in item.places]
                yield _of_slice(row.stage, item, places=places, slices=self._slices())

    def _of_stage(self, row: Row, consumed: Consumed) -> Iterator[Root]:
        """The roots of the stage that the input came from; its own change, where they say none."""
        source = self._rows.get(consumed.source)
        inner = self.of(consumed.source).roots if source and source.outcome is Outcome.RAN else ()
        known = [root for root in inner if root.kind != ReasonKind.FIRST_RUN.value]
        for root in known:
            yield replace(root, through=(consumed.source, *root.through))
        if not known:
            text = f"what {consumed.source} gives changed"
            yield Root(kind=ReasonKind.INPUT.value, text=text, stage=row.stage)

    def _slices(self) -> Mapping[str, Any]:
        record = self._archive.ledger.find_packet(self._run.start.packet)
        slices: Mapping[str, str] = record.slices if record else {}
        return {name: self._archive.value(digest) for name, digest in slices.items()}


def _of_slice(
    stage: str,
    item: Altered,
    *,
    places: Sequence[tuple[str, Change]],
    slices: Mapping[str, Any],
) -> Root:
    """The root that is a place in the packet: its first, and how many more there are."""
    kind = ReasonKind.INPUT.value
    if not places:
        text = f"{item.reason.subject} {_VERBS[item.standing]}"
        return Root(kind=kind, text=text, stage=stage)
    (pointer, change), *more = places
    name, position, text = _place(pointer, change, slices)
    others = f" (and {len(more)} more)" if more else ""
    return Root(kind=kind, text=text + others, stage=stage, slice=name, position=position)


def _place(pointer: str, change: Change, slices: Mapping[str, Any]) -> tuple[str, int | None, str]:
    """The slice and the element that a pointer leads into, and what became of it, in words.

    Example:
        >>> change = Change("/0/text", "changed", "I ran.", "I walked.")
        >>> _place("/talk/0/text", change, {"talk": [{"speaker": "Maya", "text": "I walked."}]})
        ('talk', 0, 'talk turn 1 changed')
    """
    _, name, *path = pointer.split("/")
    verb = _VERBS[change.kind] if len(path) <= 1 else "changed"
    if name not in slices:
        return "", None, f"parameter {name} {_VERBS[change.kind]}"
    value = slices[name]
    if not path or not isinstance(value, list) or not path[0].isdecimal():
        inside = f" at /{'/'.join(path)}" if path else ""
        return name, None, f"{name}{inside} {verb}"
    elements = cast("list[Any]", value)
    position = int(path[0])
    gone = change.kind == "removed" and len(path) == 1
    within = position < len(elements) and not gone
    element = elements[position] if within else change.earlier
    noun = "turn" if isinstance(element, dict) and "speaker" in element else "entry"
    return name, None if gone else position, f"{name} {noun} {position + 1} {verb}"


def _because(roots: Sequence[Root]) -> Cause:
    nearest: dict[tuple[str, str], Root] = {}
    for root in sorted(roots, key=lambda root: len(root.through)):
        # A change of evidence is one, whichever stages it came through.
        nearest.setdefault((root.text, "" if root.slice else root.stage), root)
    each = list(nearest.values())
    texts = [
        f"{root.through[0]} changed: {root.text}" if root.through else root.text for root in each
    ]
    more = f" (and {len(texts) - _NAMED} more)" if len(texts) > _NAMED else ""
    return Cause(text=f"ran because {'; '.join(texts[:_NAMED])}{more}", roots=tuple(each))


def _said(row: Row) -> str:
    return str((row.error or {}).get("sentence", row.reason))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)
