"""An index is kept caught up while its pages are read."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from index_samples import begin

from atelier.kernel.errors import AtelierError, TransientError
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.tail import Position, Tail
from atelier.observatory.index.follower import followed
from atelier.observatory.index.index import Index
from atelier.observatory.index.query import parse_query
from atelier.testing.ledger_samples import add


class Counted(MemoryLedger):
    """A ledger that says when it was asked, and fails while it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = Event()
        self.fails = False

    def read_tail(self, position: Position, *, limit: int) -> Tail:
        self.asked.set()
        if self.fails:
            raise TransientError("ledger.busy", "It is busy.", next_step="Wait.")
        return super().read_tail(position, limit=limit)


def wait_until(holds: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(400):
        if holds():
            return
        pause.wait(0.025)
    raise AssertionError("it never came to hold")


def runs(index: Index) -> int:
    return len(index.page(parse_query("runs", [])).lines)


def test_what_is_committed_is_soon_shown() -> None:
    ledger, told = Counted(), list[AtelierError]()
    index = Index.temporary(ledger, ledger.find_blob)
    with followed(index, told=told.append):
        add(ledger, begin("r1", 0))
        wait_until(lambda: runs(index) == 1)
        add(ledger, begin("r2", 1))
        wait_until(lambda: runs(index) == 2)
    ledger.asked.clear()
    assert told == []
    assert not ledger.asked.wait(0.7), "it has ended with its block"
    index.close()


def test_a_failure_is_told_once_and_tried_again() -> None:
    ledger, told = Counted(), list[AtelierError]()
    ledger.fails = True
    index = Index.temporary(ledger, ledger.find_blob)
    with followed(index, told=told.append, again=0.01):
        for _ in range(3):
            ledger.asked.clear()
            assert ledger.asked.wait(10)
        add(ledger, begin("r1", 0))
        ledger.fails = False
        wait_until(lambda: runs(index) == 1)
    assert [error.code for error in told] == ["ledger.busy"]
    index.close()


def test_where_a_folder_cannot_be_written_the_index_stands_elsewhere(tmp_path: Path) -> None:
    ledger = MemoryLedger()
    (tmp_path / "file").write_text("no folder")
    beside = Index.beside(tmp_path, ledger, ledger.find_blob)
    elsewhere = Index.beside(tmp_path / "file", ledger, ledger.find_blob)
    assert beside._path.parent == tmp_path
    assert elsewhere._path.parent != tmp_path
    elsewhere.close()
    assert not elsewhere._path.exists()
    beside.close()
