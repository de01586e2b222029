"""The canonical bytes of a JSON value: RFC 8785 (JCS), with a fast path proved equal to it."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Never, cast

import orjson

from atelier.kernel.errors import SetupError

Json = dict[str, Any] | list[Any] | str | int | float | bool | None

MAX_DEPTH = 200
MAX_INTEGER = 2**53 - 1
_FAST = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
# Below this magnitude orjson turns to exponents earlier than ECMAScript does.
_SMALLEST_FAST_FLOAT = 1e-5


class ValueRefusedError(SetupError):
    """A value has no canonical form; `facts["path"]` is the RFC 6901 pointer to the fault."""


class _SlowPathError(TypeError):
    """The fast path does not know this value."""


class Fixed(dict[str, Any]):
    """A JSON object that nobody changes any more, so that its canonical bytes are made once.

    Wherever it stands in another value it is written as those bytes, and counts as one level.

    Example:
        >>> schema = Fixed({"type": "object"})
        >>> canonical({"b": schema, "a": 1})
        b'{"a":1,"b":{"type":"object"}}'
    """

    @cached_property
    def data(self) -> bytes:
        """The canonical bytes.

        Raises:
            ValueRefusedError: the value has no canonical form.
        """
        return canonical(dict(self))


def canonical(value: Json) -> bytes:
    r"""The RFC 8785 bytes of a value: keys by UTF-16 code unit, ECMAScript numbers, no spaces.

    Raises:
        ValueRefusedError: NaN, an infinity, an integer beyond ±(2^53-1), a lone surrogate, a
            key that is no string, nesting beyond 200, or a type that JSON does not have.

    Example:
        >>> canonical({"b": 1.0, "a": "é"})
        b'{"a":"\xc3\xa9","b":1}'
    """
    if isinstance(value, Fixed):
        return value.data
    if value.__class__ is dict or value.__class__ is list:
        try:
            return orjson.dumps(_fast(value, MAX_DEPTH), option=_FAST)
        except TypeError:  # orjson's errors too: the slow path finds the fault and its place
            pass
    return "".join(_pieces(value, (), MAX_DEPTH)).encode()


def canonical_plain(value: Json) -> bytes:
    """`canonical` of a value known to hold texts, integers, truth and null under ASCII keys alone.

    Such a value needs no copy: orjson prints its RFC 8785 bytes as it is. What it refuses goes the
    slow way, which names the fault.
    """
    try:
        return orjson.dumps(value, option=_FAST)
    except TypeError:
        return canonical(value)


def read(data: bytes) -> Any:
    """The value of canonical bytes; the law is `canonical(read(canonical(x))) == canonical(x)`.

    This reader trusts its input to be canonical; evidence goes through the strict readers.

    Raises:
        ValueRefusedError: the bytes are not JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise ValueRefusedError(
            "value.refused",
            "These bytes are not canonical JSON.",
            facts={"path": "", "why": str(error)},
            next_step="Run `atelier verify`: a stored value was altered.",
        ) from error


def pointer(path: tuple[str | int, ...]) -> str:
    """An RFC 6901 pointer.

    Example:
        >>> pointer(("a/b", 0))
        '/a~1b/0'
    """
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def refuse(path: tuple[str | int, ...], why: str) -> Never:
    """Refuse a value, naming the place of the fault.

    Raises:
        ValueRefusedError: always.
    """
    raise ValueRefusedError(
        "value.refused",
        "A value cannot cross a stage boundary.",
        facts={"path": pointer(path) or "(the value itself)", "why": why},
        next_step="Return JSON that reads back the same: see docs/reference/values.md.",
    )


def _fast(value: Any, depth: int) -> Any:
    """A value of which orjson prints the RFC 8785 bytes: the same one, or a copy on write.

    Raises:
        _SlowPathError: only the slow path knows.
    """
    if depth <= 0:
        raise _SlowPathError
    if value.__class__ is dict:
        # Keys without astral characters sort alike as UTF-8 and as UTF-16.
        keys = "".join(value)
        if not keys.isascii() and max(keys) > "\uffff":
            raise _SlowPathError
        items: Any = value.items()
    else:
        items = enumerate(value)
    changed: Any = None
    for key, item in items:
        kind = item.__class__
        if kind is str or kind is int or item is None or kind is bool:
            continue
        shown = _fast_item(item, kind, depth - 1)
        if shown is not item:
            changed = value.copy() if changed is None else changed
            changed[key] = shown
    return value if changed is None else changed


def _fast_item(item: Any, kind: type[Any], depth: int) -> Any:
    if kind is dict or kind is list:
        return _fast(item, depth)
    if kind is Fixed:
        try:
            return orjson.Fragment(item.data)
        except ValueRefusedError as error:  # the slow path names its place in the whole
            raise _SlowPathError from error
    return _fast_float(item)


def _fast_float(value: Any) -> Any:
    if value.__class__ is not float or not abs(value) <= MAX_INTEGER:  # NaN leaves here too
        raise _SlowPathError
    if value.is_integer():
        return int(value)
    if abs(value) < _SMALLEST_FAST_FLOAT:
        return orjson.Fragment(_ecmascript(value))
    return value


def _pieces(value: Any, path: tuple[str | int, ...], depth: int) -> Iterator[str]:
    match value:
        case None:
            yield "null"
        case bool():
            yield "true" if value else "false"
        case str() if type(value) is str:
            yield _string(value, path)
        case int() if type(value) is int:
            yield _integer(value, path)
        case float() if type(value) is float:
            yield _float(value, path)
        case list() | tuple() | dict() if depth <= 0:
            refuse(path, f"nested deeper than {MAX_DEPTH}")
        case list() | tuple():
            yield from _array(value, path, depth)
        case dict():
            # What is fixed counts as one level, here as on the fast path.
            room = MAX_DEPTH if isinstance(value, Fixed) else depth
            yield from _object(cast("dict[Any, Any]", value), path, room)
        case _:
            refuse(path, f"{type(value).__name__} is not a JSON type")


def _array(value: Any, path: tuple[str | int, ...], depth: int) -> Iterator[str]:
    yield "["
    for index, item in enumerate(value):
        if index:
            yield ","
        yield from _pieces(item, (*path, index), depth - 1)
    yield "]"


def _object(value: dict[Any, Any], path: tuple[str | int, ...], depth: int) -> Iterator[str]:
    for key in value:
        if type(key) is not str:
            refuse(path, f"the key {key!r} is not a string")
        _string(key, (*path, key))
    yield "{"
    for index, key in enumerate(sorted(value, key=lambda key: key.encode("utf-16-be"))):
        if index:
            yield ","
        yield _string(key, path)
        yield ":"
        yield from _pieces(value[key], (*path, key), depth - 1)
    yield "}"


def _string(value: str, path: tuple[str | int, ...]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return refuse(path, "a lone surrogate")


def _integer(value: int, path: tuple[str | int, ...]) -> str:
    if abs(value) > MAX_INTEGER:
        refuse(path, "an integer beyond ±(2^53-1); keep it as a string")
    return str(value)


def _float(value: float, path: tuple[str | int, ...]) -> str:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        refuse(path, f"{value} is not JSON")
    if value.is_integer():
        if abs(value) > MAX_INTEGER:
            refuse(path, "an integral float of 2^53 or more; keep it as a string")
        return str(int(value))
    return _ecmascript(value)


def _ecmascript(value: float) -> str:
    """The shortest digits, as ECMAScript's `Number::toString` writes them (ECMA-262 6.1.6.1.20).

    Example:
        >>> _ecmascript(1e-6), _ecmascript(1.5e-7)
        ('0.000001', '1.5e-7')
    """
    mantissa, _, exponent = repr(value).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    if power < -6:
        return f"{mantissa}e{power}"
    sign, digits = ("-", mantissa[1:]) if value < 0 else ("", mantissa)
    return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
