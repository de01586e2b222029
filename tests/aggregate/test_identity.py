"""The laws of a packet's digests."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from session_packet import PARAMETERS, Commitment, Program, Session, Turn, is_open

from atelier.aggregate import (
    Obligation,
    Packet,
    Substrate,
    collect,
    digests,
    elements,
    obligations,
    packet_to_json,
)
from atelier.kernel.canonical import ValueRefusedError, canonical
from atelier.kernel.digest import digest, digest_bytes, record_digest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TURN = st.builds(Turn, speaker=TEXT, text=TEXT)


class Talk(Packet):
    student: str
    transcript: list[Turn]
    program: Program | None = None


def talk(turns: list[Turn], student: str = "maya") -> Talk:
    return Talk(student=student, transcript=turns)


@given(st.lists(TURN))
def test_a_slice_is_its_whole_json(turns: list[Turn]) -> None:
    found = digests(talk(turns))
    whole = [turn.model_dump(mode="json") for turn in turns]
    assert found.data["transcript"] == canonical(whole)
    assert found.slices["transcript"] == digest(whole)
    assert found.packet == record_digest("packet", found.record)


@given(st.lists(TURN))
def test_a_slice_is_its_elements_joined(turns: list[Turn]) -> None:
    packet = talk(turns)
    parts = [canonical(element.value) for element in elements(packet)]
    assert digests(packet).data["transcript"] == b"[" + b",".join(parts) + b"]"
    assert [element.digest for element in elements(packet)] == [
        digest_bytes(part) for part in parts
    ]


@given(st.lists(TURN), st.lists(TURN))
def test_slices_are_equal_when_their_digests_are(one: list[Turn], two: list[Turn]) -> None:
    same = digests(talk(one)).slices["transcript"] == digests(talk(two)).slices["transcript"]
    assert same == (one == two)


@given(st.lists(TURN, min_size=1), TURN)
def test_an_element_at_the_top_leaves_the_others_as_they_were(
    turns: list[Turn], first: Turn
) -> None:
    before, after = elements(talk(turns)), elements(talk([first, *turns]))
    assert [element.digest for element in after[1:]] == [element.digest for element in before]
    if first not in turns:
        assert [element.handle for element in after[1:]] == [element.handle for element in before]
        assert [one.occurrence for one in after[1:]] == [one.occurrence for one in before]


def test_equal_elements_are_told_apart_by_occurrence() -> None:
    turn = Turn(speaker="Ana", text="And then?")
    first, second = elements(talk([turn, turn]))
    assert first.digest == second.digest
    assert (first.occurrence, second.occurrence) == (1, 2)
    assert second.handle == f"{first.handle}.2"


def test_a_parameter_or_a_slice_changes_only_its_own_digest_and_the_packets() -> None:
    before, after = digests(talk([])), digests(talk([], student="noor"))
    assert before.packet != after.packet
    assert before.slices == after.slices
    assert before.parameter_digests["student"] == digest("maya")
    assert before.parameters == {"student": "maya"}


def test_a_missing_slice_is_null_and_no_element() -> None:
    found = digests(talk([]))
    assert found.data["program"] == b"null"
    assert elements(talk([])) == []


def test_a_slice_that_is_no_list_is_one_element() -> None:
    program = Program(coach="Ana", milestones=[])
    (element,) = elements(Talk(student="maya", transcript=[], program=program))
    assert element.slice == "program"
    assert (
        element.digest
        == digests(Talk(student="m", transcript=[], program=program)).slices["program"]
    )
    assert element.texts() == [("/coach", "Ana")]


def test_texts_and_speaker_are_read_off_an_element() -> None:
    (element,) = elements(talk([Turn(speaker="Maya", text="Hi", start="1")]))
    assert element.speaker == "Maya"
    assert element.texts() == [("/speaker", "Maya"), ("/start", "1"), ("/text", "Hi")]


def test_a_value_without_a_canonical_form_is_named_by_slice() -> None:
    class Loose(Packet):
        notes: list[dict[str, float]]

    with pytest.raises(ValueRefusedError) as caught:
        digests(Loose(notes=[{"a": 1.0}, {"a": float("inf")}]))
    assert caught.value.facts["path"] == "/notes/1/a"


def declare(obligation: Any) -> type[Packet]:
    annotation = Annotated[list[Commitment], obligation] if obligation else list[Commitment]
    return type("P", (Packet,), {"__annotations__": {"commitments": annotation}})


COMMITMENTS = [
    Commitment(id="c1", text="run", status="open"),
    Commitment(id="c2", text="sleep", status="done"),
]


def test_obligations_are_the_elements_for_which_they_hold() -> None:
    some = declare(Obligation(when=is_open))(commitments=COMMITMENTS)
    every = declare(Obligation())(commitments=COMMITMENTS)
    assert [element.obliged for element in elements(some)] == [True, False]
    assert [element.value["id"] for element in obligations(some)] == ["c1"]  # type: ignore[index,call-overload]
    assert len(obligations(every)) == 2


def test_obligations_are_in_the_packets_identity_by_what_they_hold_for() -> None:
    def is_first(commitment: Commitment) -> bool:
        return commitment.id == "c1"

    open_ones, first, every = (
        digests(declare(Obligation(when=when))(commitments=COMMITMENTS))
        for when in (is_open, is_first, None)
    )
    assert open_ones.packet == first.packet
    assert open_ones.packet != every.packet
    assert open_ones.record["obligations"] == {
        "commitments": [digest(COMMITMENTS[0].model_dump(mode="json"))]
    }


def test_an_obligation_may_take_parameters_by_name() -> None:
    def is_of(commitment: Commitment, prefix: str) -> bool:
        return commitment.id.startswith(prefix)

    annotations = {"prefix": str, "items": Annotated[list[Commitment], Obligation(when=is_of)]}
    declared = type("P", (Packet,), {"__annotations__": annotations})
    assert len(obligations(declared(prefix="c2", items=COMMITMENTS))) == 1


def test_collected_constructed_and_read_packets_have_one_identity(substrate: Substrate) -> None:
    collected = collect(Session, PARAMETERS, substrate=substrate)
    packet = collected.packet
    constructed = Session(
        student="maya",
        session="s12",
        week=packet.week,
        transcript=list(packet.transcript),
        notes=list(packet.notes),
        commitments=list(packet.commitments),
        journal=list(packet.journal),
        program=packet.program,
    )
    assert digests(constructed) == collected.digests


def test_golden_digests_hold_everywhere() -> None:
    packet = Talk(
        student="maya",
        transcript=[Turn(speaker="Maya", text="Fine \u00e9."), Turn(speaker="Ana", text="Good.")],
        program=Program.model_validate(
            {"coach": "Ana", "milestones": [{"name": "five", "due": date(2026, 4, 1)}]}
        ),
    )
    found = digests(packet)
    assert found.data["transcript"].decode() == (
        '[{"speaker":"Maya","start":"","text":"Fine \u00e9."},'
        '{"speaker":"Ana","start":"","text":"Good."}]'
    )
    assert found.slices == {
        "transcript": "sha256:aa87494d96a7d38dedf9f368e5e591611502d75424c1f579317169246c770270",
        "program": "sha256:131851fc7597ed90b2da3de96711e7dc3f7aa7cbc6d5d86210c27aea4efd1134",
    }
    assert found.packet == (
        "sha256:a7d5c80cd0e91af062a672de9190c70df510ab138f225dc4e87d6fd317e2255e"
    )
    assert [element.handle for element in elements(packet)] == [
        "transcript-e6feafa6",
        "transcript-6e426dd3",
        "program-131851fc",
    ]


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from session_packet import PARAMETERS, Session
from atelier.aggregate import Substrate, collect
root = Path(sys.argv[2])
found = collect(Session, PARAMETERS, substrate=Substrate(root, {"default": root / "journal.db"}))
print(found.digests.packet)
"""


@pytest.mark.slow
def test_seed_and_working_folder_change_no_digest(substrate: Substrate, tmp_path: Path) -> None:
    expected = collect(Session, PARAMETERS, substrate=substrate).digests.packet
    for seed, folder in (("0", tmp_path), ("1", Path("/")), ("12345", Path(__file__).parent)):
        script = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(substrate.root)]
        found = subprocess.run(
            script,
            cwd=folder,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == expected


def test_the_json_of_a_packet_is_its_fields() -> None:
    assert packet_to_json(talk([])) == b'{"program":null,"student":"maya","transcript":[]}'
