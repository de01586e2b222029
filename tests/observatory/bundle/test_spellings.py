"""A name is found however it is written; what merely looks like it is left, and nothing is half hidden."""

from base64 import b64encode
from unicodedata import normalize

import pytest

from atelier.observatory.bundle.masks import names_mask, words_mask
from atelier.observatory.bundle.wanted import names_of

NAME = "Zoë Lindqvist"
ZOE = names_mask((text, "⟦subject⟧") for text in names_of(NAME))


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        NAME,
        NAME.upper(),
        normalize("NFD", NAME),
        "Zoe LINDQVIST",
        "Lindqvist, Zoë",
        "zoe-lindqvist",
        "ZoeLindqvist",
        "Zo\u00ad\u00eb Lind\u200bqvist",
        "Zoë " + "".join(chr(ord(letter) + 0xFEE0) for letter in "Lindqvist"),  # full width
        r"Zo\u00eb Lind\u0071vist",
        r"Zo\\u00EB Lindqvist",
        "Zo%C3%AB%20Lindqvist",
        "Zo&euml; Lind&#113;vist",
        "Zo&amp;euml; Lind&#x71;vist",
        r"Zo\xeb\nLindqvist",
        r"Zoë\_Lindqvist",
        "\N{MATHEMATICAL BOLD CAPITAL Z}oe Lindqvi\N{LATIN SMALL LIGATURE ST}",
    ],
)
def test_a_name_is_found_in_every_spelling(written: str) -> None:
    told = ZOE.text(f"by {written}, who")
    assert told.startswith("by ⟦subject⟧")
    assert told.endswith("⟦subject⟧, who")
    assert not {letter for letter in "zoliqv" if letter in told.replace("⟦subject⟧", "")[3:-5]}


def test_a_name_in_base64_goes_with_all_that_is_encoded() -> None:
    told = ZOE.text(f"Bearer {encoded('the notes of Zoe')}; {encoded('the notes of nobody')}")
    assert told == f"Bearer ⟦subject⟧; {encoded('the notes of nobody')}"


def test_a_path_is_no_escape() -> None:
    mask = names_mask([("nathan", "⟦subject⟧")])
    assert "nathan" not in mask.text(r"C:\nathan\notes.md")
    assert "nathan" not in mask.text(r"C:\\nathan%20b\\notes.md")


def test_what_is_left_of_a_word_does_not_give_the_name_away() -> None:
    mask = names_mask([("Sam", "⟦subject⟧")])
    assert mask.text("Sam's cat came at the same time as sam_2.") == (
        "⟦subject⟧'s cat came at the ⟦subject⟧ time as ⟦subject⟧_2."
    )


def test_digits_that_stand_apart_are_no_number() -> None:
    mask = names_mask([("1 50", "⟦x⟧")])
    assert mask.text("150 and 1-50") == "150 and ⟦x⟧"


def test_a_name_of_two_letters_is_a_word_by_itself() -> None:
    mask = names_mask((text, "⟦subject⟧") for text in names_of("Bo Lindqvist"))
    assert mask.text("BO and Bo's bottle, so bo") == "⟦subject⟧ and ⟦subject⟧'s bottle, so bo"


def test_a_name_of_two_signs_is_found_within_a_sentence() -> None:
    mask = names_mask((text, "⟦subject⟧") for text in names_of("王芳"))
    assert mask.text("昨天王芳来了") == "昨天⟦subject⟧来了"


def test_an_umlaut_may_be_written_out() -> None:
    mask = names_mask([("Müller", "⟦subject⟧")])
    assert mask.text("Mueller Muller MÜLLER") == "⟦subject⟧ ⟦subject⟧ ⟦subject⟧"


def test_an_address_is_known_by_what_stands_before_its_sign() -> None:
    assert names_of("maya.lind@school.example") == ["maya.lind@school.example", "maya", "lind"]


@pytest.mark.parametrize(
    "repeated",
    [
        "moved THE café to",
        normalize("NFD", "moved the café to"),
        r"moved the caf\u00e9 to",
        "moved\\nthe caf&eacute; to",
        "moved the ca\u200bfé to",
    ],
)
def test_words_of_the_evidence_are_found_in_every_spelling(repeated: str) -> None:
    said = words_mask(["I moved the café to the front."], "⟦evidence⟧")
    assert said.text(f"She {repeated} it.") == "She ⟦evidence⟧ it."


def test_a_part_of_what_is_said_without_spaces_is_found() -> None:
    said = words_mask(["昨天我把外壳移到了前面"], "⟦evidence⟧")
    assert said.text("她说把外壳移到,是的") == "她说⟦evidence⟧,是的"


def test_a_text_that_is_cut_within_a_name_does_not_end_with_its_beginning() -> None:
    assert ZOE.beginning("the notes of Lindq") == "the notes of ⟦subject⟧"
    assert ZOE.beginning("the notes of Li") == "the notes of ⟦subject⟧"
    assert ZOE.beginning("the notes of all") == "the notes of all"
    assert ZOE.text("the notes of 'Lindq…'") == "the notes of '⟦subject⟧…'"


def test_a_word_of_any_length_is_gone_through_once() -> None:
    mask = names_mask([("aaa", "⟦x⟧")])
    assert mask.text("a" * 200_000 + " b") == "⟦x⟧ b"
