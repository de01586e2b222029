"""What can be found of a batch: each text once, under the first that has it."""

from collections.abc import Mapping, Sequence

from atelier.kernel.canonical import canonical
from atelier.ledger.rows import PacketRecord
from atelier.ledger.tail import Position, Tail
from atelier.observatory.index.documents import Document, Slice, documents_of


class Nothing:
    """An index that holds nothing yet, beside a store of two slices."""

    held: Mapping[str, bytes] = {"s1": canonical(["alpha"]), "s2": canonical(["alpha", "beta"])}

    def contents(self, names: Sequence[str]) -> Mapping[str, bytes]:
        return {name: self.held[name] for name in names}

    def documents(self, kind: str, idents: Sequence[int]) -> set[int]:
        return set()

    def new_slices(self, slices: Sequence[Slice]) -> list[Slice]:
        return list(slices)


def packet(name: str, part: str) -> PacketRecord:
    return PacketRecord(packet=name, manifest="m", origins="o", run="r", slices={"news": part})


def test_evidence_is_found_under_the_first_packet_that_holds_it() -> None:
    packets = [(1, packet("p1", "s1")), (2, packet("p2", "s2"))]
    tail = Tail(position=Position(), packets=packets)
    found = [one for one in documents_of(tail, Nothing()) if isinstance(one, Document)]
    assert [(one.text, one.packet) for one in found] == [("alpha", "p1"), ("beta", "p2")]
