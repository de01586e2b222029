"""Isilon: the substrate that packets come from, read strictly and confined to a root."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
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
    },
)
