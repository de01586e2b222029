"""The collection memo: unchanged documents are not parsed, filtered and validated again."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import orjson
from pydantic import VERSION

from atelier.aggregate.fields import Slice
from atelier.isilon import Document, FileSource, Origin
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import record_digest

_VALUE = b',"value":'


class CollectionMemo(Protocol):
    """Where collected slices are kept, and how code is identified."""

    def find(self, key: str) -> bytes | None:
        """What was kept under a key."""
        ...

    def keep(self, key: str, data: bytes) -> None:
        """Keep data under a key."""
        ...

    def identify(self, thing: object) -> str:
        """The identity of a function's or a type's code; empty where it cannot be told."""
        ...

    def watch(self) -> AbstractContextManager[Callable[[], bool]]:
        """Watch what is read; what it gives tells whether that was nothing which no key sees."""
        ...


@dataclass(frozen=True)
class Kept:
    """A slice as the memo keeps it: its canonical bytes, and its origins, unpacked when asked."""

    value: bytes
    packed: bytes

    @cached_property
    def origins(self) -> list[Origin]:
        """The origin of each element."""
        packed: dict[str, Any] = orjson.loads(self.packed)
        files: list[str] = packed["files"]
        # A row ends with its key where it has one.
        rows: list[tuple[int, Any, Any, str, str, *tuple[str, ...]]] = packed["rows"]
        return [Origin(files[row[0]], *row[1:]) for row in rows]


def pack(value: bytes, origins: Sequence[Origin]) -> bytes:
    """A slice and its origins as one JSON text."""
    files = list(dict.fromkeys(origin.file for origin in origins))
    at = {file: index for index, file in enumerate(files)}
    rows: list[Any] = [
        [at[o.file], o.line, o.row, o.speaker, o.time] + ([o.key] if o.key else []) for o in origins
    ]
    packed = canonical({"files": files, "rows": rows})
    return b'{"origins":' + packed + _VALUE + value + b"}"


def unpack(data: bytes) -> Kept:
    """What `pack` packed, without reading it all.

    Within a JSON string a quote is escaped, so the separator stands between two members only.

    Raises:
        ValueError: the data is something else.
    """
    split = data.index(_VALUE)
    return Kept(data[split + len(_VALUE) : -1], data[len(b'{"origins":') : split])


def memo_key(
    field: Slice, documents: Sequence[Document], *, taken: dict[str, str], memo: CollectionMemo
) -> str:
    """The key of a collected slice; empty where it depends on what cannot be identified.

    `taken` are the digests of the values that the slice's `where` takes.
    """
    source = field.source
    # A user's subclass may parse in its own way under the name that it inherits.
    if not isinstance(source, FileSource) or not is_built_in(source):
        return ""
    # The whole annotation, since a validator may stand beside the list as well as in its element.
    form = memo.identify(field.annotation)
    where = memo.identify(field.where.function) if field.where else "none"
    if not form or not where:
        return ""
    return record_digest(
        "collection/2",
        {
            "documents": [[document.path, document.digest] for document in documents],
            "reader": {"name": source.name, "version": source.version, "options": source.options},
            "form": form,
            "schema": field.form.digest,
            "list": field.is_list,
            "pydantic": VERSION,
            "key": field.key,
            "where": where,
            "takes": taken,
        },
    )


def is_built_in(source: object) -> bool:
    """Whether a source's class is one of ours, and not a user's or one derived from ours.

    Example:
        >>> is_built_in(FileSource("a.txt")), is_built_in(object())
        (True, False)
    """
    return type(source).__module__.startswith("atelier.isilon.")
