from hypothesis import given
from hypothesis import strategies as st

from atelier.terra.align import align, left_over

WORDS = st.lists(st.sampled_from(["she", "will", "would", "go", "not", "noah"]), max_size=9)


@given(WORDS, WORDS)
def test_what_is_left_over_is_what_the_longest_subsequence_leaves(
    claim: list[str], window: list[str]
) -> None:
    left = left_over(claim, window)
    common = round(align(claim, window).subsequence * len(claim))
    assert len(claim) - len(left) == common
    there = iter(claim)
    assert all(word in there for word in left)


def test_two_names_that_change_places_are_left_over() -> None:
    window = ["maya", *["word"] * 40, "called", "noah", *["word"] * 40]
    claim = ["noah", *["word"] * 40, "called", "maya", *["word"] * 40]
    assert align(claim, window).subsequence > 0.95
    assert set(left_over(claim, window)) <= {"noah", "maya"}
    assert left_over(claim, window)


def test_an_empty_claim_or_window_shares_nothing() -> None:
    assert align([], ["she"]).subsequence == align(["she"], []).coverage == 0.0
