"""The elements of a packet: what a citation can point at, each known by its own digest."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from atelier.aggregate.fields import shape
from atelier.aggregate.identity import PacketDigests, digests, elements_of, obliged
from atelier.aggregate.packet import Packet
from atelier.kernel.canonical import Json, pointer
from atelier.kernel.digest import digest
from atelier.kernel.evidence import handles
from atelier.kernel.form import form_of


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a slice; equal ones share a digest and differ by occurrence."""

    slice: str
    digest: str
    occurrence: int
    value: Json
    handle: str
    obliged: bool

    def texts(self) -> list[tuple[str, str]]:
        """The pointer and the text of every string in the element, in order of pointer.

        Example:
            >>> Element("notes", "sha256:", 1, {"b": ["x"], "a": "y"}, "notes-1", False).texts()
            [('/a', 'y'), ('/b/0', 'x')]
        """
        return texts_of(self.value)

    @property
    def speaker(self) -> str:
        """Who speaks, where the element has a field `speaker`; else empty."""
        if isinstance(self.value, dict):
            speaker = self.value.get("speaker")
            return speaker if isinstance(speaker, str) else ""
        return ""


def texts_of(value: Json) -> list[tuple[str, str]]:
    """The pointer and the text of every string in a value, in order of pointer.

    Example:
        >>> texts_of({"b": ["x"], "a": "y"})
        [('/a', 'y'), ('/b/0', 'x')]
    """
    return list(_texts(value, ()))


def elements(packet: Packet, *, known: PacketDigests | None = None) -> list[Element]:
    """The elements of every slice, in the order of fields and of the slice.

    A slice that is no list is one element; a slice that is None is none. `known` are the packet's
    digests, if the caller has them.
    """
    form = shape(type(packet))
    data = (known or digests(packet)).data
    values = packet.__dict__
    found = [
        (field.name, value, is_obliged, digest(value))
        for field in form.slices
        for value, is_obliged in zip(
            elements_of(field, data[field.name]), obliged(field, values), strict=True
        )
    ]
    names = handles([(name, identity) for name, _, _, identity in found])
    seen = Counter[tuple[str, str]]()
    listed: list[Element] = []
    for (name, value, is_obliged, identity), handle in zip(found, names, strict=True):
        seen[name, identity] += 1
        occurrence = seen[name, identity]
        listed.append(Element(name, identity, occurrence, value, handle, is_obliged))
    return listed


def handles_of(name: str, elements: Sequence[object]) -> list[str]:
    """The handles of a slice's elements, as a stage was handed them: what it cites them by.

    They are the packet's where the stage takes the elements' whole type.

    Example:
        >>> handles_of("journal", [{"text": "I ran."}])
        ['journal-94d35f98']
    """
    forms = [form_of(type(element)) for element in elements]
    return handles(
        [(name, digest(form.dump(element))) for form, element in zip(forms, elements, strict=True)]
    )


def obligations(packet: Packet, *, known: PacketDigests | None = None) -> list[Element]:
    """The elements that must be addressed."""
    return [element for element in elements(packet, known=known) if element.obliged]


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield pointer(path), value
        case dict():
            for key, item in sorted(cast("dict[str, Any]", value).items()):
                yield from _texts(item, (*path, key))
        case list():
            for index, item in enumerate(cast("list[Any]", value)):
                yield from _texts(item, (*path, index))
        case _:
            pass
