"""Run ids: unique without coordination, and in the order of time."""

from datetime import UTC, datetime, timedelta

from atelier.kernel.ids import new_run_id

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_run_id(START) for _ in range(1000)}) == 1000


def test_ids_sort_by_the_millisecond_in_which_they_were_made() -> None:
    ids = [new_run_id(START + timedelta(milliseconds=n)) for n in range(500)]
    assert ids == sorted(ids)


def test_an_id_is_26_letters_that_are_not_mistaken_for_digits() -> None:
    identity = new_run_id(START)
    assert len(identity) == 26
    assert set(identity) <= set("0123456789abcdefghjkmnpqrstvwxyz")
