from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st

from atelier.terra.fold import fold

TEXT = st.text(
    alphabet=st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from(
            list(
                "aeiou .,?!'\"“”\u2019…-\u2013—%$€0123456789\n\t\u0301\u0308\u200d\ufeff你好של\u05d5ם"
            )
        ),
    ),
    max_size=80,
)


INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"


@given(TEXT)
def test_tokens_stand_in_order_and_cover_all_that_is_visible(text: str) -> None:
    folded = fold(text)
    at = 0
    for start, end in zip((*folded.starts, len(text)), (*folded.ends, len(text)), strict=True):
        assert at <= start <= end <= len(text)
        assert all(char.isspace() or char in INVISIBLE for char in text[at:start])
        at = end


@given(TEXT)
def test_fold_of_equal_unicode_is_equal(text: str) -> None:
    assert fold(normalize("NFC", text)).tokens == fold(normalize("NFD", text)).tokens


@given(st.text(alphabet="abc XYZ,.!?é\u2019“”", max_size=60))
def test_case_quotes_and_spaces_do_not_count(text: str) -> None:
    while "\u2019\u2019" in text:  # two single marks in a row are a double one
        text = text.replace("\u2019\u2019", "\u2019 \u2019")
    typed = text.upper().replace("\u2019", "'").replace("“", '"').replace("”", '"')
    assert fold("  ".join(typed.split(" "))).tokens == fold(text).tokens


def test_sign_decimal_per_cent_currency_and_grouping_count() -> None:
    for one, other in [
        ("-5", "5"),
        ("1.5", "15"),
        ("4%", "4"),
        ("$4", "4"),
        ("1,200", "1200"),
        ("0.5", ".5"),
    ]:
        assert fold(one).tokens != fold(other).tokens, (one, other)


def test_fillers_go_with_their_comma() -> None:
    folded = fold("So, um, I {vocalsound} slept")
    assert folded.without_fillers(commas=False).text == " so , i slept "
    assert folded.without_fillers(commas=True).text == " so i slept "
