"""A copy with other values: the same as the standard library's, for records that hold what they are given."""

from dataclasses import asdict, dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.kernel.record import changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0
    name: str = ""


POINTS = st.builds(Point, x=st.integers(), y=st.integers(), name=st.text())
FACTS = st.fixed_dictionaries({}, optional={"x": st.integers(), "name": st.text()})


@given(POINTS, FACTS)
def test_it_is_what_replace_gives_and_the_record_stays(point: Point, facts: dict[str, int]) -> None:
    before = asdict(point)
    assert changed(point, **facts) == replace(point, **facts)
    assert asdict(point) == before


def test_a_name_that_the_record_has_not_is_refused() -> None:
    with pytest.raises(KeyError, match="z"):
        changed(Point(x=1), z=3)
