"""Constants by value: each with its type, so that no two different values share a content."""

import collections
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import pathlib
import re
import string
import types
import uuid
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any, cast

from atelier.cache.sheet import Sheet
from atelier.kernel.canonical import Json, canonical

Encode = Callable[[Any, Sheet], "list[Json]"]


def encode_value(value: Any, sheet: Sheet) -> list[Json] | None:
    """The content of a plain value, or None where it is none of the known types."""
    kind = cast("object", value).__class__
    met = sheet.met(value) if kind in _MUTABLE else None
    if met is not None:
        return met
    exact = _EXACT.get(kind)
    if isinstance(value, enum.Enum):
        return ["member", sheet.encode(type(value)), value.name]
    if exact is not None:
        return exact(value, sheet)
    if isinstance(value, pathlib.PurePath):
        return ["path", value.as_posix()]
    return None


def encode_base(value: Any, sheet: Sheet) -> Json:
    """The content that an instance of a project's class inherits from a built-in type."""
    for base, encode in _BASES.items():
        if isinstance(value, base):
            return encode(value, sheet)
    return None


def _items(tag: str) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        return [tag, *(sheet.encode(item) for item in value)]

    return encode


def _pairs(tag: str) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        # The order of a dictionary is part of what a reader of it sees.
        return [tag, *([sheet.encode(key), sheet.encode(item)] for key, item in value.items())]

    return encode


def _sorted(tag: str) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        # Each element is written on a trial sheet first: the order must not come from its number.
        ordered = sorted(value, key=lambda item: _order(item, sheet))
        return [tag, *(sheet.encode(item) for item in ordered)]

    return encode


def _order(item: object, sheet: Sheet) -> bytes:
    trial = sheet.fresh()
    content = trial.encode(item)
    names = [getattr(target.thing, "__qualname__", "") for target in trial.targets.values()]
    return canonical([content, cast("Json", names)])


def _text(tag: str, told: Callable[[Any], str] = str) -> Encode:
    return lambda value, _sheet: [tag, told(value)]


def _pattern(value: re.Pattern[Any], sheet: Sheet) -> list[Json]:
    return ["pattern", sheet.encode(value.pattern), value.flags]


def _moment(value: dt.datetime | dt.time, sheet: Sheet) -> list[Json]:
    zone = value.tzinfo
    return ["moment", type(value).__name__, value.isoformat(), value.fold, sheet.encode(zone)]


def _span(value: dt.timedelta, _sheet: Sheet) -> list[Json]:
    return ["span", value.days, value.seconds, value.microseconds]


def _zone(value: dt.timezone, _sheet: Sheet) -> list[Json]:
    return ["zone", str(value.utcoffset(None)), str(value)]


def _slice(value: slice, sheet: Sheet) -> list[Json]:
    return ["slice", *(sheet.encode(item) for item in (value.start, value.stop, value.step))]


def _default(value: collections.defaultdict[Any, Any], sheet: Sheet) -> list[Json]:
    return ["defaultdict", sheet.encode(value.default_factory), _pairs("dict")(value, sheet)]


def _deque(value: collections.deque[Any], sheet: Sheet) -> list[Json]:
    return ["deque", sheet.encode(value.maxlen), *(sheet.encode(item) for item in value)]


def _chain(value: collections.ChainMap[Any, Any], sheet: Sheet) -> list[Json]:
    return ["chain", *(sheet.encode(item) for item in value.maps)]


def _namespace(value: types.SimpleNamespace, sheet: Sheet) -> list[Json]:
    return ["namespace", sheet.encode(dict(vars(value)))]


def _complex(value: complex) -> str:
    return f"{value.real.hex()},{value.imag.hex()}"


_BASES: Mapping[type, Encode] = {
    str: _text("str", str.__str__),
    int: _text("int", hex),
    float: _text("float", float.hex),
    complex: _text("complex", _complex),
    bytes: _text("bytes", bytes.hex),
    bytearray: _text("bytearray", bytearray.hex),
    collections.OrderedDict: _pairs("ordered"),
    collections.defaultdict: _default,
    collections.Counter: _pairs("counter"),
    dict: _pairs("dict"),
    list: _items("list"),
    tuple: _items("tuple"),
    set: _sorted("set"),
    frozenset: _sorted("frozenset"),
    collections.deque: _deque,
    decimal.Decimal: _text("decimal"),
    dt.datetime: _moment,
    dt.date: _text("date", dt.date.isoformat),
    dt.time: _moment,
    dt.timedelta: _span,
    fractions.Fraction: _text("fraction"),
    uuid.UUID: _text("uuid"),
}
_EXACT: Mapping[type, Encode] = {
    **_BASES,
    range: _text("range", repr),
    slice: _slice,
    re.Pattern: _pattern,
    type(...): _text("ellipsis", lambda _: ""),
    type(NotImplemented): _text("not implemented", lambda _: ""),
    # A bare object says only that it is itself.
    object: _text("sentinel", lambda _: ""),
    dt.timezone: _zone,
    zoneinfo.ZoneInfo: _text("zone"),
    types.MappingProxyType: _pairs("mapping"),
    types.SimpleNamespace: _namespace,
    collections.ChainMap: _chain,
    string.Template: _text("template", lambda value: value.template),
    **{
        kind: _text(kind.__name__)
        for kind in (
            ipaddress.IPv4Address,
            ipaddress.IPv6Address,
            ipaddress.IPv4Network,
            ipaddress.IPv6Network,
        )
    },
}
_MUTABLE = frozenset(
    {
        bytearray,
        collections.ChainMap,
        collections.Counter,
        collections.OrderedDict,
        collections.defaultdict,
        collections.deque,
        dict,
        list,
        set,
        types.SimpleNamespace,
    }
)
