"""What is withheld is nowhere in the bytes of a file, and is named in it; the rest is there."""

from collections.abc import Iterable
from re import findall, search

import pytest
from telltale import (
    ASIDE,
    CITED,
    FACT,
    HEADER,
    OTHER,
    PARAMETER,
    PROMPT_FILE,
    RAW,
    RUN,
    SENT,
    SHORT,
    SPEAKER,
    SUBJECT,
    SYSTEM,
    TIME,
    UNCITED,
    VALUE,
)

from atelier.kernel.errors import SetupError
from atelier.ledger.rows import RunRecord
from atelier.observatory.bundle.export import export_html
from atelier.observatory.bundle.options import Options, Redact, parse_redactions
from atelier.observatory.reading.archive import Archive

EVIDENCE = {"marigold", "juniper", "behind the house", SHORT, SPEAKER, TIME}
PROMPTS = {PROMPT_FILE, SENT, SYSTEM}
ANSWERS = {RAW, HEADER, VALUE, ASIDE, FACT}
EVERYTHING = EVIDENCE | PROMPTS | ANSWERS | {SUBJECT, PARAMETER, OTHER}
GONE = {
    "evidence": EVIDENCE | PROMPTS | ANSWERS,
    "prompts": PROMPTS,
    "answers": ANSWERS | PROMPTS,
    "subject": {SUBJECT},
    "parameters": {PARAMETER, OTHER},
}


def made(archive: Archive, *redact: str, only_cited: bool = False) -> str:
    run: RunRecord | None = archive.find_run(RUN)
    assert run is not None
    options = Options(parse_redactions(redact), only_cited=only_cited)
    return export_html(archive, run, options).data.decode()


def standing(text: str, words: Iterable[str]) -> set[str]:
    return {word for word in words if word.casefold() in text.casefold()}


def test_everything_is_there_where_nothing_is_withheld(telltale: Archive) -> None:
    assert standing(made(telltale), EVERYTHING) == EVERYTHING


@pytest.mark.parametrize("part", [part.value for part in Redact])
def test_what_is_withheld_is_nowhere_in_the_bytes(telltale: Archive, part: str) -> None:
    text = made(telltale, part)
    assert standing(text, GONE[part]) == set()
    expected = EVERYTHING - GONE[part]
    assert standing(text, expected) == expected


def test_all_of_it_may_be_withheld_at_once(telltale: Archive) -> None:
    assert standing(made(telltale, *(part.value for part in Redact)), EVERYTHING) == set()


def test_evidence_that_nothing_rests_on_is_left_out(telltale: Archive) -> None:
    text = made(telltale, only_cited=True)
    assert standing(text, {"juniper", "behind the house", SHORT, *PROMPTS}) == set()
    assert standing(text, {"marigold", *ANSWERS}) == {"marigold", *ANSWERS}
    assert "2 more elements are not shown" in text


def test_what_is_withheld_is_named_and_equal_things_stand_alike(telltale: Archive) -> None:
    text = made(telltale, "evidence", "subject")
    assert "evidence, prompts, answers, subject withheld" in text
    told = findall(r"⟦(?:evidence|prompt|answer)⟧ d\d+", text)
    assert {one.split()[0] for one in told} == {"⟦evidence⟧", "⟦prompt⟧", "⟦answer⟧"}
    answer = next(one for one in told if one.startswith("⟦answer⟧"))
    assert text.count(f"{answer}<") > 1


def test_a_name_is_found_where_marked_words_end_within_it(telltale: Archive) -> None:
    text = made(telltale, "subject")
    assert '">a marigold in the garden of ⟦subject⟧</a>.' in text


def test_what_stays_still_leads_from_a_sentence_to_its_row(telltale: Archive) -> None:
    text = made(telltale, "evidence")
    card = search(r'href="#(artefact\.claim-d\d+)"', text)
    assert card
    assert f'id="{card[1]}"' in text
    assert 'href="#artefact.e-notes-0"' in text
    assert 'href="#artefact.line-2"' in text
    assert "cited by draft" in text


def test_evidence_is_masked_where_a_sentence_repeats_it(telltale: Archive) -> None:
    text = made(telltale, "evidence")
    assert "She ⟦evidence⟧, says the writer." in text
    assert CITED not in text
    assert UNCITED not in text


def test_a_part_that_is_not_known_is_refused() -> None:
    with pytest.raises(SetupError) as caught:
        parse_redactions(["evidence", "secrets"])
    assert caught.value.code == "export.redact"
