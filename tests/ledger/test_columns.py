"""Records become columns and columns become records, without loss."""

from enum import StrEnum
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from atelier.ledger.columns import bindings, row_from
from atelier.ledger.rows import Consumed, Outcome, Row, Supply

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
AMOUNTS = st.none() | st.integers(0, 2**53 - 1)
JSON = st.dictionaries(TEXTS, TEXTS | st.integers(0, 9) | st.none(), max_size=3)

ROWS = st.builds(
    Row,
    run=TEXTS,
    stage=TEXTS,
    outcome=st.sampled_from(Outcome),
    recorded_at=TEXTS,
    seq=st.integers(1, 2**53 - 1),
    key=st.none() | TEXTS,
    draw=st.integers(0, 9),
    output=st.none() | TEXTS,
    sound=st.booleans(),
    unseen=st.lists(st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2).map(tuple),
    incurred=AMOUNTS,
    input_tokens=AMOUNTS,
    error=st.none() | JSON,
    seconds=st.floats(0, 1e9),
    consumed=st.lists(
        st.builds(
            Consumed,
            parameter=TEXTS,
            supply=st.sampled_from(Supply),
            source=TEXTS,
            digest=TEXTS,
            whole=TEXTS,
        ),
        max_size=2,
    ).map(tuple),
)


@given(ROWS)
def test_a_row_is_read_as_it_was_bound(row: Row) -> None:
    assert row_from(tuple(bindings(row).values()), row.consumed) == row


def test_the_member_of_an_enum_is_bound_as_its_text() -> None:
    class Reason(StrEnum):
        NEW = "new"

    values: dict[str, Any] = {"run": "r", "stage": "s", "recorded_at": "now"}
    row = Row(**values, outcome=Outcome.RAN, reason=Reason.NEW)
    assert {type(value) for value in bindings(row).values()} <= {str, int, float, type(None)}
    assert bindings(row)["reason"] == "new"
