"""Isilon: the substrate that packets come from, read strictly and confined to a root."""

from importlib import import_module

_HOMES = {
    "Csv": "csv",
    "Document": "document",
    "EvidenceError": "errors",
    "FileSource": "source",
    "Json": "json",
    "JsonLines": "jsonlines",
    "Look": "look",
    "Markdown": "markdown",
    "MissingEvidenceError": "errors",
    "Origin": "origin",
    "Record": "origin",
    "Source": "source",
    "Sql": "sql",
    "Srt": "srt",
    "Substrate": "substrate",
    "Text": "text",
    "Toml": "toml",
    "WebVtt": "webvtt",
    "Yaml": "yaml",
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
