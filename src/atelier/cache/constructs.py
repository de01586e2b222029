"""Types as content: what `typing` and pydantic build, and values that have no say."""

import _thread
import logging
import threading
import types
import typing
from collections.abc import Callable
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic.fields import ComputedFieldInfo, FieldInfo, ModelPrivateAttr
from pydantic_core import PydanticUndefined

from atelier.cache.callables import as_list
from atelier.cache.sheet import Sheet
from atelier.kernel.canonical import Json


class _Pair(typing.NamedTuple):
    one: int


INERT: tuple[type[Any], ...] = cast(
    "tuple[type[Any], ...]",
    (
        logging.Logger,
        _thread.LockType,
        type(threading.RLock()),
        threading.Condition,
        threading.Event,
        threading.Semaphore,
        typing.TypeVar,
        typing.ParamSpec,
        typing.TypeVarTuple,
        type(vars(_Pair)["one"]),
    ),
)
# The uses of an inert value that tell a stage nothing; all others read its state.
TOLD_NOTHING = frozenset(
    {"acquire", "addFilter", "addHandler", "clear", "critical", "debug", "error", "exception"}
    | {
        "fatal",
        "getChild",
        "info",
        "isEnabledFor",
        "log",
        "notify",
        "notify_all",
        "release",
        "removeHandler",
    }
    | {
        "set",
        "setLevel",
        "wait",
        "wait_for",
        "warn",
        "warning",
        "__enter__",
        "__exit__",
        "__name__",
    }
)
# What a field says for people alone.
_TOLD = frozenset({"title", "description", "examples"})


def encode_construct(value: Any, sheet: Sheet) -> list[Json] | None:
    """The content of a typing construct or an inert value, or None where it is neither."""
    if isinstance(value, INERT):
        return ["inert", type(value).__name__]
    if value is PydanticUndefined:
        return ["undefined"]
    for kind, encode in _KINDS.items():
        if isinstance(value, kind):
            return encode(value, sheet)
    return _generic(value, sheet)


def _generic(value: Any, sheet: Sheet) -> list[Json] | None:
    origin = typing.get_origin(value)
    if origin is not None:
        arguments = [_argument(item, sheet) for item in typing.get_args(value)]
        # `X | Y` and `Union[X, Y]` are one type in two spellings.
        name = "union" if origin in (typing.Union, types.UnionType) else sheet.encode(origin)
        return ["type", name, *arguments]
    return as_list(sheet.external("typing", special_form(value))) if special_form(value) else None


def special_form(value: object) -> str:
    """The name of one of `typing`'s own words; some are classes on one version and not another.

    Example:
        >>> special_form(typing.Union), special_form(list[int]), special_form(3)
        ('Union', '', '')
    """
    if type(value).__module__ != "typing" or typing.get_origin(value) is not None:
        return ""
    return str(getattr(value, "_name", None) or "")


def _argument(value: object, sheet: Sheet) -> Json:
    if isinstance(value, list):  # the parameters of a Callable
        return ["list", *(sheet.encode(item) for item in typing.cast("list[object]", value))]
    return sheet.encode(value)


def _adapter(value: TypeAdapter[Any], sheet: Sheet) -> list[Json]:
    config = getattr(value, "_config", None)
    told = [sheet.encode(config)] if config else []
    return ["adapter", sheet.encode(getattr(value, "_type", None)), *told]


def _field(value: FieldInfo, sheet: Sheet) -> list[Json]:
    given: dict[str, Any] = getattr(value, "_attributes_set", {})
    told = frozenset[str]() if sheet.reach.class_docs else _TOLD
    said = {name: sheet.encode(item) for name, item in sorted(given.items()) if name not in told}
    return ["field", said, [sheet.encode(item) for item in value.metadata]]


def _computed(value: ComputedFieldInfo, sheet: Sheet) -> list[Json]:
    return ["computed", as_list(sheet.encode(value.wrapped_property))]


def _private(value: ModelPrivateAttr, sheet: Sheet) -> list[Json]:
    return ["private", sheet.encode(value.default), sheet.encode(value.default_factory)]


def _new_type(value: typing.NewType, sheet: Sheet) -> list[Json]:
    return ["new type", value.__name__, sheet.encode(value.__supertype__)]


def _forward(value: typing.ForwardRef, _sheet: Sheet) -> list[Json]:
    return ["forward", value.__forward_arg__]


def _alias(value: Any, sheet: Sheet) -> list[Json]:
    return ["alias", sheet.encode(value.__value__)]


_KINDS: dict[type, Callable[[Any, Sheet], list[Json]]] = {
    typing.NewType: _new_type,
    typing.ForwardRef: _forward,
    **{kind: _alias for kind in (getattr(typing, "TypeAliasType", None),) if kind},
    TypeAdapter: _adapter,
    FieldInfo: _field,
    ComputedFieldInfo: _computed,
    ModelPrivateAttr: _private,
}
