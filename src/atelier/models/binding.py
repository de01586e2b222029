"""Which model answers a class: stages name the class, the install names the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from atelier.kernel.errors import SetupError

OFFLINE = "offline"
_KNOWN = frozenset({"use", "endpoint", "sampling"})


@dataclass(frozen=True, slots=True)
class Binding:
    """A model class bound to a provider's model, or to the stages' own stand-ins."""

    model_class: str
    provider: str
    model: str = ""
    endpoint: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def offline(self) -> bool:
        """Whether the stages' stand-ins answer."""
        return self.provider == OFFLINE

    @property
    def requested(self) -> str:
        """The model as people write it: `provider:name`."""
        return self.provider if self.offline else f"{self.provider}:{self.model}"

    def as_json(self) -> dict[str, Any]:
        """What a key holds of a binding: never a URL, a credential or a limit."""
        if self.offline:
            return {"provider": OFFLINE}
        return {
            "provider": self.provider,
            "model": self.model,
            "endpoint": self.endpoint,
            "sampling": dict(self.sampling),
        }


def parse_binding(model_class: str, section: Mapping[str, Any]) -> Binding:
    """The binding that `[models.<class>]` describes.

    Raises:
        SetupError: an unknown setting, or a `use` that is neither `offline` nor `provider:name`.

    Example:
        >>> parse_binding("writer", {"use": "openai:gpt-5-mini"}).requested
        'openai:gpt-5-mini'
    """
    unknown = sorted(section.keys() - _KNOWN)
    if unknown:
        raise _error(model_class, f"the setting {unknown[0]!r} is unknown", sorted(_KNOWN))
    use = section.get("use")
    if use == OFFLINE:
        return Binding(model_class, OFFLINE)
    provider, colon, model = use.partition(":") if isinstance(use, str) else ("", "", "")
    if not (provider and colon and model):
        raise _error(model_class, f"use = {use!r} names no model", [OFFLINE, "provider:name"])
    return Binding(
        model_class,
        provider,
        model,
        endpoint=str(section.get("endpoint", "")),
        sampling=dict(section.get("sampling", {})),
    )


def _error(model_class: str, why: str, allowed: list[str]) -> SetupError:
    return SetupError(
        "models.binding",
        f"The model class {model_class!r} is not bound properly.",
        facts={"section": f"[models.{model_class}]", "why": why},
        next_step=f"Allowed here: {', '.join(allowed)}.",
    )
