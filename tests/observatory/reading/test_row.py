import json
from collections.abc import Callable
from typing import Any

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import Attempt, Outcome, Row, RunStart
from atelier.ledger.store import Commit
from atelier.models.client import Message, Request
from atelier.models.receipt import Receipt
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.row import RowView, view_row
from atelier.observatory.reading.text import LONGEST

AT, LATER = "2026-03-12T10:00:00.000Z", "2026-03-12T10:00:02.250Z"


def row_of(archive: Archive, run: Any, stage: str) -> RowView:
    row = archive.find_stage_row(run.start.run, stage)
    assert row is not None
    return view_row(archive, row)


def test_inputs_stand_by_slice_with_their_text_and_origin(made: Any, archive: Archive) -> None:
    inputs = {item.parameter: item for item in row_of(archive, made.edited, "draft").inputs}
    transcript = inputs["transcript"]
    assert (transcript.elements, transcript.is_lens) == (206, False)
    assert str(transcript.origins[93]).startswith("students/maya/s12.vtt:")
    assert transcript.value is not None
    assert transcript.value.length > len(transcript.value.text) == LONGEST, "it is cut"


def test_a_packet_as_input_is_each_of_its_slices(made: Any, archive: Archive) -> None:
    inputs = {item.parameter: item for item in row_of(archive, made.edited, "grounded").inputs}
    assert inputs["packet.journal"].elements == 7
    assert inputs["draft"].made is not None
    assert inputs["draft"].made.run == made.edited.start.run


def test_components_say_what_they_cover(made: Any, archive: Archive) -> None:
    found = {item.label: item for item in row_of(archive, made.edited, "draft").components}
    prompt = next(item for label, item in found.items() if label.startswith("prompt/"))
    assert prompt.covers.startswith("a file of the prompt, as it stands: ")
    assert prompt.text is not None
    assert "transcript" in prompt.text.text


def test_what_changed_is_shown_with_its_difference(made: Any, archive: Archive) -> None:
    (altered,) = row_of(archive, made.edited, "draft").explained.altered
    assert altered.reason.text == "input changed: transcript"
    assert [place.pointer for place in altered.places] == ["/93/text"]


def test_a_reused_row_names_the_row_that_made_it_and_that_one_its_users(
    made: Any, archive: Archive
) -> None:
    reused = row_of(archive, made.served, "review")
    assert reused.made is not None
    source = row_of(archive, made.first, "review")
    assert reused.made.seq == source.seq
    assert source.reused_by == (made.served.start.run,)
    assert source.read_by == ("synthesis",)


def test_a_row_whose_output_is_gone_says_so(
    made: Any, archive: Archive, without: Callable[..., Archive]
) -> None:
    row = archive.find_stage_row(made.edited.start.run, "draft")
    assert row is not None
    assert row.output is not None
    view = view_row(without(row.output), row)
    assert view.value is None
    assert view.missing == ("The bytes of the output are gone from the store.",)


def test_every_row_is_json(made: Any, archive: Archive) -> None:
    for row in archive.ledger.iter_stage_rows(made.edited.start.run):
        assert json.loads(json.dumps(to_json(view_row(archive, row))))["stage"] == row.stage


def attempt(number: int, *, response: bytes | None, **facts: Any) -> Attempt:
    return Attempt(
        id=f"a{number}",
        run="01",
        stage="draft",
        call="c",
        number=number,
        request=digest_bytes(REQUEST),
        model_class="writer",
        model_requested="openai:m",
        sent_at=AT,
        ended_at=LATER,
        response=digest_bytes(response) if response else None,
        **facts,
    )


REQUEST = canonical(
    Request({"use": "openai:m"}, (Message("user", "Say <b>what</b> moved."),), {}).as_json()
)
FIRST = Receipt(200, {"date": "now"}, b'{"text": "no"}').as_bytes()
SECOND = b'{"text": "She ran."}'


def test_attempts_show_the_prompt_as_sent_and_the_answer_as_received() -> None:
    row = Row(run="01", stage="draft", outcome=Outcome.RAN, recorded_at=AT, reason="first run")
    ledger = MemoryLedger()
    commit = Commit(
        start=RunStart(run="01", workflow="week", scope="", packet="p", run_key="k", started_at=AT),
        rows=(row,),
        blobs={digest_bytes(data): data for data in (REQUEST, FIRST, SECOND)},
        attempts=(
            attempt(1, response=FIRST, outcome="rejected", incurred=40),
            attempt(2, response=SECOND, outcome="answered", incurred=None),
            attempt(3, response=b"gone", outcome="answered"),
        ),
    )
    (row,) = ledger.commit(commit).result().rows
    view = view_row(Archive(ledger, ledger.find_blob), row)
    first, second, third = view.attempts
    assert [turn.text.text for turn in first.sent.turns] == ["Say <b>what</b> moved."]
    assert first.received is not None
    assert (first.received.status, first.seconds, first.incurred) == (200, 2.25, 40)
    assert first.received.body is not None
    assert first.received.body.text == '{"text": "no"}'
    assert second.received is not None
    assert second.received.body is not None
    assert (second.received.status, second.received.body.text) == (None, SECOND.decode())
    assert third.received is not None
    assert third.received.is_missing
