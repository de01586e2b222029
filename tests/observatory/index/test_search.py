"""Words are found where they stand, in any script, and whatever is typed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_samples import OUTPUT, SLICE_DATA, TEXT, begin, fill, stage_row

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest, digest_bytes
from atelier.kernel.errors import SetupError
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.rows import PacketRecord
from atelier.ledger.store import Commit
from atelier.observatory.index.documents import KINDS
from atelier.observatory.index.index import Index
from atelier.observatory.index.search import Hit, snippet
from atelier.observatory.index.words import finder, parse_words
from atelier.testing.ledger_samples import add


def one(index: Index, text: str, *kinds: str) -> Hit:
    (hit,) = index.search(text, kinds=kinds).hits
    return hit


def marked(hit: Hit) -> str:
    return "".join(f"[{text}]" if matched else text for text, matched in hit.segments)


def test_a_prompt_leads_to_its_first_attempt(index: Index) -> None:
    hit = one(index, "summarise")
    assert (hit.kind, hit.run, hit.stage, hit.attempt) == ("prompt", "r1", "draft", "r1/draft/1")
    assert marked(hit) == "[Summarise] the week of Maya.\nYou are brief."
    assert hit.pointer == "/messages/0/text"
    assert index.search("hidden").hits == (), "a binding is no prompt"


def test_an_answer_that_came_in_pieces_is_found_whole(index: Index) -> None:
    hit = one(index, '"answer is seventeen"')
    assert (hit.kind, hit.run, hit.attempt) == ("answer", "r1", "r1/draft/1")


def test_an_output_leads_to_the_row_that_made_it(index: Index) -> None:
    hit = one(index, "methods")
    assert (hit.kind, hit.run, hit.stage, hit.seq, hit.output) == (
        "output",
        "r1",
        "draft",
        1,
        OUTPUT,
    )
    assert TEXT[hit.start : hit.end] == "methods"


def test_a_claim_leads_to_its_output_and_id(index: Index) -> None:
    found = index.search("slept", kinds=("claim",)).hits
    assert [(hit.run, hit.stage, hit.claim, hit.output) for hit in found] == [
        ("r1", "draft", name, OUTPUT) for name in ("c3", "c2", "c1")
    ]


def test_a_judgement_leads_to_its_claim(index: Index) -> None:
    hit = one(index, "Ruth", "judgement")
    assert (hit.run, hit.stage, hit.claim, hit.output) == ("r1", "draft", "c2", OUTPUT)


def test_evidence_leads_to_its_span(index: Index) -> None:
    hit = one(index, "henrik", "evidence")
    element = digest({"speaker": "Maya", "text": "I sent the chapter to Henrik."})
    assert (hit.slice, hit.element, hit.pointer) == ("transcript", element, "/text")
    assert "I sent the chapter to Henrik."[hit.start : hit.end] == "Henrik"
    assert (hit.run, hit.packet) == ("r1", "sha256:" + "a" * 64)
    assert hit.element.encode() not in SLICE_DATA


def test_an_error_leads_to_its_row_or_its_attempt(index: Index) -> None:
    found = index.search("citation packet", kinds=("error",)).hits
    assert {(hit.run, hit.seq, hit.attempt) for hit in found} == {
        ("r3", 4, ""),
        ("r1", None, "r1/draft/2"),
    }


@pytest.mark.parametrize(
    ("asked", "marks"),
    [
        ("眠れた", "[眠れた]"),
        ("昨夜", "[昨夜]"),
        ("よく眠", "[よく眠]"),
        ("🎉", "[🎉]"),
        ("cafe", "[Café]"),
        ("CAFÉ", "[Café]"),
        ("café au", "[Café] [au]"),
        ('"methods chapter"', "[methods chapter]"),
        ("chap", "[chap]ter"),
    ],
)
def test_words_of_every_script_are_found_and_marked(index: Index, asked: str, marks: str) -> None:
    assert marks in marked(one(index, asked, "output"))


@pytest.mark.parametrize("asked", ["睡眠", "眠不", "不足"])
def test_a_part_of_an_unspaced_sentence_is_found(index: Index, asked: str) -> None:
    hit = one(index, asked, "evidence")
    assert "睡眠不足でした"[hit.start : hit.end] == asked


@pytest.mark.parametrize(
    "asked", ["眠睡", '"chapter methods"', "ethods", "zebra", '"methods chap"']
)
def test_what_does_not_stand_there_is_not_found(index: Index, asked: str) -> None:
    assert index.search(asked, kinds=("output", "evidence")).hits == ()


def test_every_word_must_be_there(index: Index) -> None:
    assert one(index, "wrote chapter").kind == "output"
    assert index.search("wrote zebra").hits == ()


@pytest.mark.parametrize("asked", ["", " ", '"', '""', "* ( ) - ^", "--", "\0", "{}:"])
def test_what_holds_no_word_finds_nothing(index: Index, asked: str) -> None:
    assert index.search(asked).hits == ()
    assert index.count_hits(asked) == {}


def test_what_looks_like_an_operator_is_a_word(index: Index) -> None:
    for asked in (
        "NOT slept",
        "slept OR zebra",
        "NEAR(slept zebra)",
        'text:"slept"',
        "kind : claim",
    ):
        assert index.search(asked).hits == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_may_be_searched(text: str) -> None:
    found = _standing().search(text)
    for hit in found.hits:
        assert all(segment.text for segment in hit.segments)
    counts = _standing().count_hits(text)
    assert sum(count.number or 0 for count in counts.values()) >= len(found.hits)


_KEPT: list[Index] = []


def _standing() -> Index:
    if not _KEPT:
        ledger = MemoryLedger()
        fill(ledger)
        _KEPT.append(Index.temporary(ledger, ledger.find_blob))
        _KEPT[0].catch_up()
    return _KEPT[0]


def test_hits_come_newest_first_and_page_on(index: Index) -> None:
    first = index.search("slept", limit=2)
    second = index.search("slept", limit=2, before=first.before)
    numbers = [hit.number for hit in (*first.hits, *second.hits)]
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)
    assert second.before == 0


def test_counts_stand_by_kind(index: Index) -> None:
    counts = index.count_hits("slept")
    assert list(counts) == list(KINDS)
    assert (counts["claim"].number, counts["output"].number) == (3, 0)
    assert counts["claim"].exact


def test_counts_are_of_the_newest_only(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atelier.observatory.index.search.COUNTED", 2)
    counts = index.count_hits("slept")
    assert (counts["claim"].number, counts["claim"].exact) == (2, False)


def test_the_word_of_a_kind_is_nothing_that_can_be_said(index: Index) -> None:
    for asked in ("\ue000claim", "\ue000", "claim", "evidence"):
        assert index.search(asked).hits == ()


def test_an_unknown_kind_is_told(index: Index) -> None:
    with pytest.raises(SetupError, match=r"observatory\.filter"):
        index.search("slept", kinds=("secret",))


def test_a_text_is_kept_once_however_often_it_was_used(ledger: MemoryLedger, index: Index) -> None:
    before = len(index.search("methods").hits)
    row = stage_row("r4", "draft", 9, output=OUTPUT)
    slices = {"transcript": digest_bytes(SLICE_DATA), "again": digest_bytes(SLICE_DATA)}
    packet = PacketRecord(packet="sha256:d", manifest="m", origins="o", run="r4", slices=slices)
    add(ledger, begin("r4", 8), Commit(rows=(row,), packet=packet))
    index.catch_up()
    assert len(index.search("methods").hits) == before
    found = index.search("henrik", kinds=("evidence",)).hits
    assert sorted(hit.slice for hit in found) == ["again", "transcript"]


def test_an_element_that_came_again_in_a_longer_slice_is_kept_once(
    ledger: MemoryLedger, index: Index
) -> None:
    longer = canonical(
        [{"speaker": "Maya", "text": "I sent the chapter to Henrik."}, {"text": "New."}]
    )
    packet = PacketRecord(
        packet="sha256:d",
        manifest="m",
        origins="o",
        run="r4",
        slices={"transcript": digest_bytes(longer)},
    )
    blobs = {digest_bytes(longer): longer}
    add(ledger, begin("r4", 8), Commit(packet=packet, blobs=blobs))
    index.catch_up()
    assert len(index.search("henrik", kinds=("evidence",)).hits) == 1
    assert one(index, "new", "evidence").packet == "sha256:d"


@pytest.mark.parametrize("between", ["", "and then ", "and then " * 100])
def test_every_word_is_lit_in_the_excerpt_however_far_apart(between: str) -> None:
    text = f"{'Well. ' * 40}She slept {between}and ran, and slept.{' So.' * 90}"
    segments, start, end = snippet(text, finder(parse_words("ran slept")))
    assert [segment.text for segment in segments if segment.matched][:2] in (
        ["slept", "ran"],
        ["slept", "slept"],
    )
    assert {"ran", "slept"} == {segment.text for segment in segments if segment.matched}
    assert text[start:end] == "slept"
    assert sum(len(segment.text) for segment in segments) < 600


def test_an_excerpt_is_cut_between_words_that_stand_far_apart() -> None:
    text = f"one {'- ' * 300}two"
    segments, _, _ = snippet(text, finder(parse_words("one two")))
    shown = "".join(segment.text for segment in segments)
    assert shown.startswith("one - ")
    assert shown.endswith("- two")
    assert shown.count("…") == 1


@settings(deadline=None)
@given(st.text(max_size=400), st.text(min_size=1, max_size=12))
def test_a_snippet_is_the_text_as_it_was_written(text: str, asked: str) -> None:
    pieces = parse_words(asked)
    if not pieces:
        return
    segments, start, end = snippet(text, finder(pieces))
    assert all(segment.text in text or segment.text == "…" for segment in segments)
    assert 0 <= start <= end <= len(text)
