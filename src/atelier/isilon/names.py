"""Values by name, where `week_start` also finds `week.start`."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, cast

_ABSENT = object()


class Names(Mapping[str, object]):
    """Parameters and what was read before, by name; an attribute is reached by an underscore.

    Example:
        >>> from datetime import date
        >>> names = Names({"day": date(2026, 3, 1)})
        >>> names["day_year"], list(names)
        (2026, ['day'])
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> object:
        if name in self._values:
            return self._values[name]
        owner = owner_of(name, self._values)
        if owner:
            found = _attribute(self._values[owner], name[len(owner) + 1 :])
            if found is not _ABSENT:
                return found
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def owner_of(name: str, known: Collection[str]) -> str:
    """The longest known name that a name is, or is an attribute of; empty where there is none.

    Example:
        >>> owner_of("week_start", {"week", "student"}), owner_of("day", {"week"})
        ('week', '')
    """
    owners = [known_name for known_name in known if f"{name}_".startswith(f"{known_name}_")]
    return max(owners, key=len, default="")


def did_you_mean(name: str, known: Collection[str]) -> str:
    """What to say of an unknown name: the nearest known ones, or all of them.

    Example:
        >>> did_you_mean("studnet", ["student", "session"])
        'Did you mean `student`?'
        >>> did_you_mean("x", ["student"])
        'Known here: `student`.'
    """
    close = get_close_matches(name, sorted(known), n=1)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"Known here: {', '.join(f'`{item}`' for item in sorted(known)) or 'nothing'}."


def _attribute(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value).get(name, _ABSENT)
    return _ABSENT if name.startswith("_") else getattr(value, name, _ABSENT)
