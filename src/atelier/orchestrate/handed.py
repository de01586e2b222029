"""What a stage is handed: for each wire, a digest, and the bytes behind it when they are needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from atelier.aggregate import PacketDigests
from atelier.cache.keys import missing_digest
from atelier.cache.watch import unwatched
from atelier.kernel.canonical import canonical, read
from atelier.kernel.digest import digest_bytes, record_digest
from atelier.kernel.errors import StageError
from atelier.kernel.form import faults
from atelier.ledger.rows import Consumed, Memo, Supply
from atelier.ledger.store import LedgerStore
from atelier.orchestrate.lens import project
from atelier.orchestrate.wiring import Node, Wire


@dataclass(frozen=True, slots=True)
class Handed:
    """One input: the digest of what is consumed, and of the whole that it was cut from."""

    wire: Wire
    digest: str
    whole: str
    missing: bool = False

    def consumed(self) -> Consumed:
        """The edge as the ledger keeps it."""
        return Consumed(
            parameter=self.wire.parameter,
            supply=self.wire.supply,
            source=self.wire.source,
            digest=self.digest,
            whole=self.whole,
        )


class Hands:
    """Hands inputs to stages: by digest while planning, as bytes and values once they execute."""

    def __init__(
        self,
        evidence: PacketDigests,
        *,
        scope: str,
        ledger: LedgerStore,
        content: Callable[[str], bytes | None],
    ) -> None:
        self.scope = scope
        self._evidence = evidence
        self._ledger = ledger
        self._content = content
        self._lenses: dict[tuple[str, str], str] = {}
        self._parameters = {
            evidence.parameter_digests[name]: canonical(value)
            for name, value in evidence.parameters.items()
        }
        self._slices = {digest: evidence.data[name] for name, digest in evidence.slices.items()}
        self._kept: dict[str, bytes] = {}
        self.memos: list[Memo] = []

    def keep(self, digest: str, data: bytes) -> None:
        """Hold an output that was just made or verified: who takes it need not read it again."""
        self._kept[digest] = data

    def hand(self, node: Node, outputs: Mapping[str, str | None]) -> list[Handed]:
        """What each wire of a node consumes, by digest; a missing optional input says so."""
        return [self._one(wire, outputs) for wire in node.wires]

    def _one(self, wire: Wire, outputs: Mapping[str, str | None]) -> Handed:
        whole = self._whole(wire, outputs)
        if whole is None:
            return Handed(wire, missing_digest(), missing_digest(), missing=True)
        seen = self._seen(whole, wire) if wire.lens and wire.each is None else whole
        return Handed(wire, seen, whole)

    def _whole(self, wire: Wire, outputs: Mapping[str, str | None]) -> str | None:
        match wire.supply:
            case Supply.PACKET:
                return self._evidence.packet
            case Supply.PARAMETER:
                return self._evidence.parameter_digests[wire.source]
            case Supply.SLICE:
                return self._evidence.slices[wire.source]
            case Supply.STAGE:
                return outputs[wire.source]

    def _seen(self, whole: str, wire: Wire) -> str:
        """The digest of what a lens sees, memoised by {value, lens} here and in the ledger."""
        short = (whole, wire.form.digest)
        if short not in self._lenses:
            key = record_digest("lens", {"value": whole, "lens": wire.form.digest})
            known = self._ledger.find_memo("lens", key)
            if known is None:
                seen = self._projected(whole, wire)[1]
                self.memos.append(Memo(kind="lens", key=key, data=seen.encode()))
                self._lenses[short] = seen
            else:
                self._lenses[short] = known.decode()
        return self._lenses[short]

    def find(self, digest: str) -> bytes | None:
        """The bytes of a slice, a parameter or anything stored; None where there are none."""
        for held in (self._kept, self._slices, self._parameters):
            if digest in held:
                return held[digest]
        with unwatched():  # the harness reads its own store, whoever asks
            return self._content(digest)

    def data(self, whole: str) -> bytes:
        """The bytes of a slice, a parameter or an output.

        Raises:
            StageError: they are gone from the store; the producer runs again next time.
        """
        found = self.find(whole)
        if found is None:
            raise StageError(
                "blobs.missing",
                "A value that a stage needs is no longer in the store.",
                facts={"digest": whole},
                next_step="Run again: its producer is executed anew.",
            )
        return found

    def value(self, handed: Handed) -> Any:
        """The value of one input, read from its canonical bytes into the consumer's form.

        Raises:
            StageError: the bytes do not fit; names the parameter and the place.
        """
        if handed.missing:
            return None
        try:
            return handed.wire.form.decode(self.data(handed.whole))
        except ValidationError as error:
            raise _misfit(handed.wire, error) from error

    def _projected(self, whole: str, wire: Wire) -> tuple[bytes, str]:
        try:
            return project(self.data(whole), wire.form)
        except ValidationError as error:
            raise _misfit(wire, error) from error

    def blobs(self, handed: Sequence[Handed]) -> dict[str, bytes]:
        """The projected inputs that are not yet in the store as values of their own."""
        found: dict[str, bytes] = {}
        for item in handed:
            if item.digest != item.whole and not item.missing:
                found[item.digest] = self._projected(item.whole, item.wire)[0]
            elif item.wire.supply is Supply.PARAMETER:
                found[item.digest] = self._parameters[item.digest]
        return found


def _misfit(wire: Wire, error: ValidationError) -> StageError:
    return StageError(
        "stage.input",
        f"The input {wire.parameter!r} does not fit its annotation.",
        facts={"from": wire.source, "why": faults(error)},
        next_step="Correct the annotation, or the validator that refuses the value.",
    )


def stage_packet(handed: Sequence[Handed]) -> tuple[bytes, str]:
    """The record of exactly what a stage was handed, and its digest: a row's `input`."""
    payload = {item.wire.parameter: item.digest for item in handed}
    data = canonical({"kind": "stage-packet", "of": payload})
    return data, digest_bytes(data)


def elements_at(data: bytes, path: tuple[str, ...]) -> list[Any]:
    """The JSON elements at a path of field names in canonical bytes."""
    value = read(data)
    for step in path:
        value = value[step]
    return list(value)
