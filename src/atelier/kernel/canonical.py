"""The canonical bytes of a JSON value: RFC 8785 (JCS), with a fast path proved equal to it."""

from collections.abc import Iterator
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


def canonical(value: Json) -> bytes:
    r"""The RFC 8785 bytes of a value: keys by UTF-16 code unit, ECMAScript numbers, no spaces.

    Raises:
        ValueRefusedError: NaN, an infinity, an integer beyond ±(2^53-1), a lone surrogate, a
            key that is no string, nesting beyond 200, or a type that JSON does not have.

    Example:
        >>> canonical({"b": 1.0, "a": "é"})
        b'{"a":"\xc3\xa9","b":1}'
    """
    if _is_plain(value, MAX_DEPTH):
        try:
            return orjson.dumps(value, option=_FAST)
        except orjson.JSONEncodeError:
            pass  # the slow path finds the fault and names its place
    return "".join(_pieces(value, (), MAX_DEPTH)).encode()


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


def _is_plain(value: Any, depth: int) -> bool:
    """Whether orjson's bytes are the RFC 8785 bytes, or it will refuse the value."""
    kind = value.__class__
    if kind is dict:
        # Keys of ASCII sort alike as UTF-8 and as UTF-16.
        if not all(type(key) is str and key.isascii() for key in value):
            return False
        items = value.values()
    elif kind is list:
        items = value
    else:
        return kind is str or kind is int or kind is bool or value is None or _is_fast(value)
    if depth <= 0:
        return False
    for item in items:
        kind = item.__class__
        if kind is str or kind is int or kind is bool or item is None:
            continue
        if not (_is_plain(item, depth - 1) if kind is dict or kind is list else _is_fast(item)):
            return False
    return True


def _is_fast(value: Any) -> bool:
    # Comparisons with NaN are false, so NaN and the infinities leave the fast path here.
    return (
        type(value) is float
        and _SMALLEST_FAST_FLOAT <= abs(value) < MAX_INTEGER
        and not value.is_integer()
    )


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
            _refuse(path, f"nested deeper than {MAX_DEPTH}")
        case list() | tuple():
            yield from _array(value, path, depth)
        case dict():
            yield from _object(cast("dict[Any, Any]", value), path, depth)
        case _:
            _refuse(path, f"{type(value).__name__} is not a JSON type")


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
            _refuse(path, f"the key {key!r} is not a string")
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
        return _refuse((*path[:-1], *map(ascii, path[-1:])), "a lone surrogate")


def _integer(value: int, path: tuple[str | int, ...]) -> str:
    if abs(value) > MAX_INTEGER:
        _refuse(path, "an integer beyond ±(2^53-1); keep it as a string")
    return str(value)


def _float(value: float, path: tuple[str | int, ...]) -> str:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        _refuse(path, f"{value} is not JSON")
    if value.is_integer():
        if abs(value) > MAX_INTEGER:
            _refuse(path, "an integral float of 2^53 or more; keep it as a string")
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


def _refuse(path: tuple[str | int, ...], why: str) -> Never:
    raise ValueRefusedError(
        "value.refused",
        "A value cannot cross a stage boundary.",
        facts={"path": pointer(path) or "(the value itself)", "why": why},
        next_step="Return JSON that reads back the same: see docs/reference/values.md.",
    )
