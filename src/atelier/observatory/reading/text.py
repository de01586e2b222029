"""Texts as a page carries them: whole where they are short, else their beginning and their length."""

from dataclasses import dataclass
from typing import Any, cast

from atelier.kernel.canonical import Json, canonical
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.plain import pretty

# Of one text; what is longer is read by its digest.
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or its beginning; `length` counts the code points of the whole."""

    text: str
    length: int


def bounded(text: str, limit: int = LONGEST) -> Text:
    """A text cut to a limit.

    Example:
        >>> bounded("I ran far.", 5)
        Text(text='I ran', length=10)
    """
    return Text(text[:limit], len(text))


def blob_text(archive: Archive, digest: str | None, limit: int = LONGEST) -> Text | None:
    """A stored text or other bytes, as they are; None where they are missing or damaged."""
    data = archive.read(digest) if digest else None
    return None if data is None else bounded(data.decode(errors="replace"), limit)


def value_text(archive: Archive, digest: str | None, limit: int = LONGEST) -> Text | None:
    """A stored value as indented JSON; None where it is missing or damaged."""
    data = archive.read(digest) if digest else None
    return None if data is None else bounded(pretty(archive.value(digest)), limit)


def words(value: Any) -> str:
    """An element as a person reads it: its text where it has one, else its JSON.

    Example:
        >>> words({"speaker": "Maya", "text": "I ran."}), words({"km": 7}), words("I ran.")
        ('I ran.', '{"km":7}', 'I ran.')
    """
    if isinstance(value, dict):
        text = cast("dict[str, Any]", value).get("text")
        return text if isinstance(text, str) else canonical(cast("Json", value)).decode()
    return value if isinstance(value, str) else canonical(value).decode()
