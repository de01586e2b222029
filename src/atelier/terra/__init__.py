"""Terra: grounds every claim of a draft in the packet, by fixed rules that may abstain."""

from importlib import import_module

_HOMES = {
    "Grounded": "grounded",
    "Prose": "grounded",
    "QuoteFault": "quotes",
    "absent": "checks",
    "find_quote": "quotes",
    "ground": "grounding",
    "ground_text": "grounded",
    "locate": "quotes",
    "needs_support": "surface",
    "resolve_cite": "quotes",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(_HOMES)
