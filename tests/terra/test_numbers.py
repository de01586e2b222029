import pytest

from atelier.terra.numbers import amounts, has_amount

SAME = [
    ("1,200", "1.2k"),
    ("1,200", "twelve hundred"),
    ("235, 000", "two hundred and thirty-five thousand"),
    ("50%", "fifty percent"),
    ("20 - 30 %", "20-30%"),
    ("$1.5 million", "1,500,000 dollars"),
    ("€20", "20 euros"),
    ("the third", "3rd"),
    ("12 March 2025", "2025-03-12"),
    ("March 12th", "12 March 2025"),
    ("4pm", "16:00"),
    ("half past", "half past"),
    ("3-4 hours", "three to four hours"),
    ("minus five", "-5"),
    ("half a dozen", "six"),
    ("in 1935", "January 8, 1935"),
    ("1,078 miles", "-- 1,078 miles ( 1,735 km )"),
]
DIFFERENT = [
    ("4 hours", "7 hours"),
    ("4 hours", "4 days"),
    ("50%", "50 people"),
    ("$4", "4"),
    ("$4", "€4"),
    ("-5", "5"),
    ("1.5", "15"),
    ("12 March", "13 March"),
    ("12 March 2025", "12 March 2026"),
    ("4pm", "4am"),
    ("the third", "the fourth"),
    ("twenty four", "twenty"),
    ("1,200", "12,000"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_amount_is_found_in_another_form(one: str, other: str) -> None:
    assert amounts(one).missing_from(amounts(other)) == []


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_another_amount_or_unit_is_missing(one: str, other: str) -> None:
    assert amounts(one).missing_from(amounts(other))


def test_pronouns_and_particles_count_nothing() -> None:
    assert not has_amount("No one slept the first time, and may march on.")
    assert has_amount("On 3 May she slept.")


def test_two_numbers_in_a_row_are_two() -> None:
    assert [str(found) for found in amounts("two or three of them").quantities] == ["2", "3"]
    assert [str(found) for found in amounts("twenty three").quantities] == ["23"]
