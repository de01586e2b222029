"""What can be found of a batch: every text once, by the digest of what it stands in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import orjson

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest, digest_bytes, is_digest
from atelier.ledger.rows import Outcome
from atelier.ledger.tail import Tail
from atelier.observatory.index.entries import Entry, error_code, error_text
from atelier.observatory.index.texts import (
    Leaf,
    answer_leaves,
    joined,
    leaves,
    prompt_leaves,
    value_of,
)

# So many texts are in memory at once, and so many slices.
_AT_ONCE = 64
_SLICES_AT_ONCE = 16

Read = Callable[[str], bytes | None]

# A slice of a packet: its name and its digest.
Slice = tuple[str, str]

KINDS = ("prompt", "answer", "output", "claim", "evidence", "error", "judgement")


class Known(Protocol):
    """What the index holds already, and where it reads what it does not."""

    def contents(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """The verified bytes of those of these digests that are there."""
        ...

    def documents(self, kind: str, idents: Sequence[int]) -> set[int]:
        """Of these texts of a kind, those that can be found."""
        ...

    def new_slices(self, slices: Sequence[Slice]) -> list[Slice]:
        """Note slices; those of them whose elements were not looked at before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that can be found.

    `record` is the number of the attempt, row, claim or judgement that has it; an attempt's error
    has the attempt's number, below zero.
    """

    kind: str
    ident: int
    text: str
    parts: Sequence[tuple[str, int]] = ()
    record: int | None = None
    slice: str = ""
    element: str = ""
    packet: str = ""

    def entry(self, number: int) -> Entry:
        """Its columns, under its number."""
        parts = orjson.dumps(self.parts).decode()
        place = self.slice, self.element, self.packet
        return number, self.kind, self.ident, self.record, *place, parts, self.text


@dataclass(frozen=True, slots=True)
class Review:
    """How much a review's output says."""

    output: str
    obligations: int
    findings: int
    declined: int


def documents_of(tail: Tail, known: Known) -> Iterator[Document | Review]:
    """What can be found of a batch, and what its reviews say; content that is gone is left out."""
    asked = {one.request: number for number, one in reversed(tail.attempts)}
    yield from _stored("prompt", asked, prompt_leaves, known=known)
    told = {one.response: number for number, one in reversed(tail.attempts) if one.response}
    yield from _stored("answer", told, answer_leaves, known=known)
    made = {
        row.output: seq
        for seq, row in reversed(tail.rows)
        if row.output and row.outcome is Outcome.RAN
    }
    yield from _stored("output", made, leaves, known=known)
    for number, claim in tail.claims:
        yield Document(kind="claim", ident=number, record=number, text=claim.text)
    for number, word in tail.judgements:
        said = f"{word.who}: {word.reason}"
        yield Document(kind="judgement", ident=number, record=number, text=said)
    yield from _errors((seq, row.error) for seq, row in tail.rows)
    yield from _errors((-number, one.error) for number, one in tail.attempts if one.ended_at)
    yield from _evidence(tail, known)


def ident_of(name: str) -> int:
    """A digest as a number that SQLite keeps: enough of it to tell texts apart.

    Example:
        >>> ident_of("sha256:" + "0" * 14 + "2a" + "f" * 48)
        21
    """
    return int(name.removeprefix("sha256:")[:16], 16) >> 1


def _stored(
    kind: str,
    wanted: Mapping[str, int],
    take: Callable[[Any], Iterator[Leaf]],
    *,
    known: Known,
) -> Iterator[Document | Review]:
    idents = {ident_of(name): name for name in wanted if is_digest(name)}
    there = known.documents(kind, list(idents))
    for name, data in _contents(
        [name for ident, name in idents.items() if ident not in there], known
    ):
        value = value_of(data)
        if value is None:
            continue
        if kind == "output":
            yield from _reviews(name, value)
        text, parts = joined(take(value))
        if text:
            ident, number = ident_of(name), wanted[name]
            yield Document(kind=kind, ident=ident, record=number, text=text, parts=parts)


def _contents(names: Sequence[str], known: Known) -> Iterator[tuple[str, bytes]]:
    """What is there of these, in their order."""
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        found = known.contents(some)
        yield from ((name, found[name]) for name in some if name in found)


def _evidence(tail: Tail, known: Known) -> Iterator[Document]:
    """The elements of slices that were not looked at before, under the first packet that holds them."""
    held: dict[Slice, str] = {}
    for _, packet in tail.packets:
        for part in packet.slices.items():
            held.setdefault(part, packet.packet)
    fresh = known.new_slices(list(held))
    for at in range(0, len(fresh), _SLICES_AT_ONCE):
        some = fresh[at : at + _SLICES_AT_ONCE]
        data = known.contents([found for _, found in some])
        elements: dict[int, _Element] = {}
        for name, found in some:
            for one in _elements(name, value_of(data.get(found)), held[name, found]):
                elements.setdefault(one.ident, one)
        there = known.documents("evidence", list(elements))
        for ident, one in elements.items():
            if ident not in there:
                yield from one.documents()


@dataclass(frozen=True, slots=True)
class _Element:
    slice: str
    digest: str
    value: Any
    packet: str

    @property
    def ident(self) -> int:
        """What tells it apart: equal elements of one slice are one text."""
        return ident_of(digest_bytes(canonical([self.slice, self.digest])))

    def documents(self) -> Iterator[Document]:
        """Its text, where it has any."""
        text, parts = joined(leaves(self.value))
        if text:
            yield Document(
                kind="evidence",
                ident=self.ident,
                text=text,
                parts=parts,
                slice=self.slice,
                element=self.digest,
                packet=self.packet,
            )


def _elements(name: str, value: Any, packet: str) -> Iterator[_Element]:
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    for item in listed:
        if item is not None:
            yield _Element(name, digest(item), item, packet)


def _errors(found: Iterable[tuple[int, Mapping[str, Any] | None]]) -> Iterator[Document]:
    for number, error in found:
        if error:
            said = f"{error_code(error)} {error_text(error)} {error.get('next_step', '')}"
            yield Document(kind="error", ident=number, record=number, text=said[:20_000])


def _reviews(output: str, value: Any) -> Iterator[Review]:
    """What a review says, known by its shape: the ledger keeps values, not their types."""
    if not isinstance(value, dict):
        return
    said = cast("dict[str, Any]", value)
    if set(said) != {"findings", "question", "declined"}:
        return
    findings, declined = said["findings"], said["declined"]
    if isinstance(findings, list) and isinstance(declined, list):
        listed = cast("list[Any]", findings)
        kinds = [cast("dict[str, Any]", one).get("kind") for one in listed if isinstance(one, dict)]
        yield Review(
            output=output,
            obligations=kinds.count("obligation"),
            findings=len(kinds),
            declined=len(cast("list[Any]", declined)),
        )
