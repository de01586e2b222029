"""The whole story in a browser: start, watch, read beside the evidence, and ask why."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect
from visiting import PHONE, Visitor, Workshop

from atelier.ledger.sqlite import SqliteLedger

# What Maya says in the evidence of these tests: joined emoji, and words of another script.
SAID = {
    "I moved 🏛️ the casing section 前面 to the front of the results chapter": "00:10:54",
    "I put my name down for the 写作 🖋️ writing group": "00:21:11",
}
# Of every citation, the words under its marks, as the page shows them.
UNDER = """
() => {
  const found = {};
  for (const span of document.querySelectorAll(".span"))
    for (const id of span.dataset.citations.split(" "))
      found[id] = (found[id] ?? "") + span.textContent;
  return found;
}
"""


@pytest.fixture(scope="module")
def emitted(facilitator: Visitor) -> str:
    """The path of the reader, after the button was pressed and the run watched to its end."""
    page = facilitator.open("/workflows")
    page.get_by_role("link", name="synthesize-session").click()
    page.get_by_label("session", exact=False).first.fill("s12")
    page.get_by_label("student", exact=False).first.fill("maya")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(re.compile("/runs/0[0-9a-z]{25}$"))
    expect(page.locator("#live-head .m-complete")).to_be_visible(timeout=30_000)
    expect(page.locator("#live-stages tbody tr")).to_have_count(7)
    expect(page.locator("#live-facts")).to_contain_text("Ended")
    expect(page.locator("#live-outcome")).to_contain_text("artefacts/maya/s12.md")
    page.get_by_role("link", name="Read beside the evidence").click()
    page.wait_for_url(re.compile("/artefact$"))
    return page.url.removeprefix(facilitator.base)


def quotes(workshop: Workshop) -> Mapping[str, str]:
    """The quote of each citation of a claim, by the id that the page gives it."""
    with_ledger = SqliteLedger.open(workshop.ledger, read_only=True)
    run = next(with_ledger.iter_runs(limit=1)).start.run
    found = {
        f"{one.claim}.{one.ordinal}": one.quote
        for row in with_ledger.iter_stage_rows(run)
        if row.output and row.stage in {"contested", "crosschecked"}
        for one in with_ledger.iter_citations(row.output)
        if one.claim
    }
    with_ledger.close()
    return found


def test_every_span_is_exactly_its_quote(
    facilitator: Visitor, workshop: Workshop, emitted: str
) -> None:
    page = facilitator.open(emitted)
    known = quotes(workshop)
    under: dict[str, str] = page.evaluate(UNDER)
    told = {name: text for name, text in under.items() if name in known}
    assert len(told) > 20
    assert told == {name: known[name] for name in told}
    assert set(SAID) <= set(told.values())


@pytest.mark.parametrize("said", SAID)
def test_a_sentence_lights_its_spans(facilitator: Visitor, emitted: str, said: str) -> None:
    page = facilitator.open(emitted)
    page.locator(".sentence", has_text=said).click()
    lit = page.locator(".span.lit")
    assert "".join(lit.all_text_contents()) == said
    expect(lit.first).to_be_in_viewport()
    element = page.locator(".element", has=page.locator(".span.lit"))
    assert "Maya" in element.locator(".gutter").inner_text()
    assert SAID[said] in element.locator(".gutter").inner_text()
    assert "?line=" in page.url
    assert page.locator(".claim:visible").count() == 1


def test_a_link_to_a_lit_sentence_shows_the_same(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    page.locator(".sentence.flagged").first.click()
    lit = page.locator(".lit").all_text_contents()
    claims = page.locator(".claim:visible").all_inner_texts()
    page.goto(page.url)
    page.reload()
    assert page.locator(".lit").all_text_contents() == lit
    assert page.locator(".claim:visible").all_inner_texts() == claims


def test_a_span_lights_every_claim_that_rests_on_it(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    shared = page.locator(".span", has_text="I sent the methods chapter to Henrik on Monday").first
    wanted = shared.get_attribute("data-claims") or ""
    shared.click()
    assert len(wanted.split()) > 1
    shown = page.locator(".claim:visible")
    assert {one.get_attribute("data-claim") for one in shown.all()} == set(wanted.split())
    assert page.locator(".sentence.lit").count() == len(wanted.split())


def test_a_contested_sentence_shows_both_sides(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    page.locator(".first a").first.click()
    claim = page.locator(".claim:visible")
    expect(claim.get_by_role("heading", name="Supports")).to_be_visible()
    expect(claim.get_by_role("heading", name="Contradicts")).to_be_visible()
    assert page.locator(".span.lit.against").count() > 0
    page.keyboard.press("Escape")
    assert page.locator(".lit").count() == 0


def test_sentences_are_walked_by_keyboard(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("k")
    current = page.locator(".sentence[aria-current]")
    assert current.get_attribute("id") == page.locator(".sentence").nth(1).get_attribute("id")
    assert page.locator(".span.lit").count() > 0
    page.keyboard.press("Enter")
    expect(page.locator("#claims-beside")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".sentence").nth(1)).to_be_focused()


def assert_leads_to_its_place(page: Page) -> None:
    """A quote on a page without evidence leads to where it stands in the reader."""
    cited = page.locator(".sided a").first
    quote = cited.inner_text().strip("“”")
    cited.click()
    page.wait_for_url(re.compile(r"/artefact\?citation="))
    assert "".join(page.locator(".span.lit").all_text_contents()) == quote


def test_from_the_page_one_gets_to_why(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    page.get_by_role("link", name="Why it says this").click()
    page.wait_for_url(re.compile("/why"))
    sentence = next(iter(SAID))
    page.locator("#asked").fill(f"Maya: “{sentence}”.")
    page.get_by_role("button", name="Why?").click()
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="What it rests on")).to_be_visible()
    assert sentence in page.locator(".why-claim .sided").first.inner_text()
    assert page.locator("tbody tr", has_text="draft").count() > 0
    assert_leads_to_its_place(page)


def test_a_person_judges_and_both_words_stand(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.open(emitted)
    page.locator(".first a").first.click()
    claim = page.locator(".claim:visible")
    claim.get_by_text("Confirm or override").click()
    claim.get_by_label("unsupported").check()
    claim.get_by_label("Why").fill("She said later that it was a draft. 🖋️")
    claim.get_by_label("Who judges").fill("Ruth")
    claim.get_by_role("button", name="Add to the record").click()
    page.wait_for_url(re.compile("/claims/"))
    assert "contested" in page.locator(".claim h2").inner_text()
    assert "it was a draft. 🖋️" in page.locator(".judgements").inner_text()
    assert_leads_to_its_place(page)
    page.goto(facilitator.base + "/claims")
    assert page.get_by_text("1 claim judged").is_visible()


def test_on_a_phone_what_was_chosen_stays_in_sight(facilitator: Visitor, emitted: str) -> None:
    page = facilitator.page
    page.set_viewport_size(PHONE)  # pyright: ignore[reportArgumentType]
    facilitator.open(emitted)
    page.locator(".sentence.flagged").first.click()
    expect(page.locator(".claim:visible")).to_be_in_viewport()
    expect(page.locator(".sentence.lit")).to_be_in_viewport()
    page.get_by_role("link", name="Let go").click()
    assert page.locator(".claim:visible").count() == 0
    page.set_viewport_size({"width": 1360, "height": 900})


def test_without_a_script_the_links_do_the_same(plain_facilitator: Visitor, emitted: str) -> None:
    page: Page = plain_facilitator.open(emitted)
    said = next(iter(SAID))
    page.locator(".sentence", has_text=said).click()
    page.wait_for_load_state()
    assert "".join(page.locator(".span.lit").all_text_contents()) == said
    assert page.locator(".claim:visible").count() == 1
    page.locator(".span.lit").first.click()
    page.wait_for_load_state()
    assert said in "".join(page.locator(".sentence.lit").all_text_contents())
    assert page.locator("#theme").is_hidden()
    assert plain_facilitator.wrong == []


def test_a_file_is_asked_about_by_its_mark(facilitator: Visitor, workshop: Workshop) -> None:
    page = facilitator.open("/why")
    emitted = workshop.ledger.parents[1] / "artefacts/maya/s12.md"
    page.locator("#file").set_input_files(emitted)
    page.wait_for_url(re.compile("q=sha256"))
    assert "artefacts/maya/s12.md" in page.locator("main").inner_text()
    page.locator("#asked").fill(emitted.read_text(encoding="utf-8"))
    page.get_by_role("button", name="Why?").click()
    page.wait_for_url(re.compile("q=sha256"))
    expect(page.get_by_role("heading", name="What this digest is")).to_be_visible()
