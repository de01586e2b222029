"""JSON that can be read in two ways: a key that stands twice in one object."""

import json
from typing import Any


class RepeatedKeyError(ValueError):
    """One reader takes the first value of such a key, another one the last."""


def require_single_keys(text: str) -> None:
    """Refuse JSON in which a key stands twice in one object; whatever else it holds is not judged.

    Raises:
        RepeatedKeyError: names the key.

    Example:
        >>> require_single_keys('{"a": {"b": 1}, "b": 2}')
        >>> require_single_keys('{"a": [{"b": 1, "b": 2}]}')
        Traceback (most recent call last):
        ...
        atelier.orchestrate.repeated_key.RepeatedKeyError: the key 'b' stands twice in one object
    """
    json.loads(text, object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str)


def _object(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            message = f"the key {name!r} stands twice in one object"
            raise RepeatedKeyError(message)
        seen.add(name)
