"""Leases in a file: disposable, and kept alive by a thread."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import apsw
import pytest

from atelier.kernel.errors import AtelierError, TransientError
from atelier.ledger.lease_book import LeaseBook
from atelier.ledger.lease_keeper import LeaseKeeper
from atelier.ledger.leases import Owner
from atelier.ledger.memory_leases import MemoryLeases
from atelier.ledger.owner import this_process
from atelier.ledger.sqlite_leases import SqliteLeases

ME = this_process()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home" / "leases.sqlite"


def test_two_stores_on_one_file_hold_the_same_leases(place: Path) -> None:
    first, second = SqliteLeases(place), SqliteLeases(place)
    assert first.acquire(["a"], ME) == {"a"}
    assert second.acquire(["a", "b"], ME) == {"b"}
    first.close()
    second.release(["a"], ME)
    assert second.acquire(["a"], ME) == {"a"}
    second.close()
    second.close()


@pytest.mark.parametrize("size", [0, 10, 100, 4_096, 9_000])
def test_a_damaged_file_is_replaced(place: Path, size: int) -> None:
    leases = SqliteLeases(place)
    leases.acquire(["a"], ME)
    leases.close()
    place.write_bytes(b"\x01" * size)
    leases = SqliteLeases(place)
    assert leases.acquire(["a"], ME) == {"a"}, "a lease that is lost costs time, never an answer"
    leases.close()


def test_damage_that_is_met_in_use_is_replaced(place: Path) -> None:
    leases = SqliteLeases(place)
    leases.acquire([f"k{number}" for number in range(2_000)], ME)
    leases.close()
    data = bytearray(place.read_bytes())
    data[4_096:] = b"\x02" * (len(data) - 4_096)
    place.write_bytes(data)
    leases = SqliteLeases(place)
    assert leases.acquire(["k1"], ME) == {"k1"}
    leases.close()


def test_a_file_of_an_unknown_version_is_replaced(place: Path) -> None:
    place.parent.mkdir()
    connection = apsw.Connection(str(place))
    connection.execute("pragma user_version = 9")
    connection.close()
    leases = SqliteLeases(place)
    assert leases.acquire(["a"], ME) == {"a"}
    leases.close()


def test_what_is_no_damage_is_reported(place: Path) -> None:
    place.mkdir(parents=True)
    leases = SqliteLeases(place)
    with pytest.raises(AtelierError) as refused:
        leases.acquire(["a"], ME)
    assert refused.value.code == "ledger.unopened"
    leases.close()


ACQUIRE = """
import sys, time
from pathlib import Path
from atelier.ledger.owner import this_process
from atelier.ledger.sqlite_leases import SqliteLeases
leases = SqliteLeases(Path(sys.argv[1]))
print(len(leases.acquire([f"k{n}" for n in range(200)], this_process())), flush=True)
time.sleep(float(sys.argv[2]))
"""


def child(place: Path, seconds: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ACQUIRE, str(place), str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_of_processes_that_ask_at_once_one_is_granted_each_key(place: Path) -> None:
    children = [child(place, 3) for _ in range(4)]
    outputs = [one.communicate(timeout=60)[0] for one in children]
    assert sum(int(text) for text in outputs) == 200


@pytest.mark.slow
def test_the_leases_of_a_killed_process_are_free_at_once(place: Path) -> None:
    holder = child(place, 600)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "200\n"
    leases = SqliteLeases(place)
    assert leases.acquire(["k1"], ME) == frozenset()
    assert leases.find_holders(["k1"])["k1"].pid == holder.pid
    holder.kill()
    holder.communicate()
    assert leases.acquire(["k1"], ME) == {"k1"}
    leases.close()


def test_a_keeper_renews_while_it_works_and_not_after() -> None:
    now = threading.Event()

    class Watched(MemoryLeases):
        def renew(self, owner: Owner, /) -> None:
            super().renew(owner)
            now.set()

    leases = Watched(LeaseBook(term=0.05, dead=lambda _: False))
    leases.acquire(["a"], ME)
    with LeaseKeeper(leases, ME, term=0.05):
        for _ in range(6):
            now.clear()
            assert now.wait(5)
        assert leases.find_holders(["a"]) == {"a": ME}, "three terms have gone by"
    time.sleep(0.1)
    assert leases.find_holders(["a"]) == {}


def test_a_renewal_that_fails_is_tried_again() -> None:
    beats: list[int] = []
    enough = threading.Event()

    class Failing(MemoryLeases):
        def renew(self, owner: Owner, /) -> None:
            beats.append(1)
            if len(beats) == 3:
                enough.set()
            raise TransientError("ledger.busy", "It is busy.", next_step="Again.")

    with LeaseKeeper(Failing(), ME, term=0.01):
        assert enough.wait(5)
