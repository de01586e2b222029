"""The index keeps close behind its ledger, and out of the way of runs."""

from collections.abc import Callable, Generator
from threading import Event
from time import monotonic, sleep

import pytest

from atelier.kernel.errors import SetupError
from atelier.ledger.memory import MemoryLedger
from atelier.observatory import following as keeping
from atelier.observatory.following import following
from atelier.observatory.index.index import BATCH, Index
from atelier.testing.ledger_samples import add, start


def runs_in(index: Index) -> int:
    return index.standing().position.runs


def wait_until(holds: Callable[[], bool]) -> None:
    until = monotonic() + 20
    while not holds():
        assert monotonic() < until
        sleep(0.01)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def index(ledger: MemoryLedger) -> Generator[Index]:
    made = Index.temporary(ledger, ledger.find_blob)
    yield made
    made.close()


def test_what_comes_into_the_ledger_comes_into_the_index(
    ledger: MemoryLedger, index: Index
) -> None:
    with following(index, pause=0.01):
        add(ledger, start("r1"))
        wait_until(lambda: runs_in(index) == 1)
        add(ledger, start("r2"))
        wait_until(lambda: runs_in(index) == 2)


def test_what_was_there_is_there_before_anything_is_asked(
    ledger: MemoryLedger, index: Index
) -> None:
    add(ledger, start("r1"))
    with following(index, pause=60):
        assert runs_in(index) == 1


@pytest.mark.parametrize("busy", [False, True])
def test_beside_runs_steps_are_short_and_rare(
    ledger: MemoryLedger, index: Index, monkeypatch: pytest.MonkeyPatch, *, busy: bool
) -> None:
    limits: list[int] = []
    ended = Event()

    def step(*, limit: int) -> tuple[int, bool]:
        limits.append(limit)
        if len(limits) == 3:
            ended.set()
        return limit, True  # there is always more

    monkeypatch.setattr(index, "step", step)
    monkeypatch.setattr(keeping, "_AT_FIRST", 0)
    with following(index, pause=60, is_busy=lambda: busy):
        has_gone_on = ended.wait(0.5 if busy else 20)
    assert has_gone_on is not busy
    assert set(limits) == ({200} if busy else {BATCH})


def test_a_ledger_that_cannot_be_read_is_asked_again(
    ledger: MemoryLedger, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_AT_FIRST", 0)
    monkeypatch.setattr(keeping, "_TROUBLED", 0.01)
    read, asked = ledger.read_tail, iter([True, False])

    def troubled(*given: object, **named: object) -> object:
        if next(asked, False):
            raise SetupError("ledger.busy", "Busy.", next_step="Wait.")
        return read(*given, **named)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(ledger, "read_tail", troubled)
    with following(index, pause=0.01):
        add(ledger, start("r1"))
        wait_until(lambda: runs_in(index) == 1)
