"""Soqratic: reviews a grounded draft and asks the next question, tied to evidence."""

from importlib import import_module

_HOMES = {
    "Declined": "finding",
    "Finding": "finding",
    "FindingKind": "finding",
    "Question": "finding",
    "Review": "finding",
    "review": "reviewing",
    "review_text": "reviewed",
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
