"""TOML files as slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from math import isfinite
from re import compile as pattern
from tomllib import TOMLDecodeError, loads
from typing import Any, ClassVar, Never, cast

from atelier.isilon.document import Document
from atelier.isilon.origin import Origin, Record
from atelier.isilon.source import FileSource
from atelier.kernel.canonical import MAX_DEPTH, MAX_INTEGER, Json, pointer

_PLACE = pattern(r" \(at line (\d+), column (\d+)\)")
_END = " (at end of document)"


@dataclass(frozen=True)
class Toml(FileSource):
    """A TOML file as one value; its dates and times are ISO texts."""

    name: ClassVar[str] = "toml"
    version: ClassVar[int] = 1

    def parse(self, document: Document) -> Iterable[Record]:
        """One record, since a TOML file is a table."""
        yield self.whole(document)

    def whole(self, document: Document) -> Record:
        """The table of the file."""
        try:
            table = loads(document.text)
        except TOMLDecodeError as error:
            _refuse(document, str(error))
        except RecursionError:
            _refuse(document, f"nested deeper than {MAX_DEPTH}")
        except ValueError as error:  # an integer of thousands of digits
            _refuse(document, str(error).split(";")[0])
        return Record(_plain(table, document, ()), Origin(file=document.path))


def _plain(value: Any, document: Document, path: tuple[str | int, ...]) -> Json:
    """The value as JSON."""
    where = pointer(path) or "/"
    if len(path) > MAX_DEPTH:
        _refuse(document, f"nested deeper than {MAX_DEPTH}")
    match value:
        case dict():
            table = cast("dict[str, Any]", value)
            return {key: _plain(item, document, (*path, key)) for key, item in table.items()}
        case list():
            items = cast("list[Any]", value)
            return [_plain(item, document, (*path, index)) for index, item in enumerate(items)]
        case date() | datetime() | time():
            return value.isoformat()
        case float() if not isfinite(value):
            _refuse(document, f"{where} is {value}, which is not JSON")
        case int() | float() if abs(value) > MAX_INTEGER and value == int(value):
            _refuse(document, f"{where} is beyond ±(2^53-1); write it as a string")
        case _:
            pass
    return cast("Json", value)


def _refuse(document: Document, why: str) -> Never:
    place = _PLACE.search(why)
    line, column = (int(place[1]), int(place[2])) if place else (1, 1)
    if why.endswith(_END):
        line = document.text.count("\n") + 1
    why = _PLACE.sub("", why).removesuffix(_END)
    raise document.fault_at("evidence.toml", why, line=line, column=column)
