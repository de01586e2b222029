"""How much may be asked at once, and in a minute: values of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from atelier.models.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a model class, or of everybody who uses one key; None is no limit."""

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None


def parse_limits(said: Mapping[str, Any], section: str) -> Limits:
    """The limits that the table of a section describes.

    Raises:
        SetupError: an unknown limit, or one that is no whole number from 1 upward.

    Example:
        >>> parse_limits({"limits": {"concurrency": 4}}, "models.writer").concurrency
        4
    """
    names = [item.name for item in fields(Limits)]
    limits = Section(section, said).inner("limits", names)
    return Limits(**{name: limits.count(name) for name in names})
