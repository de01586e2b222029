"""Aggregate: packets, collected, validated and identified slice by slice."""

from importlib import import_module

_HOMES = {
    "Change": "difference",
    "Collected": "collection",
    "CollectionMemo": "memo",
    "Content": "difference",
    "Derived": "markers",
    "Difference": "difference",
    "Element": "element",
    "Obligation": "markers",
    "Packet": "packet",
    "PacketDiff": "difference",
    "PacketDigests": "identity",
    "Parameter": "fields",
    "Part": "alignment",
    "Shape": "fields",
    "Slice": "fields",
    "SliceDiff": "difference",
    "Subject": "markers",
    "collect": "collection",
    "diff": "difference",
    "digests": "identity",
    "elements": "element",
    "handles_of": "element",
    "obligations": "element",
    "packet_from_json": "exchange",
    "packet_from_record": "exchange",
    "packet_to_json": "exchange",
    "shape": "fields",
    "subject_of": "exchange",
}


def __getattr__(name: str) -> object:
    if name == "Substrate":
        home = "atelier.isilon.substrate"
    elif name in _HOMES:
        home = f"{__name__}.{_HOMES[name]}"
    else:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*_HOMES, "Substrate"])
