"""The gateway: what is recorded before it is spent, adopted after a crash, and never asked twice."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, field_validator

from atelier import Ask, Cite, Harness, Packet, RunOptions, Workflow, elements, stage
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.rows import Attempt, CallRow, Cap, Outcome, RunStatus
from atelier.ledger.store import Commit
from atelier.models import Request, Response, Usage
from atelier.models.fault import Asked, Fault, Found, make_error
from atelier.orchestrate import question as asking
from atelier.orchestrate.outcome import Run
from atelier.testing.scripted import ScriptedModel


class Evidence(Packet):
    student: str


class Draft(BaseModel):
    text: str
    cites: list[Cite] = []


MAYA = Evidence(student="maya")


def said(text: str) -> str:
    return json.dumps({"text": text})


def drafting(folder: Path, name: str = "draft", suffix: str = "") -> Any:
    """A stage that asks; one with another suffix is another recipe with the same request."""

    async def function(ask: Ask[Draft], student: str) -> Draft:
        answer = await ask(student=student)
        return Draft(text=answer.text + suffix)

    function.__name__ = name
    return stage(model="writer", prompt=str(folder / "prompt.md"))(function)


def workflow(folder: Path, suffix: str = "") -> Workflow[Any]:
    return Workflow("w", packet=Evidence, stages=[drafting(folder, suffix=suffix)])


def text_of(run: Run[Any], flow: Workflow[Any]) -> str:
    draft: Draft = run.value(flow.stages[0])
    return draft.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prompt.md").write_text("How is {{student}}?")
    return tmp_path


@pytest.fixture
def open_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Harness]]:
    monkeypatch.setattr(asking, "random", lambda: 0.0)
    opened: list[Harness] = []

    def opener(**models: Any) -> Harness:
        opened.append(Harness.open(folder, models=models))
        return opened[-1]

    yield opener
    for harness in opened:
        harness.close()


def attempts(harness: Harness, run: str) -> list[tuple[int, str]]:
    return [(one.number, one.outcome) for one in harness.ledger.iter_attempts(run)]


def test_an_accepted_answer_is_never_asked_for_again(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    model = ScriptedModel([said("fine")])
    harness = open_with(writer=model)
    first = harness.run_sync(workflow(folder), MAYA)
    flow = workflow(folder, suffix="!")
    edited = harness.run_sync(flow, MAYA)
    assert (first.result("draft").requests, edited.result("draft").requests) == (1, 0)
    assert edited.result("draft").outcome is Outcome.RAN, "its code was edited"
    assert text_of(edited, flow) == "fine!"
    assert attempts(harness, edited.id) == []


def test_runs_that_ask_the_same_at_once_send_one_request(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    model = ScriptedModel([said("fine")])
    harness = open_with(writer=model)
    flows = [workflow(folder, suffix=mark) for mark in ".!?"]

    async def all_at_once() -> list[str]:
        runs = await asyncio.gather(*(harness.run(flow, MAYA) for flow in flows))
        return [text_of(run, flow) for run, flow in zip(runs, flows, strict=True)]

    assert asyncio.run(all_at_once()) == ["fine.", "fine!", "fine?"]
    assert len(model.requests) == 1


def test_the_same_question_twice_in_a_stage_has_one_answer(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def twice(ask: Ask[Draft], student: str) -> Draft:
        answers = await asyncio.gather(ask(student=student), ask(student=student))
        return Draft(text=" ".join(answer.text for answer in answers))

    model = ScriptedModel([said("one"), said("two"), said("three")])
    harness = open_with(writer=model)
    flow = Workflow("w", packet=Evidence, stages=[twice])
    assert harness.run_sync(flow, MAYA).value(twice).text == "one one"
    again = harness.run_sync(flow, MAYA, options=RunOptions(refresh={"twice": "a second opinion"}))
    assert again.value(twice).text == "two two", "the next draw, once"
    call = next(harness.ledger.iter_attempts(again.id)).call
    current = harness.ledger.find_calls([call])[call]
    assert current is not None
    assert current.draw == 1


def test_questions_that_are_asked_at_once_do_not_mix_their_attempts(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    days = [f"day {number}" for number in range(12)]

    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def every_day(ask: Ask[Draft], student: str) -> list[str]:
        answers = await asyncio.gather(*(ask(student=f"{student} on {day}") for day in days))
        return [answer.text for answer in answers]

    class Slow(ScriptedModel):
        async def send(self, request: Request, /) -> bytes:
            day = int(request.messages[0].text.split()[-1].rstrip("?"))
            await asyncio.sleep(0.002 * (day % 5))
            return await super().send(request)

    def script(request: Request) -> str:
        day = request.messages[0].text.split(" on ")[1].rstrip("?\n")
        return "no" if len(request.messages) == 1 and day.endswith(("1", "3")) else said(day)

    harness = open_with(writer=Slow(script))
    run = harness.run_sync(Workflow("w", packet=Evidence, stages=[every_day]), MAYA)
    assert run.value(every_day) == days
    by_call: dict[str, list[tuple[int, str]]] = {}
    for one in harness.ledger.iter_attempts(run.id):
        by_call.setdefault(one.call, []).append((one.number, one.outcome))
    plain, again = [(1, "answered")], [(1, "rejected"), (2, "answered")]
    assert sorted(map(len, by_call.values())) == [1] * 9 + [2] * 3
    assert all(kept in (plain, again) for kept in by_call.values())
    assert run.result("every_day").requests == 15


def test_an_answer_of_nothing_is_an_answer(open_with: Callable[..., Harness], folder: Path) -> None:
    def flow(suffix: str) -> Workflow[Any]:
        async def perhaps(ask: Ask[str | None], student: str) -> str:
            return f"{await ask(student=student)}{suffix}"

        asks = stage(model="writer", prompt=str(folder / "prompt.md"))(perhaps)
        return Workflow("w", packet=Evidence, stages=[asks])

    model = ScriptedModel(["null", '"asked again"'])
    harness = open_with(writer=model)
    for suffix in (".", "!"):
        run = harness.run_sync(flow(suffix), MAYA)
        assert run.status is RunStatus.COMPLETE
    assert len(model.requests) == 1


def test_rejected_answers_are_attempts_and_no_calls(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    harness = open_with(writer=ScriptedModel(["no", "no", "no", said("at last")]))
    failed = harness.run_sync(workflow(folder), MAYA)
    sent = list(harness.ledger.iter_attempts(failed.id))
    assert [(one.number, one.outcome) for one in sent] == [
        (1, "rejected"),
        (2, "rejected"),
        (3, "rejected"),
    ]
    assert harness.ledger.find_calls([sent[0].call]) == {}
    assert harness.run_sync(workflow(folder), MAYA).result("draft").requests == 1


def test_a_recorded_answer_that_today_s_checks_refuse_is_a_miss(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    handle = "journal-00000000"
    cited = json.dumps({"text": "x", "cites": [{"handle": handle, "quote": "I slept"}]})
    harness = open_with(writer=ScriptedModel([cited, said("fine"), said("unasked")]))
    run = harness.run_sync(workflow(folder), MAYA)
    assert attempts(harness, run.id) == [(1, "rejected"), (2, "answered")]
    call = next(harness.ledger.iter_attempts(run.id)).call
    recorded = harness.ledger.find_calls([call])[call]
    assert recorded is not None
    # The store holds other bytes for the answer: it is asked for again, as the next draw.
    damage(folder, recorded.answer)
    flow = workflow(folder, suffix="!")
    assert text_of(harness.run_sync(flow, MAYA), flow) == "unasked!"
    current = harness.ledger.find_calls([call])[call]
    assert current is not None
    assert current.draw == 1


def damage(folder: Path, digest: str) -> None:
    code = (
        "import apsw, sys\n"
        "db = apsw.Connection(sys.argv[1])\n"
        "db.execute('update blob set data = ? where digest = ?', (b'{}', sys.argv[2]))\n"
    )
    path = str(folder / ".atelier" / "ledger.sqlite")
    subprocess.run([sys.executable, "-c", code, path, digest], check=True)


RATE = Found(status=429, retry_after=0.0)
CUT = Found(in_doubt=True, partial=b"half an ans")


def failing(fault: Fault, found: Found) -> Any:
    return make_error(fault, Asked(model="m"), found)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([failing(Fault.RATE_LIMIT, RATE), said("a")], ["failed", "answered"]),
        ([failing(Fault.OVERLOADED, Found())] * 5, ["failed"] * 5),
        ([failing(Fault.CUT, CUT), said("a")], ["in_doubt", "answered"]),
        ([failing(Fault.CUT, CUT)] * 3, ["in_doubt"] * 2),
        ([failing(Fault.QUOTA, Found()), said("a")], ["failed"]),
        ([failing(Fault.RATE_LIMIT, Found(retry_after=3600.0)), said("a")], ["failed"]),
        ([failing(Fault.EMPTY, Found()), said("a")], ["failed", "answered"]),
    ],
)
def test_the_type_of_a_failure_says_what_happens_next(
    open_with: Callable[..., Harness], folder: Path, script: list[Any], expected: list[str]
) -> None:
    model = ScriptedModel(script)
    harness = open_with(writer=model)
    run = harness.run_sync(workflow(folder), MAYA)
    sent = list(harness.ledger.iter_attempts(run.id))
    assert [one.outcome for one in sent] == expected
    assert len(model.requests) == len(sent), "every request has its attempt"
    answered = expected[-1] == "answered"
    assert run.status is (RunStatus.COMPLETE if answered else RunStatus.FAILED)
    assert all(one.incurred is None for one in sent if one.outcome == "in_doubt")
    assert all(one.incurred == 0 for one in sent if one.outcome == "failed")
    cut = [one.response for one in sent if one.outcome == "in_doubt"]
    assert all(harness.runtime.content.read(one or "") == b"half an ans" for one in cut)


def test_an_answer_that_was_cut_at_the_limit_is_charged_and_never_kept(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    used = Usage(input_tokens=70, output_tokens=30)
    cut = failing(Fault.LENGTH, Found(usage=used, served="m-1"))
    harness = open_with(writer=ScriptedModel([cut]))
    run = harness.run_sync(workflow(folder), MAYA)
    (sent,) = harness.ledger.iter_attempts(run.id)
    assert (sent.outcome, sent.input_tokens, sent.model_served) == ("failed", 70, "m-1")
    assert sent.incurred is None, "its price is unknown, and not zero"
    assert harness.ledger.find_calls([sent.call]) == {}


def test_where_a_budget_holds_a_model_without_a_price_is_not_asked(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    model = ScriptedModel([said("fine")])
    harness = open_with(writer=model)
    caps = (Cap(limit=1_000_000, what="for this run"),)
    run = harness.run_sync(workflow(folder), MAYA, options=RunOptions(caps=caps))
    assert (run.result("draft").error or {})["code"] == "models.unpriced"
    assert model.requests == []


def test_a_price_of_the_installs_own_is_reserved_charged_and_named(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    (folder / "atelier.toml").write_text(
        '[models.writer]\nuse = "acme:m-1"\nprice = { input = 1, output = 4 }\n'
    )
    harness = open_with(writer=ScriptedModel([said("fine")]))
    caps = (Cap(limit=1_000_000, what="for this run"),)
    run = harness.run_sync(workflow(folder), MAYA, options=RunOptions(caps=caps))
    (sent,) = harness.ledger.iter_attempts(run.id)
    assert sent.price_table == "atelier.toml: input 1, cached 1, output 4"
    assert sent.incurred == (sent.input_tokens or 0) + 4 * (sent.output_tokens or 0)
    assert (sent.reserved or 0) > (sent.incurred or 0) > 0


def test_a_number_that_its_type_can_hold_is_an_answer(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def owed(ask: Ask[Decimal], student: str) -> Decimal:
        return await ask(student=student)

    model = ScriptedModel(["12345678901234567890"])
    run = open_with(writer=model).run_sync(Workflow("w", packet=Evidence, stages=[owed]), MAYA)
    assert run.value(owed) == Decimal(12345678901234567890)
    assert run.result("owed").requests == 1


def test_a_refused_budget_loses_no_row_that_waited_for_the_next_commit(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    @stage
    def first(student: str) -> str:
        return student[:1]

    @stage
    def second(first: str) -> str:
        return first

    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def asks(ask: Ask[str], second: str, student: str) -> str:
        return await ask(student=f"{student} {second}")

    flow = Workflow("w", packet=Evidence, stages=[first, second, asks])
    harness = open_with(writer=ScriptedModel(lambda _: '"told"'))
    harness.run_sync(flow, MAYA)
    caps = (Cap(limit=0, what="for this run"),)
    run = harness.run_sync(flow, Evidence(student="mona"), options=RunOptions(caps=caps))
    rows = [(row.stage, row.outcome.value) for row in harness.ledger.iter_stage_rows(run.id)]
    assert rows == [("first", "ran"), ("second", "reused"), ("asks", "failed")]


@pytest.mark.parametrize(
    ("kind", "refused", "taken", "why"),
    [
        (float, "1e999", "0.5", "inf is not JSON"),
        (datetime, '"2026-03-01T12:00:00"', '"2026-03-01T12:00:00Z"', "a time without a zone"),
    ],
)
def test_an_answer_without_a_canonical_form_is_asked_again(
    open_with: Callable[..., Harness],
    folder: Path,
    kind: Any,
    *,
    refused: str,
    taken: str,
    why: str,
) -> None:
    async def told(ask: Any, student: str) -> Any:
        return await ask(student=student)

    told.__annotations__ |= {"ask": Ask[kind], "return": kind}
    asks = stage(model="writer", prompt=str(folder / "prompt.md"))(told)
    model = ScriptedModel([refused, taken])
    run = open_with(writer=model).run_sync(Workflow("w", packet=Evidence, stages=[asks]), MAYA)
    assert run.result("told").requests == 2
    assert why in model.requests[1].messages[-1].text


class Journal(Packet):
    student: str
    journal: list[str]


class Unmoved(BaseModel):
    """A draft of the same form whose validator refuses more."""

    __doc__ = None
    text: str
    cites: list[Cite] = []

    @field_validator("text")
    @classmethod
    def is_moved(cls, text: str) -> str:
        if text == "fine":
            raise ValueError("say more")
        return text


def test_a_recorded_answer_that_a_validator_refuses_today_is_a_miss(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    async def stricter(ask: Ask[Unmoved], student: str) -> str:
        return (await ask(student=student)).text

    asks = stage(model="writer", prompt=str(folder / "prompt.md"))(stricter)
    model = ScriptedModel([said("fine"), said("fine and rested")])
    harness = open_with(writer=model)
    harness.run_sync(workflow(folder), MAYA)
    again = harness.run_sync(Workflow("w", packet=Evidence, stages=[asks]), MAYA)
    assert again.value(asks) == "fine and rested"
    assert model.requests[0] == model.requests[1], "it is the same question"


def test_a_recorded_answer_whose_citation_stands_no_more_is_a_miss(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    asks = drafting(folder)
    flow = Workflow("w", packet=Journal, stages=[asks])
    first, second = (Journal(student="maya", journal=[text]) for text in ("I slept.", "I ran."))
    handle = elements(first)[0].handle
    cited = {"text": "x", "cites": [{"handle": handle, "quote": "I slept"}]}
    model = ScriptedModel([json.dumps(cited), said("without a word of it")])
    harness = open_with(writer=model)
    assert harness.run_sync(flow, first).result("draft").requests == 1
    edited = Workflow("w", packet=Journal, stages=[drafting(folder, suffix="!")])
    assert text_of(harness.run_sync(edited, second), edited) == "without a word of it!"
    assert harness.run_sync(edited, first).result("draft").requests == 0


def test_the_answer_that_was_committed_first_is_the_one_that_is_returned(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    theirs = said("theirs").encode()

    class Overtaken(ScriptedModel):
        async def send(self, request: Request, /) -> bytes:
            (run,) = harness.ledger.iter_runs(limit=1)
            (intent,) = harness.ledger.iter_attempts(run.start.run)
            row = CallRow(
                call=intent.call,
                draw=0,
                answer=digest_bytes(answer),
                attempt=intent.id,
                run=intent.run,
                stage="draft",
                recorded_at=intent.sent_at,
            )
            harness.ledger.commit(Commit(calls=(row,), blobs={row.answer: answer})).result()
            return await super().send(request)

    answer = canonical(json.loads(theirs) | {"cites": []})
    harness = open_with(writer=Overtaken([said("ours")]))
    flow = workflow(folder)
    run = harness.run_sync(flow, MAYA)
    assert text_of(run, flow) == "theirs"
    call = next(harness.ledger.iter_attempts(run.id)).call
    current = harness.ledger.find_calls([call])[call]
    assert current is not None
    assert (current.draw, current.answer) == (0, digest_bytes(answer))


def test_a_run_that_is_cancelled_records_what_was_on_its_way(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    class Hanging(ScriptedModel):
        async def send(self, request: Request, /) -> bytes:
            sent.set()
            await asyncio.sleep(60)
            return b""

    sent = asyncio.Event()
    harness = open_with(writer=Hanging([]))

    async def cancelled() -> None:
        running = asyncio.ensure_future(harness.run(workflow(folder), MAYA))
        await sent.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancelled())
    (run,) = harness.ledger.iter_runs(limit=1)
    assert run.status is RunStatus.INTERRUPTED
    assert attempts(harness, run.start.run) == [(1, "in_doubt")]


CRASHING = """
import os, sys
from pathlib import Path
from atelier import Harness
from atelier.testing.scripted import ScriptedModel
import importlib.util
spec = importlib.util.spec_from_file_location("case", sys.argv[1])
case = importlib.util.module_from_spec(spec)
sys.modules["case"] = case
spec.loader.exec_module(case)
where, folder = sys.argv[2], Path(sys.argv[3])
passed = []

def passes(point):
    passed.append(point)
    if where == f"{point} {passed.count(point)}":
        os._exit(9)

class Crashing(ScriptedModel):
    async def send(self, request):
        passes("intent")
        with open(folder / "sent", "a") as log:
            log.write("x")
        receipt = await super().send(request)
        passes("sent")
        return receipt

    async def read(self, request, receipt):
        passes("received")
        response = await super().read(request, receipt)
        passes("read")
        return response

with Harness.open(folder, models={"writer": Crashing(case.second_thought)}) as harness:
    harness.run_sync(case.workflow(folder), case.MAYA)
"""


def second_thought(request: Request) -> str:
    """An answer that is refused, and the one that comes when it is asked for again."""
    return "no" if len(request.messages) == 1 else said("paid for")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "in_all", "outcomes"),
    [
        ("intent 1", 2, ["in_doubt", "rejected", "answered"]),
        ("sent 1", 3, ["in_doubt", "rejected", "answered"]),
        ("received 1", 2, ["rejected", "answered"]),
        ("read 1", 2, ["rejected", "answered"]),
        ("intent 2", 2, ["rejected", "in_doubt", "answered"]),
        ("sent 2", 3, ["rejected", "in_doubt", "answered"]),
        ("received 2", 2, ["rejected", "answered"]),
        ("read 2", 2, ["rejected", "answered"]),
    ],
)
def test_a_crash_at_any_point_of_a_call_sends_one_request_again_at_most(
    open_with: Callable[..., Harness], folder: Path, where: str, in_all: int, outcomes: list[str]
) -> None:
    command = [sys.executable, "-c", CRASHING, __file__, where, str(folder)]
    assert subprocess.run(command, check=False).returncode == 9
    log = folder / "sent"
    sent = len(log.read_text()) if log.exists() else 0
    model = ScriptedModel(second_thought)
    harness = open_with(writer=model)
    flow = workflow(folder)
    run = harness.run_sync(flow, MAYA)
    assert text_of(run, flow) == "paid for"
    assert len(model.requests) == run.result("draft").requests
    assert sent + len(model.requests) == in_all, "two, and what was in doubt"
    runs = [record.start.run for record in harness.ledger.iter_runs(limit=9)]
    kept: list[Attempt] = [one for each in runs[::-1] for one in harness.ledger.iter_attempts(each)]
    assert [one.outcome for one in kept] == outcomes
    assert all(one.ended_at for one in kept)


def test_another_model_stands_in_and_its_answer_serves_one_run_only(folder: Path) -> None:
    (folder / "atelier.toml").write_text(
        '[models.writer]\nuse = "own:first"\nfallback = ["spare"]\n[models.spare]\nuse = "own:spare"\n'
    )
    first = ScriptedModel([failing(Fault.QUOTA, Found()), said("from the first")])
    spare = ScriptedModel([said("from the spare")])
    models = {"writer": first, "spare": spare}
    with Harness.open(folder, models=models) as harness:
        flow = workflow(folder)
        run = harness.run_sync(flow, MAYA)
        assert text_of(run, flow) == "from the spare"
        (row,) = harness.ledger.iter_stage_rows(run.id)
        assert (row.model_class, row.sound) == ("writer", False)
        assert [one.model_class for one in harness.ledger.iter_attempts(run.id)] == [
            "writer",
            "spare",
        ]
        assert "spare answered" in run.warnings[0]
        assert text_of(harness.run_sync(flow, MAYA), flow) == "from the first"
        assert harness.run_sync(flow, MAYA).served == "cache"


class Remarkable(ScriptedModel):
    """A model of which something is to be said beside its answer."""

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        facts = {"dropped": ["temperature", "top_p"], "usage_suspect": True}
        return replace(await super().read(request, receipt), facts=facts)


def test_what_was_not_sent_and_what_cannot_be_known_is_told_once(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    flow = workflow(folder)
    run = open_with(writer=Remarkable(["no", said("a")])).run_sync(flow, MAYA)
    assert run.result("draft").requests == 2
    assert run.warnings == (
        (
            "own:writer was asked without temperature, top_p: it does not take what "
            "[models.writer.sampling] says of them."
        ),
        "own:writer told of a usage that cannot be: what it cost may be unknown. Compare with the bill.",
    )


def test_a_response_is_read_from_its_receipt_alone() -> None:
    async def both() -> tuple[Response, Response]:
        model, request = ScriptedModel([said("a")]), Request({}, (), {})
        receipt = await model.send(request)
        return await model.read(request, receipt), await ScriptedModel([]).read(request, receipt)

    first, second = asyncio.run(both())
    assert first == second


def test_questions_asked_at_once_in_one_stage_keep_their_own_attempts(
    open_with: Callable[..., Harness], folder: Path
) -> None:
    @stage(model="writer", prompt=str(folder / "prompt.md"))
    async def several(ask: Ask[Draft], student: str) -> list[str]:
        answers = await asyncio.gather(*(ask(student=f"{student} {n}") for n in range(8)))
        return [answer.text for answer in answers]

    class Slow(ScriptedModel):
        async def send(self, request: Request, /) -> bytes:
            receipt = await super().send(request)
            turns = len(request.messages)
            await asyncio.sleep(len(request.messages[0].text) % 3 / 100 + turns / 200)
            return receipt

    def answer(request: Request) -> str:
        asked = request.messages[0].text
        odd = int(asked[-2]) % 2
        return "no" if odd and len(request.messages) == 1 else said(asked)

    harness = open_with(writer=Slow(answer))
    flow = Workflow("w", packet=Evidence, stages=[several])
    run = harness.run_sync(flow, MAYA)
    assert run.value(several) == [f"How is maya {n}?" for n in range(8)]
    sent = list(harness.ledger.iter_attempts(run.id))
    assert sorted(one.outcome for one in sent) == ["answered"] * 8 + ["rejected"] * 4
    assert all(one.ended_at for one in sent)
    assert len({one.id for one in sent}) == 12
    assert run.result("several").requests == 12
    for one in sent:
        receipt = json.loads(harness.runtime.content.read(one.response or "") or b"")
        assert (receipt["input"], receipt["output"]) == (one.input_tokens, one.output_tokens)
