"""Names find values, and attributes of values by an underscore."""

from types import SimpleNamespace

import pytest

from atelier.isilon.names import Names, did_you_mean, owner_of

VALUES = {"week": SimpleNamespace(start="mon", _secret=1), "week_end": "sun", "program": {"id": 7}}


def test_an_attribute_or_a_key_is_reached_by_an_underscore() -> None:
    names = Names(VALUES)
    assert (names["week_start"], names["program_id"]) == ("mon", 7)


def test_a_name_itself_goes_before_an_attribute() -> None:
    assert Names(VALUES)["week_end"] == "sun"


@pytest.mark.parametrize("name", ["weekstart", "week_x", "week__secret", "day", "program_x"])
def test_what_is_not_there_is_a_key_error(name: str) -> None:
    names = Names(VALUES)
    with pytest.raises(KeyError):
        names[name]
    assert name not in names


def test_names_lists_what_it_was_given() -> None:
    assert sorted(Names(VALUES)) == ["program", "week", "week_end"]
    assert len(Names(VALUES)) == 3


def test_the_longest_owner_wins() -> None:
    assert owner_of("week_start_day", {"week", "week_start"}) == "week_start"


def test_no_known_name_is_said_as_such() -> None:
    assert did_you_mean("x", []) == "Known here: nothing."
