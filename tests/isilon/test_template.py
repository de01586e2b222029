"""A value fills one step of a path and no more."""

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.isilon.errors import EvidenceError
from atelier.isilon.template import fill, placeholders


class Kind(StrEnum):
    WEEKLY = "weekly"


def test_text_numbers_dates_and_enums_fill_a_path() -> None:
    values = {"a": "maya", "b": 12, "c": date(2026, 3, 1), "d": Kind.WEEKLY}
    assert fill("{a}/{b}/{c}/{d}.md", values) == "maya/12/2026-03-01/weekly.md"


@pytest.mark.parametrize(
    "value",
    ["", ".", "..", "a/b", "/etc", "-rf", ".git", "a\0", "a\n", "*", "a?", "[a]", "{b}", "a\\b"],
)
def test_a_value_that_would_change_the_path_is_refused(value: str) -> None:
    with pytest.raises(EvidenceError, match="one plain name"):
        fill("students/{student}.vtt", {"student": value})


@pytest.mark.parametrize("value", [True, 1.5, None, ["a"], datetime(2026, 3, 1, tzinfo=UTC)])
def test_a_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(EvidenceError, match="whole numbers and dates"):
        fill("{x}", {"x": value})


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(EvidenceError, match="Did you mean `student`"):
        fill("{studnet}", {"student": "maya"})


@pytest.mark.parametrize("template", ["{", "a}b", "{a b}", "{}", "{1}", "{{a}}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    with pytest.raises(EvidenceError):
        placeholders(template)


@given(st.text())
def test_a_filled_path_has_as_many_steps_as_its_template(value: str) -> None:
    try:
        filled = fill("a/{x}/b", {"x": value})
    except EvidenceError:
        return
    assert len(filled.split("/")) == 3
    assert filled.split("/")[1] not in {"", ".", ".."}
