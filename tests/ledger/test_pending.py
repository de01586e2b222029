"""A value that another thread brings: it is waited for, called back for, and brought once."""

from threading import Thread

import pytest

from atelier.ledger.pending import Pending


def test_who_waits_in_another_thread_is_given_the_value() -> None:
    pending, seen = Pending[int](), list[int]()
    waiting = [Thread(target=lambda: seen.append(pending.result(10))) for _ in range(3)]
    for thread in waiting:
        thread.start()
    assert not pending.done()
    pending.set_result(7)
    for thread in waiting:
        thread.join()
    assert seen == [7, 7, 7]
    assert pending.exception() is None


def test_a_failure_is_raised_wherever_the_value_is_asked_for() -> None:
    pending = Pending[int]()
    pending.set_exception(ValueError("no"))
    assert isinstance(pending.exception(), ValueError)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            pending.result()


def test_whoever_asks_to_be_called_is_called_once_in_order() -> None:
    pending, said = Pending[str](), list[str]()
    pending.add_done_callback(lambda done: said.append(f"first {done.result()}"))
    pending.add_done_callback(lambda done: said.append(f"second {done.result()}"))
    pending.set_result("x")
    pending.add_done_callback(lambda done: said.append(f"late {done.result()}"))
    assert said == ["first x", "second x", "late x"]


def test_patience_has_an_end() -> None:
    with pytest.raises(TimeoutError):
        Pending[int]().result(0.01)
