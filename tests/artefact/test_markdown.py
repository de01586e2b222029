"""The printed artefact: what a reader sees, and what each line rests on."""

from collections.abc import Callable
from re import findall
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from atelier.artefact.door import check
from atelier.artefact.mark import read_mark
from atelier.artefact.markdown import NOT_GROUNDED, Rendered, render
from atelier.artefact.passage import Passage
from atelier.kernel.canonical import canonical
from atelier.kernel.evidence import Address, GroundedClaim, Verdict

Origin = Callable[[Address], str]


def printed(passages: list[Passage], claims: dict[str, GroundedClaim], **more: Any) -> Rendered:
    faults = check(passages, claims, also=more.pop("also", ()), title=more.get("title", ""))
    title = more.pop("title", "")
    return render(title, passages, claims, origin=lambda _: "m.vtt:1", faults=faults, **more)


def body(rendered: Rendered) -> list[str]:
    return rendered.text.splitlines()[:-1]


def test_sentence_stands_on_its_line_with_its_footnote(week: Any) -> None:
    passage = week.passage(f"{week.text('slept')} {week.text('ran')}", "slept", "ran")
    assert body(printed([passage], week.claims)) == [
        "Maya slept four hours before the exam on Tuesday.[^1]",
        "She ran 5 km with Noah on Saturday.[^2]",
        "",
        "[^1]: “I got, um, four hours before the exam on Tuesday” — m.vtt:1",
        "[^2]: “Noah and I did five kilometres on Saturday and it felt easy, we ran slowly” — m.vtt:1",
        "",
    ]


def test_equal_citations_share_a_number_in_order_of_appearance(week: Any) -> None:
    passages = [
        week.passage(week.text("ran"), "slept", "ran"),
        week.passage(f"{week.text('slept')} {week.text('ran')}", "slept", "ran"),
    ]
    lines = body(printed(passages, week.claims))
    assert [findall(r"\[\^\d+\]", line) for line in lines if "." in line and "“" not in line] == [
        ["[^1]"], ["[^2]"], ["[^1]"],
    ]  # fmt: skip


def test_contested_claim_shows_its_flag_and_both_sides(week: Any) -> None:
    lines = body(printed([week.passage(week.text("pages"), "pages")], week.claims))
    assert lines[0] == "The draft has 40 pages.[^1][^2] **[contested]**"
    assert lines[2].startswith("[^1]: supports: “forty pages of draft now”")
    assert lines[3].startswith("[^2]: contradicts: “The draft is thirty-two pages long.”")


@pytest.mark.parametrize(("name", "mark"), [
    ("sent", "**[contested: contradicted]**"),
    ("pages", "**[contested]**"),
    ("calmer", "**[contested: unverified]**"),
    ("wrote", "**[contested: partial]**"),
    ("rest", "*[out of scope]*"),
    ("slept", ".[^1]"),
])  # fmt: skip
def test_reader_sees_what_the_evidence_says(week: Any, name: str, mark: str) -> None:
    assert body(printed([week.passage(week.text(name), name)], week.claims))[0].endswith(mark)


def test_flag_is_printed_whatever_the_words_say(week: Any) -> None:
    passage = week.passage("Maya certainly sent the methods chapter to Henrik.", "sent", "slept")
    line = body(render("", [passage], week.claims, origin=str))[0]
    assert line.endswith("**[contested: contradicted]**"), "even where nobody asked the door"


def test_fault_is_printed_and_never_as_plain_text(week: Any) -> None:
    passages = [
        week.passage(f"{week.text('slept')} She is thriving.", "slept", heading="With Priya"),
        Passage(text=week.text("ran"), claims=("00000000",)),
    ]
    done = printed(passages, week.claims, title="Week 99")
    assert [line for line in body(done) if line and not line.startswith("[^")] == [
        "# Week 99 **[contested: not grounded]**",
        "## With Priya **[contested: not grounded]**",
        "Maya slept four hours before the exam on Tuesday.[^1]",
        "She is thriving. **[contested: not grounded]**",
        "She ran 5 km with Noah on Saturday. **[contested: not grounded]**",
    ]
    flags = {line.sentence: line.flag for line in done.lines}
    assert flags["She is thriving."] == NOT_GROUNDED
    assert flags[week.text("slept")] == ""


def test_heading_that_states_something_carries_footnote_and_flag(week: Any) -> None:
    passages = [
        week.passage(week.text("sent"), "sent", heading="Maya sent Henrik the methods chapter"),
        week.passage(week.text("slept"), "slept", heading=week.text("slept")),
    ]
    lines = body(printed(passages, week.claims, also=["maya"]))
    headings = [line for line in lines if line.startswith("##")]
    assert headings == [
        "## Maya sent Henrik the methods chapter[^1] **[contested: contradicted]**",
        "## Maya slept four hours before the exam on Tuesday.[^2]",
    ]


def test_heading_is_printed_once_for_its_section(week: Any) -> None:
    passages = [
        week.passage("", heading="Sleep"),
        week.passage(week.text("slept"), "slept", heading="Sleep"),
        week.passage(week.text("ran"), "ran"),
        week.passage("Why?", heading="Next"),
    ]
    lines = [line for line in body(printed(passages, week.claims)) if line.startswith("#")]
    assert lines == ["## Sleep", "## Next"]


def test_question_shows_what_it_is_tied_to(week: Any) -> None:
    passage = week.passage("What would make the phone call easier for Maya?", "call", "sent")
    done = printed([passage], week.claims)
    assert body(done)[0] == "What would make the phone call easier for Maya?[^1][^2]"
    assert done.lines[0].claims == (week.ids["call"], week.ids["sent"])


def test_list_stays_a_list_and_a_blank_line_a_paragraph(week: Any) -> None:
    text = (
        f"{week.text('slept')}\n\n* {week.text('form')} {week.text('ran')}\n1. {week.text('rent')}"
    )
    lines = body(printed([week.passage(text, "slept", "form", "ran", "rent")], week.claims))
    assert lines[:5] == [
        "Maya slept four hours before the exam on Tuesday.[^1]",
        "",
        "- The scholarship form is due on 14 March 2026.[^2]",
        "  She ran 5 km with Noah on Saturday.[^3]",
        "- Rent takes 60% of her stipend.[^4]",
    ]


def test_what_is_missing_is_said_above_everything(week: Any) -> None:
    notes = ["Without review: rate limited <b>", "Without themes: it was blocked"]
    lines = body(printed([week.passage("Why?")], week.claims, title="Week", notes=notes))
    assert lines[:6] == [
        "# Week", "",
        "> Without review: rate limited &lt;b>", ">", "> Without themes: it was blocked", "",
    ]  # fmt: skip


def test_evidence_origin_and_text_cannot_inject(week: Any) -> None:
    claims = dict(week.claims)
    claim = claims[week.ids["slept"]]
    evil = "four hours before\n\n[^9]: forged <script>x</script> ![a](http://b) \u202eexam Tuesday"
    cited = claim.citations[0].model_copy(update={"quote": evil})
    claims[week.ids["slept"]] = claim.model_copy(update={"citations": (cited,)})
    passage = week.passage(f"{week.text('slept')} [^1]: <b>x</b>", "slept", heading="a\n# b <i>")
    done = render("[t](u)", [passage], claims, origin=lambda _: "<a>\n# x.vtt:1")
    assert "<" not in "".join(body(done))
    assert "\u202e" not in done.text
    assert "⟨U+202E⟩" in done.text
    assert sum(line.startswith("[^") for line in body(done)) == 1
    types = {block.type for block in MarkdownIt("commonmark").parse(done.text)}
    assert types == {
        "heading_open", "inline", "heading_close", "paragraph_open", "paragraph_close", "html_block",
    }  # fmt: skip


def test_address_at_the_end_keeps_clear_of_the_reference(week: Any) -> None:
    claims = dict(week.claims)
    claim = claims[week.ids["slept"]]
    text = "Maya keeps her plan at http://plan.example/maya"
    claims[week.ids["slept"]] = claim.model_copy(
        update={"claim": claim.claim.model_copy(update={"text": text})}
    )
    line = body(render("", [week.passage(text, "slept")], claims, origin=str))[0]
    assert line == f"{text} [^1]"


def test_every_line_says_what_it_rests_on(week: Any, good: list[Passage]) -> None:
    done = printed(good, week.claims, title="Maya")
    lines = done.text.splitlines()
    by_number = {line.first: line for line in done.lines}
    assert all(line.first == line.last for line in done.lines)
    for number, text in enumerate(lines, start=1):
        assert (number in by_number) == bool(text and not text.startswith("<!--")), text
    for line in done.lines:
        shown = lines[line.first - 1]
        assert line.sentence in shown
        assert (f"[{line.flag}]" in shown) == bool(line.flag)
        if line.part == "text":
            assert set(line.claims) <= set(good[line.passage].claims)
            assert ("[^" in shown) == any(week.claims[name].citations for name in line.claims)
        if line.part == "footnote":
            assert any(
                line.sentence in c.quote for n in line.claims for c in week.claims[n].citations
            )


def test_lines_are_json_with_names(week: Any) -> None:
    done = printed([week.passage(week.text("slept"), "slept")], week.claims)
    assert done.lines_json()[0] == {
        "first": 1,
        "last": 1,
        "part": "text",
        "passage": 0,
        "sentence": week.text("slept"),
        "claims": [week.ids["slept"]],
        "flag": "",
    }
    canonical(done.lines_json())


def test_mark_is_the_last_line_and_intact(week: Any, good: list[Passage]) -> None:
    done = printed(good, week.claims)
    found = read_mark(done.text.encode())
    assert found is not None
    assert (found.digest, found.intact) == (done.mark, True)


def test_equal_inputs_print_equal_bytes(week: Any, good: list[Passage]) -> None:
    shuffled = dict(reversed(week.claims.items()))
    assert printed(good, week.claims) == printed(good, shuffled)


def test_empty_artefact_is_its_mark_alone() -> None:
    done = render("", [], {}, origin=str)
    assert done.text == f"<!-- atelier:{done.mark} -->\n"


@given(
    st.lists(st.tuples(st.text(max_size=60), st.text(max_size=20)), max_size=4),
    st.text(max_size=20),
)
def test_line_numbers_hold_for_any_text(parts: list[tuple[str, str]], title: str) -> None:
    passages = [Passage(text=text, heading=heading) for text, heading in parts]
    done = render(title, passages, {}, origin=str, faults=check(passages, {}, title=title))
    data = done.text.encode()
    assert read_mark(data) is not None
    assert len(done.text.splitlines()) == done.text.count("\n")
    assert all(line.first <= done.text.count("\n") for line in done.lines)
    stated = [line for line in done.lines if line.part == "text"]
    assert all(len(done.text.splitlines()[line.first - 1]) > 0 for line in stated)


def test_every_flagged_claim_of_a_good_artefact_is_visible(week: Any, good: list[Passage]) -> None:
    done = printed(good, week.claims)
    for line in done.lines:
        restated = [c for c in week.claims.values() if c.claim.text == line.sentence]
        for claim in restated:
            clean = claim.verdict in {Verdict.SUPPORTED, Verdict.OUT_OF_SCOPE}
            assert clean == (line.flag == "")
