"""Path templates: `{name}` stands for one plain value, which cannot widen the path."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from re import compile as pattern
from typing import Never

from atelier.isilon.errors import EvidenceError
from atelier.isilon.names import did_you_mean

_SLOT = pattern(r"\{([^{}]*)\}")
_NAME = pattern(r"[^\W\d]\w*\Z")


def placeholders(template: str) -> tuple[str, ...]:
    """The names that a template takes, in order.

    Raises:
        EvidenceError: a brace is left over, or what stands between two is no name.

    Example:
        >>> placeholders("students/{student}/{session}.vtt")
        ('student', 'session')
    """
    names = tuple(_SLOT.findall(template))
    rest = _SLOT.sub("", template)
    for name in names:
        if not _NAME.match(name):
            _refuse(
                template, f"{{{name}}} is not a name", "Write `{name}` with a parameter's name."
            )
    if "{" in rest or "}" in rest:
        _refuse(template, "a brace has no partner", "Write `{name}` with a parameter's name.")
    return names


def fill(template: str, values: Mapping[str, object]) -> str:
    """A template with its values in place; each value stays within its own step of the path.

    Raises:
        EvidenceError: a name is unknown, or its value would change the shape of the path.

    Example:
        >>> fill("students/{student}.yaml", {"student": "maya"})
        'students/maya.yaml'
    """
    found: dict[str, str] = {}
    for name in placeholders(template):
        if name not in values:
            _refuse(template, f"nothing is called {name!r}", did_you_mean(name, list(values)))
        found[name] = _plain(template, name, values[name])
    return _SLOT.sub(lambda match: found[match[1]], template)


def _plain(template: str, name: str, value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | datetime) or not isinstance(value, str | int | date):
        kind = type(value).__name__
        _refuse(
            template, f"{name!r} is a {kind}", "Only text, whole numbers and dates fit in a path."
        )
    text = value.isoformat() if isinstance(value, date) else str(value)
    if (
        not text
        or text[0] in "-."
        or not text.isprintable()
        or any(char in "/\\*?[]{}" for char in text)
    ):
        _refuse(
            template,
            f"{name!r} is {text!r}",
            "Give one plain name: no separators, no wildcards, no leading dot or dash.",
        )
    return text


def _refuse(template: str, why: str, next_step: str) -> Never:
    raise EvidenceError(
        "evidence.path",
        "A source's path is refused.",
        facts={"at": template, "why": why},
        next_step=next_step,
    )
