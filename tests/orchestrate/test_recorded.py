"""A run as its ledger recorded it, also where parts of it are gone."""

import pytest

from atelier import IntegrityError, Packet, SetupError
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import PacketRecord
from atelier.ledger.store import Commit
from atelier.orchestrate.recorded import Recording, get_recording
from atelier.testing.ledger_samples import add, artefact, ran, start


class Evidence(Packet):
    student: str
    journal: list[str]


def recording(*commits: Commit, blobs: dict[str, bytes] | None = None) -> Recording:
    ledger = MemoryLedger()
    add(ledger, start("r1"), Commit(rows=(ran("r1", "draft"),)), *commits)
    return get_recording("r1", ledger, (blobs or {}).get)


def test_a_run_that_no_ledger_has_is_named() -> None:
    with pytest.raises(SetupError) as refused:
        get_recording("r9", MemoryLedger(), lambda _: None)
    assert refused.value.code == "replay.no_run"


def test_a_run_that_printed_nothing_has_no_artefact() -> None:
    assert recording().artefact is None
    printed = artefact("r1", "a.md", "a")
    assert printed.artefact is not None
    assert recording(printed).artefact == printed.artefact.digest


def test_a_packet_that_is_not_kept_is_named_and_not_guessed() -> None:
    with pytest.raises(SetupError) as refused:
        recording().collected(Evidence)
    assert refused.value.code == "replay.no_packet"
    kept = PacketRecord(packet="p", manifest="m", origins="o", run="r1", slices={})
    with pytest.raises(SetupError):
        recording(Commit(packet=kept)).collected(Evidence)


def test_a_slice_that_is_gone_is_named() -> None:
    slices = {"journal": digest_bytes(b'["I slept."]')}
    of = {"schema": "s", "parameters": {"student": "maya"}, "slices": slices, "obligations": {}}
    manifest = canonical({"kind": "packet", "of": of})
    kept = PacketRecord(packet="p", manifest="m", origins="o", run="r1", slices=slices)
    with pytest.raises(IntegrityError) as refused:
        recording(Commit(packet=kept), blobs={"m": manifest}).collected(Evidence)
    assert refused.value.code == "replay.slice"
