"""Constants by value: each with its type, so that no two different values share a content."""

import collections
import datetime as dt
import decimal
import enum
import fractions
import ipaddress
import operator
import pathlib
import re
import string
import struct
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
    kind = type(cast("object", value))
    met = sheet.met(value) if kind in _MUTABLE else None
    if met is not None:
        return met
    exact = _EXACT.get(kind)
    if isinstance(value, enum.Enum):
        unnamed = [] if value.name else [sheet.encode(value.value)]  # bits that a flag only keeps
        return ["member", sheet.encode(type(value)), value.name, *unnamed]
    if exact is not None:
        return exact(value, sheet)
    return None


# Each form is read by the method of the type that it is the form of: a subclass of the project's
# may have another, which would tell something else and is not run here.


def _items(tag: str, kind: Any) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        return [tag, *(sheet.encode(item) for item in kind.__iter__(value))]

    return encode


def _pairs(tag: str, kind: Any = dict) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        # The order of a dictionary is part of what a reader of it sees.
        return [tag, *([sheet.encode(key), sheet.encode(item)] for key, item in kind.items(value))]

    return encode


def _sorted(tag: str, kind: Any) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        # Each element is written on a trial sheet first: the order must not come from its number.
        ordered = sorted(kind.__iter__(value), key=lambda item: _order(item, sheet))
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


def _moment(kind: type[dt.datetime | dt.time]) -> Encode:
    def encode(value: Any, sheet: Sheet) -> list[Json]:
        told, zone = kind.isoformat(value), sheet.encode(value.tzinfo)
        return ["moment", type(value).__name__, told, value.fold, zone]

    return encode


def _path(value: pathlib.PurePath, _sheet: Sheet) -> list[Json]:
    told = pathlib.PurePath.__str__(value)
    is_windows = isinstance(value, pathlib.PureWindowsPath)
    return ["path", told.replace("\\", "/") if is_windows else told]


def _reduced(value: Any, sheet: Sheet) -> list[Json]:
    """A built-in callable that says itself what it is made of."""
    made, given, *_ = value.__reduce__()
    return ["made", sheet.encode(made), sheet.encode(given)]


def _exception(value: BaseException, sheet: Sheet) -> list[Json]:
    led = (value.args, value.__cause__, value.__context__, value.__traceback__)
    return ["exception", *(sheet.encode(item) for item in led)]


def _span(value: dt.timedelta, _sheet: Sheet) -> list[Json]:
    return ["span", value.days, value.seconds, value.microseconds]


def _zone(value: dt.timezone, _sheet: Sheet) -> list[Json]:
    return ["zone", str(value.utcoffset(None)), str(value)]


def _slice(value: slice, sheet: Sheet) -> list[Json]:
    return ["slice", *(sheet.encode(item) for item in (value.start, value.stop, value.step))]


def _default(value: collections.defaultdict[Any, Any], sheet: Sheet) -> list[Json]:
    return ["defaultdict", sheet.encode(value.default_factory), _pairs("dict")(value, sheet)]


def _deque(value: collections.deque[Any], sheet: Sheet) -> list[Json]:
    _, *held = _items("deque", collections.deque)(value, sheet)
    return ["deque", sheet.encode(value.maxlen), *held]


def _chain(value: collections.ChainMap[Any, Any], sheet: Sheet) -> list[Json]:
    return ["chain", *(sheet.encode(item) for item in value.maps)]


def _namespace(value: types.SimpleNamespace, sheet: Sheet) -> list[Json]:
    return ["namespace", sheet.encode(dict(vars(value)))]


def _complex(value: complex) -> str:
    return f"{value.real.hex()},{value.imag.hex()}"


# What a built-in type holds, for its own instances and those of a subclass.
BASES: Mapping[type, Encode] = {
    str: _text("str", str.__str__),
    int: _text("int", hex),
    float: _text("float", float.hex),
    complex: _text("complex", _complex),
    bytes: _text("bytes", bytes.hex),
    bytearray: _text("bytearray", bytearray.hex),
    collections.OrderedDict: _pairs("ordered", collections.OrderedDict),
    collections.defaultdict: _default,
    collections.Counter: _pairs("counter"),
    dict: _pairs("dict"),
    list: _items("list", list),
    tuple: _items("tuple", tuple),
    set: _sorted("set", set),
    frozenset: _sorted("frozenset", frozenset),
    collections.deque: _deque,
    decimal.Decimal: _text("decimal", decimal.Decimal.__str__),
    dt.datetime: _moment(dt.datetime),
    dt.date: _text("date", dt.date.isoformat),
    dt.time: _moment(dt.time),
    dt.timedelta: _span,
    fractions.Fraction: _text("fraction", fractions.Fraction.__str__),
    uuid.UUID: _text("uuid", uuid.UUID.__str__),
    pathlib.PurePath: _path,
    BaseException: _exception,
}
_EXACT: Mapping[type, Encode] = {
    **BASES,
    range: _text("range", repr),
    slice: _slice,
    re.Pattern: _pattern,
    type(...): _text("ellipsis", lambda _: ""),
    type(NotImplemented): _text("not implemented", lambda _: ""),
    # A bare object says only that it is itself.
    object: _text("sentinel", lambda _: ""),
    dt.timezone: _zone,
    zoneinfo.ZoneInfo: _text("zone"),
    types.MappingProxyType: _pairs("mapping", types.MappingProxyType),
    types.SimpleNamespace: _namespace,
    collections.ChainMap: _chain,
    struct.Struct: _text("struct", lambda value: value.format),
    operator.attrgetter: _reduced,
    operator.itemgetter: _reduced,
    operator.methodcaller: _reduced,
    **dict.fromkeys(
        (
            pathlib.PosixPath,
            pathlib.PurePosixPath,
            pathlib.PureWindowsPath,
            pathlib.WindowsPath,
        ),
        _path,
    ),
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
