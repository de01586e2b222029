"""Which model answers a class: stages name the class, the install names the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from atelier.kernel.canonical import Fixed
from atelier.kernel.errors import SetupError
from atelier.kernel.money import micros
from atelier.models.endpoint import PROVIDERS, Endpoint
from atelier.models.limits import Limits, parse_limits
from atelier.models.patience import Patience
from atelier.models.price import Price, parse_price
from atelier.models.sampling import MAX_TOKENS, parse_sampling
from atelier.models.section import Section

OFFLINE = "offline"
_KNOWN = frozenset(
    {
        "use",
        "endpoint",
        "sampling",
        "structured",
        "limits",
        "timeout",
        "stream",
        "fallback",
        "max_usd",
        "price",
    }
)
_MECHANISMS = ("native", "tool", "prompted")


@dataclass(frozen=True)
class Binding:
    """A model class bound to a provider's model, or to the stages' own stand-ins.

    `alias` is what the install calls the model where a lock names the one that is meant; it is what
    is asked for where it is `followed`.
    """

    model_class: str
    provider: str
    model: str = ""
    endpoint: str = ""
    sampling: Mapping[str, Any] = field(default_factory=dict[str, Any])
    structured: str = field(default="", kw_only=True)
    limits: Limits = field(default_factory=Limits, kw_only=True)
    patience: Patience = field(default_factory=Patience, kw_only=True)
    stream: bool = field(default=False, kw_only=True)
    fallback: tuple[str, ...] = field(default=(), kw_only=True)
    max_micros: int | None = field(default=None, kw_only=True)
    price: Price | None = field(default=None, kw_only=True)
    alias: str = field(default="", kw_only=True)
    followed: bool = field(default=False, kw_only=True)

    @property
    def offline(self) -> bool:
        """Whether the stages' stand-ins answer."""
        return self.provider == OFFLINE

    @property
    def requested(self) -> str:
        """The model as people write it: `provider:name`."""
        return self.provider if self.offline else f"{self.provider}:{self.model}"

    def as_json(self) -> dict[str, Any]:
        """What a key holds of a binding: never a URL, a credential, a limit or a deadline."""
        return self._json

    @cached_property
    def _json(self) -> Fixed:
        if self.offline:
            return Fixed(provider=OFFLINE)
        return Fixed(
            provider=self.provider,
            model=self.model,
            endpoint=self.endpoint,
            sampling=dict(self.sampling),
            **({"structured": self.structured} if self.structured else {}),
            **({"alias": self.alias} if self.followed else {}),
        )


def parse_binding(model_class: str, said: Mapping[str, Any]) -> Binding:
    """The binding that `[models.<class>]` describes.

    Raises:
        SetupError: an unknown setting, one of another type, or a `use` that names no model.

    Example:
        >>> parse_binding("writer", {"use": "openai:gpt-5-mini"}).requested
        'openai:gpt-5-mini'
    """
    section = Section(f"models.{model_class}", said)
    section.only(_KNOWN)
    provider, model = _parse_use(section)
    timeout = section.inner("timeout", ("total", "idle"))
    max_usd, usual = section.dollars("max_usd"), Patience()
    return Binding(
        model_class,
        provider,
        model,
        endpoint=section.text("endpoint"),
        sampling={} if provider == OFFLINE else parse_sampling(section.inner("sampling")),
        structured=section.choice("structured", _MECHANISMS),
        limits=parse_limits(said, section.name),
        patience=Patience(
            total=timeout.number("total") or usual.total, idle=timeout.number("idle") or usual.idle
        ),
        stream=section.flag("stream"),
        fallback=section.texts("fallback"),
        max_micros=None if max_usd is None else micros(max_usd),
        price=parse_price(section.inner("price", ("input", "cached", "output"))),
    )


def parse_override(text: str, bindings: Mapping[str, Binding]) -> Binding:
    """The binding that `--model class=provider:name` asks for, in place of the install's.

    Everything but the model and its price stays, and the endpoint where it is another provider's.

    Raises:
        SetupError: it is not written so.

    Example:
        >>> parse_override("writer=openai:gpt-5-mini", {}).as_json()["model"]
        'gpt-5-mini'
    """
    model_class, equals, use = text.partition("=")
    if not (model_class and equals):
        raise SetupError(
            "models.override",
            "A model is bound for one run by its class.",
            facts={"got": text},
            next_step="Write it as CLASS=offline or CLASS=provider:name.",
        )
    provider, model = _parse_use(Section(f"models.{model_class}", {"use": use}))
    usual = Binding(model_class, provider, sampling={"max_tokens": MAX_TOKENS})
    before = bindings.get(model_class, usual)
    return replace(
        before,
        provider=provider,
        model=model,
        alias="",
        followed=False,
        price=before.price if (provider, model) == (before.provider, before.model) else None,
        endpoint=before.endpoint if provider == before.provider else "",
        sampling={"max_tokens": MAX_TOKENS, **before.sampling} if provider != OFFLINE else {},
    )


def check_bindings(bindings: Mapping[str, Binding], endpoints: Mapping[str, Endpoint]) -> None:
    """Refuse a binding that names an endpoint or a class that is not there.

    Raises:
        SetupError: says which, and what there is.
    """
    for name, binding in bindings.items():
        section = Section(f"models.{name}", {})
        if binding.endpoint and binding.endpoint not in endpoints:
            why = f"there is no [endpoints.{binding.endpoint}]"
            raise section.wrong("endpoint", why, sorted(endpoints) or ["none: add the section"])
        others = [other for other in bindings if other != name]
        for other in binding.fallback:
            if other not in others:
                raise section.wrong("fallback", f"there is no other class {other!r}", others)


def find_endpoint(binding: Binding, endpoints: Mapping[str, Endpoint]) -> Endpoint:
    """Where a binding's model is reached.

    Raises:
        SetupError: it is a provider that nobody knows, and no endpoint says where it is.
    """
    found = endpoints.get(binding.endpoint) if binding.endpoint else PROVIDERS.get(binding.provider)
    if found is None:
        raise Section(f"models.{binding.model_class}", {}).wrong(
            "use",
            f"nobody knows where {binding.provider!r} is, and no endpoint says so",
            [*(f"{name}:..." for name in PROVIDERS), "an `endpoint` that has a section"],
        )
    return found


def gates_of(binding: Binding, endpoints: Mapping[str, Endpoint]) -> tuple[tuple[str, Limits], ...]:
    """The gates that a request of this binding passes: its class, then the key that it uses.

    Example:
        >>> [name for name, _ in gates_of(Binding("writer", "openai", "gpt-5"), {})]
        ['class:writer', 'key:OPENAI_API_KEY']
    """
    own = (f"class:{binding.model_class}", binding.limits)
    found = endpoints.get(binding.endpoint) if binding.endpoint else PROVIDERS.get(binding.provider)
    return (own,) if found is None else (own, (f"key:{found.key or found.url}", found.limits))


def _parse_use(section: Section) -> tuple[str, str]:
    use = section.text("use")
    provider, _, model = use.partition(":")
    if use != OFFLINE and not (provider and model):
        raise section.wrong("use", f"{use!r} names no model", [OFFLINE, "provider:name"])
    return provider, model
