"""Why a stage runs: a pure comparison of the components of two keys."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from atelier.cache.difference import Change, difference, text_diff

__all__ = [
    "Change",
    "Reason",
    "ReasonKind",
    "difference",
    "explain",
    "nearest",
    "text_diff",
]


class ReasonKind(StrEnum):
    """Why a stage runs, as people read it; the order is that of cause."""

    FIRST_RUN = "first run"
    REFRESHED = "refreshed"
    DAMAGED = "damaged"
    FAILED_BEFORE = "failed before"
    UNSEEN = "unseen"
    SCOPE = "scope changed"
    MODEL = "model changed"
    PROMPT = "prompt changed"
    CODE = "code changed"
    STAND_IN = "stand-in changed"
    SCHEMA = "schema changed"
    RULES = "rules changed"
    OPTION = "option changed"
    SCHEME = "scheme changed"
    LIBRARY = "library changed"
    INPUT = "input changed"


_KINDS = {
    "scope": ReasonKind.SCOPE,
    "model": ReasonKind.MODEL,
    "prompt": ReasonKind.PROMPT,
    "code": ReasonKind.CODE,
    "stand-in": ReasonKind.STAND_IN,
    "schema": ReasonKind.SCHEMA,
    "rules": ReasonKind.RULES,
    "option": ReasonKind.OPTION,
    "scheme": ReasonKind.SCHEME,
    "library": ReasonKind.LIBRARY,
    "input": ReasonKind.INPUT,
}
# Kinds whose labels are places: there, an equal digest under another label has only moved.
_PLACED = frozenset({ReasonKind.PROMPT, ReasonKind.CODE, ReasonKind.STAND_IN})
_WHOLE = "which definition a name means"


@dataclass(frozen=True, slots=True)
class Reason:
    """One cause, and the thing it is about.

    Example:
        >>> Reason(ReasonKind.CODE, "helpers.py:clean").text
        'code changed: helpers.py:clean'
        >>> Reason(ReasonKind.FIRST_RUN).text
        'first run'
    """

    kind: ReasonKind
    subject: str = ""

    @property
    def text(self) -> str:
        """The reason as a person reads it."""
        return f"{self.kind.value}: {self.subject}" if self.subject else self.kind.value


def explain(earlier: Mapping[str, str] | None, now: Mapping[str, str]) -> list[Reason]:
    """What differs between two maps of component label to digest, ordered by cause.

    Within a cause, what was edited comes before what came and what went. A part that only moved or
    was renamed, its digest the same, is no reason.

    Example:
        >>> before = {"code/a.py:f": "1", "input/journal": "2"}
        >>> after = {"code/b.py:f": "1", "input/journal": "3"}
        >>> [reason.text for reason in explain(before, after)]
        ['input changed: journal']
        >>> [reason.text for reason in explain(None, after)]
        ['first run']
    """
    if earlier is None:
        return [Reason(ReasonKind.FIRST_RUN)]
    edited = [label for label in now if label in earlier and earlier[label] != now[label]]
    came = [label for label in now if label not in earlier]
    went = [label for label in earlier if label not in now]
    stayed = _moved(came, now, went=[earlier[label] for label in went])
    left = _moved(went, earlier, went=[now[label] for label in came])
    found = [_reason(label) for label in (*edited, *stayed, *left)]
    ordered = sorted(dict.fromkeys(found), key=lambda reason: _ORDER[reason.kind])
    explained = {reason.kind for reason in ordered if reason.subject != _WHOLE}
    return [
        reason for reason in ordered if reason.subject != _WHOLE or reason.kind not in explained
    ]


_ORDER = {kind: place for place, kind in enumerate(ReasonKind)}


def _moved(labels: Sequence[str], digests: Mapping[str, str], *, went: Sequence[str]) -> list[str]:
    """The labels that did not merely take the digest of one on the other side."""
    spare = Counter(went)
    kept: list[str] = []
    for label in labels:
        if "/" in label and _reason(label).kind in _PLACED and spare[digests[label]]:
            spare[digests[label]] -= 1
        else:
            kept.append(label)
    return kept


def _reason(label: str) -> Reason:
    prefix, _, subject = label.partition("/")
    kind = _KINDS.get(prefix, ReasonKind.OPTION)
    if kind in {ReasonKind.CODE, ReasonKind.STAND_IN} and not subject:
        return Reason(kind, _WHOLE)
    return Reason(kind, subject)


def nearest(candidates: Sequence[Mapping[str, str]], now: Mapping[str, str]) -> int | None:
    """The index of the candidate that shares most components; of equals, the newest (the last).

    Example:
        >>> nearest([{"a": "1"}, {"a": "1", "b": "2"}, {"b": "2", "a": "1"}], {"a": "1", "b": "2"})
        2
    """
    items = now.items()
    shared = [len(items & candidate.items()) for candidate in candidates]
    return max(range(len(shared)), key=lambda index: (shared[index], index)) if shared else None
