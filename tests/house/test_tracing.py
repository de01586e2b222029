"""Which tests the gate traces."""

from coverage import Coverage


def test_what_is_not_asked_for_the_rooms_branches_runs_untraced() -> None:
    assert Coverage.current() is None
