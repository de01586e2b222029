"""A difference names elements that came, went, moved and changed, and pointers within values."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from session_packet import PARAMETERS, Commitment, Milestone, Session, Turn

from atelier.aggregate import Content, Substrate, collect, diff, digests, packet_to_json
from atelier.aggregate.alignment import align
from atelier.kernel.canonical import canonical, read

WORDS = st.lists(st.sampled_from("abcdef"), max_size=8)
VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("ab"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
)


@given(WORDS, WORDS)
def test_an_alignment_accounts_for_every_element_once(old: list[str], new: list[str]) -> None:
    found = align(old, new)
    gone = [part.position for part in found.removed] + [
        pair[0].position for pair in found.moved + found.changed
    ]
    came = [part.position for part in found.added] + [
        pair[1].position for pair in found.moved + found.changed
    ]
    assert len(set(gone)) == len(gone)
    assert len(set(came)) == len(came)
    kept = [word for index, word in enumerate(old) if index not in set(gone)]
    assert kept == [word for index, word in enumerate(new) if index not in set(came)]
    assert all(earlier.value == later.value for earlier, later in found.moved)


@given(VALUE, VALUE)
def test_a_difference_is_empty_just_when_the_values_are_equal(one: Any, two: Any) -> None:
    found = diff(Content({}, {"a": one}, {}), Content({}, {"a": two}, {}))
    assert bool(found) == (canonical(one) != canonical(two))
    assert canonical(found.as_json())


def test_an_element_at_the_top_is_the_only_difference(substrate: Substrate) -> None:
    packet = collect(Session, PARAMETERS, substrate=substrate).packet
    first = Turn(speaker="Ana", text="Welcome.")
    later = packet.model_copy(update={"transcript": [first, *packet.transcript]})
    (found,) = diff(packet, later).slices
    assert [(part.position, part.value) for part in found.added] == [
        (0, {"speaker": "Ana", "text": "Welcome.", "start": ""})
    ]
    assert [*found.removed, *found.changed, *found.moved] == []


def test_a_keyed_element_is_the_same_one_wherever_it_goes(substrate: Substrate) -> None:
    packet = collect(Session, PARAMETERS, substrate=substrate).packet
    one, two = packet.commitments
    later = packet.model_copy(
        update={
            "commitments": [
                two.model_copy(update={"text": "sleep more"}),
                Commitment(id="c3", text="read", status="open"),
                one.model_copy(update={"status": "done"}),
            ]
        }
    )
    (found,) = diff(packet, later).slices
    assert [part.value for part in found.added] == [{"id": "c3", "text": "read", "status": "open"}]
    assert sorted(
        (change.differences[0].pointer, change.earlier.position, change.later.position)
        for change in found.changed
    ) == [("/status", 0, 2), ("/text", 1, 0)]


def test_an_element_without_a_key_changes_in_its_place() -> None:
    (found,) = diff({"notes": ["a", "b", "c"]}, {"notes": ["a", "B", "c"]}).slices
    (change,) = found.changed
    assert (change.earlier.value, change.later.value) == ("b", "B")
    assert [difference.as_json() for difference in change.differences] == [
        {"pointer": "", "earlier": "b", "later": "B"}
    ]


def test_a_moved_element_is_neither_added_nor_removed() -> None:
    (found,) = diff({"notes": ["a", "b", "c"]}, {"notes": ["c", "a", "b"]}).slices
    assert [(old.position, new.position) for old, new in found.moved] == [(2, 0)]
    assert [*found.added, *found.removed, *found.changed] == []


def test_a_single_value_differs_by_pointers(substrate: Substrate) -> None:
    packet = collect(Session, PARAMETERS, substrate=substrate).packet
    first, second = packet.program.milestones
    moved = Milestone(name=second.name, due=second.due.replace(day=9))
    program = packet.program.model_copy(update={"milestones": [first, moved], "coach": "Bo"})
    found = diff(packet, packet.model_copy(update={"program": program})).as_json()
    assert found == {
        "parameters": [],
        "slices": {
            "program": {
                "differences": [
                    {"pointer": "/coach", "earlier": "Ana", "later": "Bo"},
                    {
                        "pointer": "/milestones/1/due",
                        "earlier": "2026-05-01",
                        "later": "2026-05-09",
                    },
                ]
            }
        },
    }


def test_parameters_differ_by_name() -> None:
    found = diff({"student": "maya", "week": 1}, {"student": "noor", "day": 2})
    assert [difference.as_json() for difference in found.parameters] == [
        {"pointer": "/day", "later": 2},
        {"pointer": "/student", "earlier": "maya", "later": "noor"},
        {"pointer": "/week", "earlier": 1},
    ]
    assert not diff({"student": "maya"}, {"student": "maya"})


def test_true_and_one_are_two_values() -> None:
    assert diff({"a": [True]}, {"a": [1]})
    assert diff({"a": {"b": 1}}, {"a": {"b": True}})


def test_a_slice_that_was_missing_is_named() -> None:
    added = diff({"a": None}, {"a": ["x"]})
    assert [difference.pointer for difference in added.parameters] == ["/a"]
    (found,) = diff(Content({}, {"a": None}, {}), Content({}, {"a": ["x"]}, {})).slices
    assert [part.value for part in found.added] == ["x"]
    (empty,) = diff(Content({}, {"a": None}, {}), Content({}, {"a": []}, {})).slices
    assert empty.as_json() == {"differences": [{"pointer": "", "earlier": None, "later": []}]}


def test_packets_and_their_json_differ_alike(substrate: Substrate) -> None:
    packet = collect(Session, PARAMETERS, substrate=substrate).packet
    later = packet.model_copy(update={"journal": packet.journal[1:]})
    one = diff(packet, later).slices
    two = diff(read(packet_to_json(packet)), read(packet_to_json(later))).slices
    contents: list[Content] = []
    for side in (packet, later):
        found = digests(side)
        blobs = {digest: found.data[name] for name, digest in found.slices.items()}
        contents.append(Content.from_record(found.record, blobs.__getitem__))
    assert one == two == diff(*contents).slices
    assert digests(packet).slices["journal"] != digests(later).slices["journal"]
