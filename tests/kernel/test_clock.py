"""Time is handed in, and a moment has one written form."""

from datetime import UTC, datetime, timedelta, timezone

from atelier.kernel.clock import FixedClock, SystemClock, iso

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_a_fixed_clock_moves_one_step_each_time_it_is_read() -> None:
    clock = FixedClock(START, timedelta(minutes=1))
    assert [clock.now(), clock.now()] == [START, START + timedelta(minutes=1)]
    assert clock.seconds() == (START + timedelta(minutes=2)).timestamp()


def test_the_system_clock_is_aware_and_never_runs_backwards() -> None:
    clock = SystemClock()
    assert clock.now().tzinfo is UTC
    assert clock.seconds() <= clock.seconds()


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    there = timezone(timedelta(hours=2))
    assert iso(START.astimezone(there)) == iso(START) == "2026-03-01T09:30:00.000000Z"


def test_written_moments_sort_as_they_happened() -> None:
    moments = [START + timedelta(microseconds=n * 99_999) for n in range(30)]
    assert sorted(map(iso, moments)) == [iso(moment) for moment in moments]
