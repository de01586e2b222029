import json
from collections.abc import Callable
from typing import Any

import pytest

from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.blast import Blast, blast_radius
from atelier.observatory.reading.packet import PacketView, view_packet
from atelier.observatory.reading.packet_diff import view_packet_diff
from atelier.observatory.reading.packet_record import find_packet
from atelier.observatory.reading.plain import to_json


def packet_of(archive: Archive, run: Any) -> PacketView:
    view = view_packet(archive, run.start.packet)
    assert view is not None
    return view


def test_a_slice_says_who_read_it_and_how(made: Any, archive: Archive) -> None:
    slices = {item.name: item for item in packet_of(archive, made.edited).slices}
    journal = slices["journal"]
    # Two of them stand beside each other, and either may have been first.
    assert {one.stage: one.with_packet for one in journal.readers} == {
        "crosscheck": False,
        "grounded": True,
        "crosschecked": True,
        "review": True,
    }
    assert (journal.count, journal.files) == (7, ("journal",))
    assert slices["commitments"].obliged == 4
    assert (slices["transcript"].size or 0) > 10_000


def test_a_packet_names_its_runs_and_those_beside_it(made: Any, archive: Archive) -> None:
    view = packet_of(archive, made.first)
    assert [run.run for run in view.runs] == [made.served.start.run, made.first.start.run]
    assert [run.run for run in view.others] == [made.edited.start.run]
    assert view.subject == "maya"


def test_an_unknown_packet_is_none(archive: Archive) -> None:
    assert view_packet(archive, "sha256:0") is None


def test_a_diff_names_the_element_that_changed(made: Any, archive: Archive) -> None:
    earlier, later = (find_packet(archive, run.start.packet) for run in (made.first, made.edited))
    assert earlier is not None
    assert later is not None
    found = view_packet_diff(earlier, later)
    (item,) = found.slices
    (change,) = item.changed
    assert (item.name, change.later.position) == ("transcript", 93)
    assert change.later.origin.speaker == "Maya"
    (place,) = change.places
    assert place.pointer == "/text"
    assert place.later is not None
    assert "the whole casing section" in place.later.text
    assert json.loads(json.dumps(to_json(found)))["slices"][0]["left_out"] == 0


def test_a_slice_that_is_gone_is_named_and_not_compared(
    made: Any, archive: Archive, without: Callable[..., Archive]
) -> None:
    record = archive.ledger.find_packet(made.first.start.packet)
    assert record is not None
    gone = without(record.slices["transcript"])
    earlier, later = (find_packet(gone, run.start.packet) for run in (made.first, made.edited))
    assert earlier is not None
    assert later is not None
    found = view_packet_diff(earlier, later)
    assert found.slices == ()
    assert found.missing == ("The content of slice 'transcript' is gone from the store.",)


@pytest.fixture
def of_journal(made: Any, archive: Archive) -> Blast:
    return blast_radius(archive, made.edited, "journal", position=2)


def test_the_blast_of_a_slice_is_its_readers_and_what_rests_on_them(of_journal: Blast) -> None:
    struck = {one.stage: (one.is_direct, one.through) for one in of_journal.struck}
    assert struck == {
        "crosscheck": (True, ()),
        "grounded": (True, ()),
        "crosschecked": (True, ("crosscheck",)),
        "contested": (False, ("grounded", "crosschecked")),
        "review": (True, ("contested",)),
        "synthesis": (False, ("contested", "crosschecked", "review")),
    }
    order = list(struck)
    for stage, (_, through) in struck.items():
        assert all(order.index(one) < order.index(stage) for one in through)
    assert of_journal.spared == ("draft",)
    assert of_journal.stages == 7


def test_the_blast_is_estimated_from_what_the_stages_took(of_journal: Blast) -> None:
    least, most = of_journal.least.seconds, of_journal.most.seconds
    assert least is not None
    assert most is not None
    assert 0 < least[0] <= most[0] <= most[1]
    assert most[1] > least[1]
    assert json.loads(json.dumps(to_json(of_journal)))["least"]["usd"] is None


def test_what_the_blast_foretells_is_what_ran(made: Any, archive: Archive) -> None:
    foretold = blast_radius(archive, made.first, "transcript", position=93)
    rows = archive.ledger.iter_stage_rows(made.edited.start.run)
    ran = {row.stage for row in rows if row.outcome.value == "ran"}
    assert {one.stage for one in foretold.struck} == ran
    assert foretold.spared == ()
