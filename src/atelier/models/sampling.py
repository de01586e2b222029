"""The settings of sampling: all of them are sent, and all of them are in the key."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from atelier.kernel.canonical import canonical
from atelier.kernel.errors import SetupError
from atelier.models.section import Section

# Every request has an output limit, so that its worst case has a price.
MAX_TOKENS = 8192
_LEVELS = ("minimal", "low", "medium", "high", "xhigh")


def parse_sampling(section: Section) -> dict[str, Any]:
    """The sampling settings of a class, with an output limit always.

    Raises:
        SetupError: an unknown setting, or one of another type.

    Example:
        >>> parse_sampling(Section("models.writer.sampling", {"temperature": 0}))
        {'max_tokens': 8192, 'temperature': 0}
    """
    section.only(_SETTINGS)
    for setting, value in section.said.items():
        is_right, allowed = _SETTINGS[setting]
        if not is_right(value):
            raise section.wrong(setting, f"it is {value!r}", [allowed])
    return {"max_tokens": MAX_TOKENS, **section.said}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) for item in cast("list[object]", value)
    )


def _is_json_table(value: Any) -> bool:
    try:
        canonical(value)
    except SetupError:
        return False
    return isinstance(value, dict)


_SETTINGS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "max_tokens": (lambda value: _is_whole(value) and value > 0, "a whole number from 1 upward"),
    "temperature": (lambda value: _is_number(value) and value >= 0, "a number from 0 upward"),
    "top_p": (lambda value: _is_number(value) and 0 <= value <= 1, "a number from 0 to 1"),
    "top_k": (lambda value: _is_whole(value) and value > 0, "a whole number from 1 upward"),
    "seed": (_is_whole, "a whole number"),
    "presence_penalty": (_is_number, "a number"),
    "frequency_penalty": (_is_number, "a number"),
    "stop_sequences": (_is_texts, "a list of texts"),
    "thinking": (
        lambda value: isinstance(value, bool) or value in _LEVELS,
        "true, false, " + ", ".join(_LEVELS),
    ),
    "extra": (_is_json_table, "a table that is added to the request as it is"),
}
