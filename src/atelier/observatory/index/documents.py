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

# So many texts are in memory at once.
_AT_ONCE = 64

Read = Callable[[str], bytes | None]

KINDS = ("prompt", "answer", "output", "claim", "evidence", "error", "judgement")


class Known(Protocol):
    """What the index holds already, and where it reads what it does not."""

    def contents(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """The verified bytes of those of these digests that are there."""
        ...

    def documents(self, kind: str, idents: Sequence[int]) -> set[int]:
        """Of these texts of a kind, those that can be found."""
        ...

    def is_new_slice(self, name: str, digest: str) -> bool:
        """Note a slice; whether its elements were not looked at before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text that can be found.

    `record` is the number of the attempt, row, claim or judgement that has it; an attempt's error has the
    attempt's number, below zero.
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
    for _, packet in tail.packets:
        for name, found in packet.slices.items():
            if known.is_new_slice(name, found):
                value = value_of(known.contents([found]).get(found))
                yield from _elements(name, value, packet.packet, known=known)


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


def _elements(name: str, value: Any, packet: str, *, known: Known) -> Iterator[Document]:
    listed = cast("list[Any]", value) if isinstance(value, list) else [value]
    elements = {
        ident_of(digest_bytes(canonical([name, found]))): (found, item)
        for item in listed
        if item is not None
        for found in [digest(item)]
    }
    there = known.documents("evidence", list(elements))
    for ident, (element, item) in elements.items():
        if ident in there:
            continue
        text, parts = joined(leaves(item))
        if text:
            yield Document(
                kind="evidence",
                ident=ident,
                text=text,
                parts=parts,
                slice=name,
                element=element,
                packet=packet,
            )


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
