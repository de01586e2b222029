"""Why a stage runs, in words that name the edited thing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from atelier.cache.difference import difference
from atelier.cache.explain import Reason, ReasonKind, explain, nearest
from atelier.kernel.canonical import read as parse
from atelier.ledger.rows import Outcome, Row
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.state import RunState

# The bytes behind a digest, where they are known.
Read = Callable[[str], bytes | None]

_CANDIDATES = 12
_SHOWN = 3


def reasons_for(prepared: Prepared, state: RunState) -> list[Reason]:
    """What differs from the nearest execution for the same parameters, each cause named."""
    if not state.has_precedents:
        return explain(None, prepared.components)
    rows = state.runtime.ledger.find_precedents(
        prepared.node.stage.names,
        parameters=state.given,
        limit=_CANDIDATES,
    )
    if rows and rows[0].key == prepared.key and rows[0].outcome is Outcome.FAILED:
        return [Reason(ReasonKind.FAILED_BEFORE, (rows[0].error or {}).get("code", ""))]
    read = state.runtime.content.read
    known = [components for row in rows if (components := components_of(row, read))]
    known.reverse()  # of equally near ones, `nearest` takes the last: the newest
    index = nearest(known, prepared.components)
    if index is None:
        return explain(None, prepared.components)
    earlier = known[index]
    found = explain(earlier, prepared.components)
    if not found:  # the same key: its value served one run only, or this one's will
        whats = [unseen["what"] for row in rows[:1] for unseen in row.unseen]
        whats += [unseen.what for unseen in prepared.recipe.unseen]
        return [Reason(ReasonKind.UNSEEN, what) for what in whats[:1]]
    return reasons_between(earlier, prepared.components, state.stored)


def reasons_between(earlier: Mapping[str, str], now: Mapping[str, str], read: Read) -> list[Reason]:
    """What differs between the components of two keys, each cause named."""
    return [_placed(reason, earlier, now, read=read) for reason in explain(earlier, now)]


def components_of(row: Row, read: Read) -> dict[str, str] | None:
    """The components of a row's key, label to digest: its recipe's record and its inputs."""
    data = read(row.components) if row.components else None
    if data is None:
        return None
    recipe = {label: item["digest"] for label, item in parse(data).items()}
    return recipe | {f"input/{one.parameter}": one.digest for one in row.consumed}


def sentence(reasons: Iterable[Reason]) -> str:
    """The reasons as a row keeps them."""
    texts = [reason.text for reason in reasons]
    more = f" (and {len(texts) - _SHOWN} more)" if len(texts) > _SHOWN else ""
    return "; ".join(texts[:_SHOWN]) + more


def _placed(
    reason: Reason, earlier: Mapping[str, str], now: Mapping[str, str], *, read: Read
) -> Reason:
    """An input's reason, with the places in it that changed."""
    label = f"input/{reason.subject}"
    if reason.kind is not ReasonKind.INPUT or label not in earlier or label not in now:
        return reason
    places = changed_places(earlier[label], now[label], read)
    if not places:
        return reason
    more = f" (+{len(places) - 1} more)" if len(places) > 1 else ""
    return Reason(reason.kind, f"{reason.subject}{places[0]}{more}")


def changed_places(earlier: str, now: str, read: Read) -> list[str]:
    """Pointers to what differs between two stored values; a packet's go on into its slices."""
    values = [_value(digest, read) for digest in (earlier, now)]
    if None in values:
        return []
    before, after = values
    if not _is_packet(before) or not _is_packet(after):
        return [change.pointer for change in difference(before, after)]
    return list(_in_packet(before["of"], after["of"], read))


def _in_packet(before: Mapping[str, Any], after: Mapping[str, Any], read: Read) -> Iterable[str]:
    for change in difference(before["parameters"], after["parameters"]):
        yield change.pointer
    slices = cast("dict[str, str]", after["slices"])
    for name, digest in slices.items():
        old = before["slices"].get(name)
        if old != digest:
            inner = changed_places(old, digest, read) if old else []
            yield from [f"/{name}{place}" for place in inner] or [f"/{name}"]
    if before["slices"] == slices and before.get("obligations") != after.get("obligations"):
        yield "/obligations"


def _is_packet(value: Any) -> bool:
    return isinstance(value, dict) and cast("dict[str, Any]", value).get("kind") == "packet"


def _value(digest: str, read: Read) -> Any:
    data = read(digest)
    return None if data is None else parse(data)
