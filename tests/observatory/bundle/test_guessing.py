"""Whoever guesses at what is withheld learns nothing: the file is the same, whatever stood there."""

from re import findall

import pytest
import telltale
from telltale import RUN, telltale_ledger

from atelier.observatory.bundle.export import export_html
from atelier.observatory.bundle.masks import names_mask
from atelier.observatory.bundle.options import Bundle, Options, parse_redactions
from atelier.observatory.bundle.rewriting import masking, rewritten
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.text import Text
from atelier.testing.ledger_samples import NOW

OTHERS = {
    "evidence": {
        "UNCITED": "It was said once more how far the lighthouse had been from the shore.",
        "SHORT": "pimpernel-20",
        "SPEAKER": "Bartholomew",
        "TIME": "01:02:03.456",
    },
    "prompts": {"PROMPT_FILE": "ragwort and more", "SENT": "sorrel", "SYSTEM": "a speedwell"},
    "answers": {
        "RAW": "yarrow " * 9,
        "HEADER": "x-z",
        "VALUE": "a vetch",
        "ASIDE": "1",
        "FACT": "no",
    },
    "subject": {
        "SUBJECT": "Bartholomew",
        "CITED": "I saw a marigold in the garden of Bartholomew.",
    },
    "parameters": {"PARAMETER": "wintergreen-and-more", "OTHER": "abc"},
}


def exported(*redact: str, hide: tuple[str, ...] = (), is_about: bool = True) -> Bundle:
    ledger = telltale_ledger(is_about=is_about)
    archive = Archive(ledger, ledger.find_blob)
    run = archive.find_run(RUN)
    assert run is not None
    return export_html(archive, run, Options(parse_redactions(redact), hide=hide))


@pytest.mark.parametrize("part", OTHERS)
def test_a_file_does_not_depend_on_what_it_withholds(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, before = exported(), exported(part)
    for name, other in OTHERS[part].items():
        monkeypatch.setattr(telltale, name, other)
    assert exported().data != plain.data
    assert exported(part).data.decode() == before.data.decode()


def test_no_digest_is_in_a_file_that_withholds_something() -> None:
    pages = exported("subject").data.decode().partition("</style>")[2]
    assert [one for one in findall(r"\b[0-9a-f]{8,64}\b", pages) if not one.isdecimal()] == []
    assert findall(r"sha256:[0-9a-f]{64}", exported().data.decode())


def test_a_part_that_the_run_does_not_have_is_not_said_to_be_withheld() -> None:
    bundle = exported("subject", "prompts", hide=("nowhere", "marigold"), is_about=False)
    assert (bundle.withheld, bundle.unfound) == (("prompts", "subject"), ("subject", "hidden 1"))
    text = bundle.data.decode()
    assert '"withheld">prompts, hidden 2 withheld</span>' in text
    assert text.count("stands nowhere in this run, so nothing was withheld") == 2


def test_a_text_that_is_named_is_hidden_wherever_it_stands() -> None:
    bundle = exported(hide=("I SAW a mari-gold", "notes/tamsin.vtt"))
    assert bundle.unfound == ()
    text = bundle.data.decode().casefold()
    assert "marigold" in text
    assert "i saw a" not in text
    assert "tamsin.vtt" not in text


def test_what_evidence_says_in_our_brackets_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telltale, "UNCITED", "The rest is ⟦evidence⟧ and ⟦subject⟧.")
    text = exported("prompts").data.decode()
    assert "⟦evidence⟧" not in text
    assert "⟨U+27E6⟩evidence⟨U+27E7⟩" in text


def test_our_own_moments_and_words_are_not_taken_for_a_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telltale, "PARAMETER", "fact")
    monkeypatch.setattr(telltale, "OTHER", NOW[:10])
    text = exported("parameters").data.decode()
    assert "· fact ·" in text
    assert 'datetime="⟦more⟧' not in text


def test_a_number_that_was_given_is_found_in_values_and_counts_stay() -> None:
    mask = masking(names_mask([("20231107", "⟦student⟧")]))
    value = {"parameters": {"student": 20231107}, "said": "of 20231107, 12345678"}
    assert rewritten(value, mask) == {
        "parameters": {"student": "⟦student⟧"},
        "said": "of ⟦student⟧, 12345678",
    }
    assert rewritten("20231107", mask) == "⟦student⟧"


def test_a_text_says_no_more_of_its_length_than_how_much_is_left_out() -> None:
    mask = masking(names_mask([("Bartholomew", "⟦x⟧")]))
    assert rewritten(Text("of Bartholomew", 14), mask) == Text("of ⟦x⟧", 6)
    assert rewritten(Text("of Barthol", 114), mask) == Text("of ⟦x⟧", 110)
