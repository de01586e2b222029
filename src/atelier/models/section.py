"""A section of `atelier.toml`, read strictly: what is wrong is named by section and setting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from atelier.kernel.errors import SetupError


@dataclass(frozen=True, slots=True)
class Section:
    """A table of settings under its name; each getter refuses what it was not made for.

    Example:
        >>> Section("models.writer", {"stream": True}).flag("stream")
        True
    """

    name: str
    said: Mapping[str, Any]

    def only(self, known: Collection[str]) -> None:
        """Refuse a setting that is not known: a typing error never becomes a default.

        Raises:
            SetupError: there is one.
        """
        for setting in self.said:
            if setting not in known:
                raise self.wrong(setting, "it is unknown", sorted(known))

    def text(self, setting: str) -> str:
        """A text; empty where it is not said."""
        value = self.said.get(setting, "")
        if not isinstance(value, str):
            raise self.wrong(setting, _is(value), ["a text"])
        return value

    def texts(self, setting: str) -> tuple[str, ...]:
        """A list of texts; empty where it is not said."""
        value: object = self.said.get(setting, [])
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        texts = tuple(item for item in items if isinstance(item, str) and item)
        if len(texts) < len(items) or not isinstance(value, list):
            raise self.wrong(setting, _is(cast("object", value)), ["a list of names"])
        return texts

    def flag(self, setting: str) -> bool:
        """True or false; false where it is not said."""
        value = self.said.get(setting, False)
        if not isinstance(value, bool):
            raise self.wrong(setting, _is(value), ["true", "false"])
        return value

    def count(self, setting: str) -> int | None:
        """A whole number from 1 upward; None where it is not said."""
        value = self.said.get(setting)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
            return value
        raise self.wrong(setting, _is(value), ["a whole number from 1 upward"])

    def number(self, setting: str) -> float | None:
        """A number above zero; None where it is not said."""
        value = self.said.get(setting)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
            raise self.wrong(setting, _is(value), ["a number above 0"])
        return float(value)

    def dollars(self, setting: str) -> Decimal | None:
        """An amount of dollars, as a number or a text; None where it is not said."""
        value = self.said.get(setting)
        if value is None:
            return None
        try:
            amount = Decimal(str(value)) if isinstance(value, int | float | str) else Decimal(-1)
        except InvalidOperation:
            amount = Decimal(-1)
        if isinstance(value, bool) or not amount.is_finite() or amount < 0:
            raise self.wrong(setting, _is(value), ["dollars, as a number or a text"])
        return amount

    def choice(self, setting: str, allowed: Sequence[str]) -> str:
        """One of these texts; empty where it is not said."""
        value = self.text(setting)
        if value and value not in allowed:
            raise self.wrong(setting, _is(value), allowed)
        return value

    def inner(self, setting: str, known: Collection[str] | None = None) -> "Section":
        """A table within; empty where it is not said."""
        value = self.said.get(setting, {})
        if not isinstance(value, dict):
            raise self.wrong(setting, _is(value), ["a table"])
        section = Section(f"{self.name}.{setting}", cast("dict[str, Any]", value))
        if known is not None:
            section.only(known)
        return section

    def wrong(self, setting: str, why: str, allowed: Sequence[str]) -> SetupError:
        """The error of one setting."""
        return SetupError(
            "models.settings",
            f"The section [{self.name}] has a setting that cannot be used.",
            facts={"section": f"[{self.name}]", "setting": setting, "why": why},
            next_step=f"Allowed here: {', '.join(allowed)}.",
        )


def _is(value: object) -> str:
    return f"it is {value!r}"
