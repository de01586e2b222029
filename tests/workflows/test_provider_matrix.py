"""Every fault of a provider through the whole harness: what is recorded, charged, told and kept.

The gate takes a sample by a seed; ATELIER_MATRIX=all takes every case, ATELIER_SEED another sample.
"""

import asyncio
import logging
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import apsw
import pytest
from pydantic import BaseModel

from atelier import Ask, Harness, Packet, Workflow, stage
from atelier.ledger.rows import Attempt, RunStatus
from atelier.models.endpoint import DIALECTS
from atelier.models.fault import RULES
from atelier.orchestrate import question as asking
from atelier.orchestrate.outcome import Run
from atelier.testing.provider import (
    FAULTS,
    Asked,
    Behaviour,
    FakeProvider,
    Fault,
    HugeBody,
    ObedientModel,
    Price,
    Seen,
    TinyChunks,
)

MODELS = {
    "openai": "openai:gpt-5-mini",
    "openai-responses": "openai:gpt-5-mini",
    "anthropic": "anthropic:claude-haiku-4-5",
    "google": "google:gemini-2.5-flash",
}
# What the installed table of prices says, so that both sides count alike.
PRICES = {
    "gpt-5-mini": Price(input=250_000, output=2_000_000, cached=25_000),
    "claude-haiku-4-5": Price(input=1_000_000, output=5_000_000, cached=100_000),
    "gemini-2.5-flash": Price(input=300_000, output=2_500_000, cached=30_000),
}
MARK = "c4n4ry"
KEYS = (
    f"sk-{MARK}-0123456789abcdefABCDEF",
    f"sk-ant-api03-{MARK}_x-y_0123456789-AAAA",
    f"AIzaSy{MARK}-0123456789_abcdefghijklmn",
    f"eyJhbGciOiJIUzI1NiJ9.{MARK}.c2lnbmF0dXJl-x_y",
    f"Y2FuYXJ5+/{MARK}/plus+slash==",
    f'{MARK}"quoted\\and/slashed',
    f"{MARK} key&with=specials%20here!",
    f"{MARK}{'0123456789abcdef' * 4}",
)
SAMPLE = 56
ALL = os.environ.get("ATELIER_MATRIX") == "all"


class Evidence(Packet):
    case: str


class Draft(BaseModel):
    text: str
    count: int


@dataclass
class Case:
    """One fault in one dialect and manner, and what the provider saw of it."""

    name: str
    dialect: str
    fault: Fault
    stream: bool
    seen: list[str] = field(default_factory=list[str])
    healthy: bool = False

    def __str__(self) -> str:
        manner = "stream" if self.stream else "plain"
        return f"{self.name}: {self.dialect}, {manner}, {self.fault.row} {self.fault.name}"

    @property
    def behaviour(self) -> Behaviour:
        """What the provider does next; one that asks to be waited for does so once."""
        waits = self.fault.row in {"P1", "P16"} and len(self.seen) > 1
        return ObedientModel() if self.healthy or waits else self.fault.behaviour

    def settings(self, url: str) -> str:
        wait = "{total = 4, idle = 1.5}" if self.fault.row == "P6" else "{total = 30, idle = 15}"
        return (
            f'[models.{self.name}]\nuse = "{MODELS[self.dialect]}"\nendpoint = "{self.name}"\n'
            f"stream = {str(self.stream).lower()}\ntimeout = {wait}\nsampling = {{max_tokens = 400}}\n"
            f'[endpoints.{self.name}]\nurl = "{url}"\ndialect = "{self.dialect}"\n'
            f'key = "{self.variable}"\n'
        )

    @property
    def variable(self) -> str:
        return f"ATELIER_TEST_{self.name.upper()}"

    @property
    def workflow(self) -> Workflow[Any]:
        async def function(ask: Ask[Draft], case: str) -> Draft:
            return await ask(case=case)

        function.__name__ = self.name
        asks = stage(model=self.name, prompt=str(Path.cwd() / "prompt.md"))(function)
        return Workflow(f"flow-{self.name}", packet=Evidence, stages=[asks])


def cases() -> list[Case]:
    slow = {"a million tiny chunks": HugeBody(500) | TinyChunks()}
    found = [
        (dialect, replace(fault, behaviour=slow.get(fault.name, fault.behaviour)), stream)
        for dialect in DIALECTS
        for stream in (False, True)
        for fault in FAULTS
        if fault.where in {"both", "stream" if stream else "plain"}
    ]
    if not ALL:
        chance = random.Random(os.environ.get("ATELIER_SEED", "1"))  # noqa: S311 - a sample
        rows = sorted({fault.row for _, fault, _ in found})
        # One of each row at least, whatever the seed.
        must = [chance.choice([one for one in found if one[1].row == row]) for row in rows]
        found = [*must, *chance.sample(found, SAMPLE - len(must))]
    return [
        Case(f"c{number}", dialect, fault, stream)
        for number, (dialect, fault, stream) in enumerate(found)
    ]


@dataclass
class Matrix:
    """A project with a class for each case, and a provider that reads its ledger as it answers."""

    folder: Path
    cases: dict[str, Case]
    problems: list[str] = field(default_factory=list[str])
    reader: Any = None

    def play(self, asked: Asked) -> Behaviour:
        found = re.search(r"This is case (c\d+)\.", asked.prompt)
        assert found, asked.prompt
        case = self.cases[found[1]]
        case.seen.append(asked.digest)
        self._check(case)
        return case.behaviour

    def _check(self, case: Case) -> None:
        """By now the intent is durable: a reader of its own finds it in the file."""
        if self.reader is None:
            path = str(self.folder / ".atelier" / "ledger.sqlite")
            self.reader = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
        rows = self.reader.execute(
            "select outcome, reserved, data from attempt left join blob on digest = request "
            "where stage = ? order by attempt.number",
            (case.name,),
        ).fetchall()
        if len(rows) != len(case.seen):
            self.problems.append(f"{case}: {len(rows)} attempts, {len(case.seen)} requests")
        elif rows[-1][0] != "intent" or not rows[-1][1] or case.name.encode() not in rows[-1][2]:
            self.problems.append(f"{case}: at its request its attempt was {rows[-1]}")


@pytest.fixture
def matrix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Matrix, FakeProvider]]:
    monkeypatch.setattr(asking, "random", lambda: 0.0)
    monkeypatch.chdir(tmp_path)
    found = {case.name: case for case in cases()}
    made = Matrix(tmp_path, found)
    (tmp_path / "prompt.md").write_text("This is case {{case}}. Say something of a harbour.")
    with FakeProvider(made.play, prices=PRICES) as provider:
        clients: dict[str, Any] = {"openai-responses": "openai"}
        settings = [
            case.settings(provider.url(clients.get(case.dialect, case.dialect)))
            for case in found.values()
        ]
        (tmp_path / "atelier.toml").write_text("\n".join(settings))
        for number, case in enumerate(found.values()):
            monkeypatch.setenv(case.variable, KEYS[number % len(KEYS)])
        yield made, provider
    if made.reader is not None:
        made.reader.close()


@pytest.mark.slow
def test_whatever_a_provider_does_is_recorded_paid_told_and_never_kept_by_halves(
    matrix: tuple[Matrix, FakeProvider], caplog: pytest.LogCaptureFixture
) -> None:
    made, provider = matrix
    caplog.set_level(logging.DEBUG)
    with Harness.open(made.folder) as harness:
        first = asyncio.run(run_all(harness, made))
        for case in made.cases.values():
            case.healthy = True
        before = {name: len(case.seen) for name, case in made.cases.items()}
        second = asyncio.run(run_all(harness, made))
        said = "".join(map(str, made.problems))
        for case in made.cases.values():
            attempts = [
                one
                for run in (first[case.name], second[case.name])
                for one in harness.ledger.iter_attempts(run.id)
                if not unsent(one)
            ]
            requests = [one for one in provider.requests if one.digest in case.seen]
            problems = [
                *recorded(attempts, requests),
                *paid(
                    attempts,
                    requests,
                    lies=case.fault.row == "P11" or case.fault.name == "no usage",
                ),
                *told(first[case.name]),
                *kept(case, first[case.name], second[case.name], sent=before[case.name]),
            ]
            made.problems += [f"{case}: {problem}" for problem in problems]
            said += str(first[case.name].as_json())
    assert not made.problems, "\n".join(made.problems)
    assert MARK not in said.lower()
    assert MARK not in caplog.text.lower()
    files = [path for path in made.folder.rglob("*") if path.is_file()]
    assert [path for path in files if MARK.encode() in path.read_bytes().lower()] == []


async def run_all(harness: Harness, made: Matrix) -> dict[str, Run[Any]]:
    places = asyncio.Semaphore(16)

    async def run(case: Case) -> Run[Any]:
        async with places:
            try:
                async with asyncio.timeout(100):
                    return await harness.run(case.workflow, Evidence(case=case.name))
            except TimeoutError:
                raise AssertionError(f"{case} goes on and on") from None

    runs: dict[str, Run[Any]] = {}
    # Short deadlines are kept where nothing else holds up the loops of both sides.
    for patient in (True, False):
        some = [case for case in made.cases.values() if (case.fault.row != "P6") is patient]
        done = await asyncio.gather(*map(run, some))
        runs |= {case.name: one for case, one in zip(some, done, strict=True)}
    return runs


def unsent(attempt: Attempt) -> bool:
    """Whether it was over before it began, as it may be where a machine is slow and time is short."""
    told = attempt.error or {}
    return told.get("code") == "models.timeout" and "in doubt" not in told["facts"]


def recorded(attempts: list[Attempt], requests: list[Seen]) -> Iterator[str]:
    """Every request has its attempt, and every attempt an end."""
    if len(attempts) != len(requests):
        yield f"{len(attempts)} attempts, {len(requests)} requests"
    for one in attempts:
        if not one.ended_at or one.outcome not in {"answered", "rejected", "failed", "in_doubt"}:
            yield f"{one.id} is {one.outcome}, ended {one.ended_at}"


def paid(attempts: list[Attempt], requests: list[Seen], *, lies: bool) -> Iterator[str]:
    """What is recorded as spent is what was charged; what is unknown is reserved in full."""
    for one, request in zip(attempts, requests, strict=False):
        charged = request.charge.micros if request.charge else 0
        if one.incurred is None and (one.reserved or 0) < charged:
            yield f"{charged} were charged, {one.reserved} are reserved"
        if lies:
            continue
        if one.incurred is None and one.outcome != "in_doubt":
            yield f"{one.outcome}, and nobody knows what it cost"
        if one.incurred is not None and one.incurred != charged:
            yield f"{charged} were charged, {one.incurred} are recorded ({one.outcome})"


def told(run: Run[Any]) -> Iterator[str]:
    """A failure says what to do."""
    (result,) = run.stages
    if (result.error is None) != (run.status is RunStatus.COMPLETE):
        yield f"{run.status} with the error {result.error}"
    if result.error is None:
        return
    code = result.error["code"]
    known = {rule.code for rule in RULES.values()} | {"ask.schema", "ask.citation", "ask.door"}
    if code not in known or not result.error["next_step"].endswith((".", "`.")):
        yield f"it says {result.error}"
    if "[models.<" in result.error["next_step"] or "endpoint's key" in result.error["next_step"]:
        yield f"it names nothing: {result.error['next_step']}"


def kept(case: Case, first: Run[Any], second: Run[Any], *, sent: int) -> Iterator[str]:
    """A whole answer is never asked for again; anything else always is."""
    asked = len(case.seen) - sent
    if second.status is not RunStatus.COMPLETE:
        yield f"once healthy: {second.status} {second.stages[0].error}"
    elif first.status is RunStatus.COMPLETE:
        one, other = first.stages[0].output, second.stages[0].output
        if asked or one != other:
            yield f"{asked} requests for what was there; {one} became {other}"
    elif not asked:
        yield "what failed was not asked for again"
