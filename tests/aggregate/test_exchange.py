"""Packets go out as JSON and as records, and come back with the same digests."""

import json
from typing import Any

import pytest
from session_packet import PARAMETERS, Session, Turn

from atelier.aggregate import (
    Packet,
    Substrate,
    collect,
    digests,
    packet_from_json,
    packet_from_record,
    packet_to_json,
    subject_of,
)
from atelier.isilon.errors import EvidenceError
from atelier.kernel.canonical import canonical, read
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError, IntegrityError, SetupError


@pytest.fixture
def packet(substrate: Substrate) -> Session:
    return collect(Session, PARAMETERS, substrate=substrate).packet


def changed(packet: Session, **fields: Any) -> bytes:
    return json.dumps({**read(packet_to_json(packet)), **fields}).encode()


def refusal(data: bytes) -> AtelierError:
    with pytest.raises(AtelierError) as caught:
        packet_from_json(Session, data, name="p.json")
    return caught.value


def test_json_there_and_back_is_the_same_packet(packet: Session) -> None:
    again = packet_from_json(Session, packet_to_json(packet))
    assert again == packet
    assert digests(again) == digests(packet)


def test_the_order_and_style_of_a_json_text_do_not_matter(packet: Session) -> None:
    value = read(packet_to_json(packet))
    text = json.dumps(dict(reversed(value.items())), indent=2, ensure_ascii=True).encode()
    assert digests(packet_from_json(Session, text)) == digests(packet)


def test_a_record_and_its_slices_are_the_packet(packet: Session) -> None:
    found = digests(packet)
    blobs = {digest: found.data[name] for name, digest in found.slices.items()}
    record = read(canonical(found.record))
    again = packet_from_record(Session, record, blobs.__getitem__)
    assert again == packet
    assert digests(again) == found
    assert digest_bytes(canonical({"kind": "packet", "of": record})) == found.packet


def test_an_altered_blob_is_no_slice(packet: Session) -> None:
    record = digests(packet).record
    with pytest.raises(IntegrityError, match=r"packet\.damaged"):
        packet_from_record(Session, record, lambda _: b"null")


def test_an_optional_slice_and_a_derived_parameter_may_be_left_out(packet: Session) -> None:
    value = read(packet_to_json(packet))
    del value["wishes"], value["week"]
    assert digests(packet_from_json(Session, canonical(value))) == digests(packet)


def test_an_unknown_field_is_named(packet: Session) -> None:
    found = refusal(changed(packet, jurnal=[]))
    assert found.facts == {"at": "p.json", "pointer": "/jurnal", "why": "no field is called so"}
    assert found.next_step == "Did you mean `journal`?"


def test_a_missing_field_is_named(packet: Session) -> None:
    value = read(packet_to_json(packet))
    del value["journal"]
    assert refusal(canonical(value)).facts["pointer"] == "/journal"


def test_a_fault_within_a_field_is_named_by_pointer(packet: Session) -> None:
    found = refusal(changed(packet, transcript=[{"speaker": "a", "text": 1}]))
    assert found.facts["pointer"] == "/transcript"
    assert found.facts["why"] == "/0/text: Input should be a valid string"


def test_a_key_that_stands_twice_is_named(packet: Session) -> None:
    twice = [{"id": "c1", "text": "a", "status": "open"}] * 2
    found = refusal(changed(packet, commitments=twice))
    assert found.facts["at"] == "p.json#/commitments/1"
    assert found.facts["first"] == "p.json#/commitments/0"


@pytest.mark.parametrize("data", [b"[]", b"null"])
def test_a_packet_is_an_object(data: bytes) -> None:
    assert refusal(data).code == "packet.json"


@pytest.mark.parametrize(
    "data", [b'{"student": "a", "student": "b"}', b'{"student": NaN}', b"\xff"]
)
def test_a_packets_text_is_read_as_strictly_as_evidence(data: bytes) -> None:
    assert isinstance(refusal(data), EvidenceError)


def test_the_subject_is_the_parameter_that_is_marked(packet: Session) -> None:
    class Nobody(Packet):
        turns: list[Turn]

    assert subject_of(packet) == "maya"
    assert subject_of(Nobody(turns=[])) is None


def test_a_packet_is_frozen_and_closed(packet: Session) -> None:
    with pytest.raises(ValueError, match="frozen"):
        packet.student = "noor"
    with pytest.raises(ValueError, match="Extra inputs"):
        Session.model_validate({**read(packet_to_json(packet)), "more": 1})


def test_a_record_of_another_type_is_refused_by_field(packet: Session) -> None:
    class Other(Packet):
        student: str

    found = digests(packet)
    blobs = {digest: found.data[name] for name, digest in found.slices.items()}
    with pytest.raises(SetupError, match="no field is called so"):
        packet_from_record(Other, found.record, blobs.__getitem__)
