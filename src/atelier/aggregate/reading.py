"""One slice, from its source to its canonical bytes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Never

from pydantic import ValidationError

from atelier.aggregate.calling import users_code
from atelier.aggregate.fields import Slice
from atelier.aggregate.keys import check_keys
from atelier.aggregate.memo import CollectionMemo, is_built_in, memo_key, pack, unpack
from atelier.isilon import (
    Document,
    EvidenceError,
    FileSource,
    Look,
    MissingEvidenceError,
    Origin,
    Record,
)
from atelier.isilon.names import Names
from atelier.kernel.canonical import Json, ValueRefusedError, canonical, pointer, read
from atelier.kernel.digest import digest, digest_bytes
from atelier.kernel.errors import SetupError
from atelier.kernel.form import Form


@dataclass(frozen=True)
class Taken:
    """A slice as it was taken: its value, its canonical bytes, and where its elements stood."""

    value: Any
    data: bytes
    origins: Callable[[], list[Origin]]


@dataclass(frozen=True)
class SliceReader:
    """Reads one slice, given what was read before it."""

    field: Slice
    values: Mapping[str, Any]
    encoded: Mapping[str, bytes]

    def read(self, look: Look, memo: CollectionMemo | None) -> Taken:
        """The slice.

        Raises:
            EvidenceError: the source is missing or malformed, or holds another type.
            SetupError: the slice has no source, or a type that does not read back what it writes.
        """
        try:
            return self._read(look, memo)
        except MissingEvidenceError as error:
            if self.field.optional:
                return Taken(None, b"null", list)
            raise self._missing(error) from error

    def _read(self, look: Look, memo: CollectionMemo | None) -> Taken:
        source = self.field.source
        if source is None:
            raise _sourceless(self.field)
        if not isinstance(source, FileSource):
            with self._users_source(source):
                records = list(source.read(look))
            return self._settle(records)
        with self._users_source(source):
            documents = source.documents(look)
        key = memo_key(self.field, documents, taken=self._taken(), memo=memo) if memo else ""
        if not memo or not key:
            with self._users_source(source):
                records = list(_records(self.field, source, documents))
            return self._settle(records)
        kept = memo.find(key)
        if kept is not None:
            taken = self._revive(kept)
            if taken:
                return taken
        with memo.watch() as saw_nothing_else:
            taken = self._settle(_records(self.field, source, documents))
        if saw_nothing_else():
            memo.keep(key, pack(taken.data, taken.origins()))
        return taken

    def _users_source(self, source: object) -> AbstractContextManager[None]:
        """What a source raises that is not ours becomes the user's; a built-in one has no user."""
        if is_built_in(source):
            return nullcontext()
        return users_code(
            "evidence.source",
            "A source of your own failed.",
            field=self.field.name,
            next_step="Correct the source, or what it reads; raise an EvidenceError to say more.",
        )

    def _taken(self) -> dict[str, str]:
        """The digests of what `where` takes."""
        names = self.field.where.names if self.field.where else ()
        return {name: digest_bytes(self.encoded[name]) for name in names}

    def _revive(self, kept: bytes) -> Taken | None:
        """A slice out of the memo; None where it is not one of today's type."""
        try:
            found = unpack(kept)
            value = self.field.form.decode(found.value)
        except ValueError:  # pydantic's ValidationError is one
            return None
        return Taken(value, found.value, lambda: found.origins)

    def _settle(self, records: Iterable[Record]) -> Taken:
        """Validate, filter and encode; the value is always the one that its bytes give back."""
        listed = [self._checked(record) for record in records]
        if not self.field.is_list:
            return self._settle_one(listed)
        places = [record.origin for record in listed]
        raw = self._canonical([record.value for record in listed], places)
        elements = self._decode(self.field.elements_form, raw, places)
        where = self.field.where
        kept = [
            (element, place)
            for element, place in zip(elements, places, strict=True)
            if where is None or where.holds(self.values, element, at=place)
        ]
        chosen, origins = [element for element, _ in kept], [place for _, place in kept]
        if self.field.key:
            check_keys(self.field, chosen, origins)
        return self._finish(self.field.elements_form.encode(chosen), origins)

    def _settle_one(self, records: Sequence[Record]) -> Taken:
        if len(records) != 1:
            raise EvidenceError(
                "evidence.count",
                "A source does not hold exactly one value.",
                facts={"slice": self.field.name, "found": len(records)},
                next_step="Narrow the source, or declare the slice as a list.",
            )
        origins = [records[0].origin]
        return self._finish(self._canonical(records[0].value, origins), origins)

    def _finish(self, raw: bytes, origins: list[Origin]) -> Taken:
        """The value that its bytes give back; what validators change once, they must then keep."""
        form = self.field.form
        value = self._decode(form, raw, origins)
        data = form.encode(value)
        if data != raw:
            value = self._decode(form, data, origins)
            if form.encode(value) != data:
                raise SetupError(
                    "packet.round_trip",
                    "The type of a slice does not read back what it writes.",
                    facts={"slice": self.field.name, "type": self.field.annotation},
                    next_step="Let its validators take what its serialisers give.",
                )
            origins = _realigned(raw, data, origins) if self.field.is_list else origins
        return Taken(value, data, lambda: origins)

    def _canonical(self, value: Json, origins: Sequence[Origin]) -> bytes:
        try:
            return canonical(value)
        except ValueRefusedError as error:
            path = error.facts["path"]
            self._refuse(path if path.startswith("/") else "", error.facts["why"], origins)

    def _decode(self, form: Form[Any], data: bytes, origins: Sequence[Origin]) -> Any:
        """What was read as the type of the slice; a fault names the element that it stands in."""
        try:
            return form.decode(data)
        except ValidationError as error:
            self._refuse_fault(error, origins)

    def _refuse_fault(self, error: ValidationError, origins: Sequence[Origin]) -> Never:
        fault = error.errors(include_url=False, include_context=False)[0]
        self._refuse(pointer(fault["loc"]), fault["msg"], origins)

    def _refuse(self, path: str, why: str, origins: Sequence[Origin]) -> Never:
        """Refuse what a pointer into the slice leads to; of a list, its first step is an element."""
        index, _, rest = path.removeprefix("/").partition("/")
        at = self._source_name()
        if not self.field.is_list or not index.isdecimal():
            rest = path.removeprefix("/")
            at = str(origins[0]) if origins else at
        elif int(index) < len(origins):
            at = str(origins[int(index)])
        raise EvidenceError(
            "evidence.type",
            "A source holds what its slice's type refuses.",
            facts={"slice": self.field.name, "at": at, "pointer": f"/{rest}", "why": why},
            next_step="Correct the source, or the type of the slice.",
        )

    def _source_name(self) -> str:
        source = self.field.source
        return str(getattr(source, "path", "") or type(source).__name__)

    def _checked(self, record: Record) -> Record:
        if type(record) is Record:
            return record
        raise SetupError(
            "packet.source",
            "A source gave something that is no Record.",
            facts={"slice": self.field.name, "gave": type(record).__name__},
            next_step="Yield `Record(value, Origin(...))` from its `read`.",
        )

    def _missing(self, error: MissingEvidenceError) -> MissingEvidenceError:
        given = {"given": self._given()} if self._given() else {}
        return MissingEvidenceError(
            error.code,
            error.sentence,
            facts={**error.facts, "slice": self.field.name, **given},
            next_step=error.next_step,
        )

    def _given(self) -> str:
        """The values that the source takes; of one that does not say, all."""
        known = Names(self.values)
        names: Iterable[str] = getattr(self.field.source, "names", known)
        return ", ".join(f"{name}={_short(known[name])}" for name in names if name in known)


def _records(field: Slice, source: FileSource, documents: Sequence[Document]) -> Iterable[Record]:
    for document in documents:
        if field.is_list:
            yield from source.parse(document)
        else:
            yield source.whole(document)


def _realigned(before: bytes, after: bytes, origins: Sequence[Origin]) -> list[Origin]:
    """The origins of elements that a rule of the list has dropped or put in another order."""
    places: dict[str, list[Origin]] = {}
    for element, origin in zip(read(before), origins, strict=True):
        places.setdefault(digest(element), []).append(origin)
    found = (places.get(digest(element)) for element in read(after))
    return [left.pop(0) if left else Origin() for left in found]


def _sourceless(field: Slice) -> SetupError:
    return SetupError(
        "packet.source",
        "A slice has no source to be collected from.",
        facts={"slice": field.name},
        next_step="Annotate it with a source, or hand in a whole packet.",
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else type(value).__name__
