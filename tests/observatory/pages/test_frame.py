"""What stands around every page: the choice of colours, the keyboard, failures, what is not offered."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from visiting import Served, Visitor


def ground(visitor: Visitor) -> str:
    return visitor.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_the_choice_of_colours_is_kept_and_does_not_flash(visitor: Visitor) -> None:
    page = visitor.open("/")
    light = ground(visitor)
    button = page.locator("#theme")
    button.click()
    button.click()
    expect(button).to_have_attribute("aria-label", "Colours: dark")
    dark = ground(visitor)
    assert dark != light
    visitor.open("/claims")
    # The server wrote it into the page: no script has to run before the first paint.
    assert 'data-theme="dark"' in page.request.get(page.url).text()
    assert ground(visitor) == dark
    page.locator("#theme").click()
    expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: as the system")
    visitor.open("/claims")
    assert ground(visitor) == light


def test_a_table_is_walked_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("tr.at").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/runs/"))
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/claims$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_content_is_one_step_away(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_filters_are_a_form_and_a_chip_takes_one_away(visitor: Visitor) -> None:
    page = visitor.open("/")
    rows = page.locator("tbody tr").count()
    page.get_by_role("link", name="served from cache").click()
    page.wait_for_load_state()
    assert 0 < page.locator("tbody tr").count() < rows
    assert "Cache is hit" in page.locator(".chip.set").inner_text()
    page.get_by_label("Filter by Workflow").select_option("synthesize-session")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_load_state()
    assert page.locator(".chip.set").count() == 2
    assert "seconds" not in page.url  # an empty field says nothing
    page.get_by_role("link", name="Clear all").click()
    page.wait_for_load_state()
    assert page.locator("tbody tr").count() == rows


def test_a_table_is_sorted_by_its_heads(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("link", name="Took").click()
    page.wait_for_load_state()
    head = page.get_by_role("columnheader", name="Took")
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name="Took").click()
    page.wait_for_load_state()
    expect(head).to_have_attribute("aria-sort", "ascending")


def test_a_failure_is_a_page_to_go_on_from(visitor: Visitor) -> None:
    page = visitor.page
    answer = page.goto(visitor.base + "/runs/01m8h7j5nrghsq2am30zj40aba")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no such run.")).to_be_visible()
    page.get_by_role("link", name="The runs").click()
    page.wait_for_url(visitor.base + "/")
    answer = page.goto(visitor.base + "/?seconds.from=x")
    assert answer is not None
    assert answer.status == 422
    assert "Write a number" in page.locator("main").inner_text()
    assert all("Failed to load resource" in said for said in visitor.wrong)
    visitor.wrong.clear()


def test_a_path_that_is_nowhere_is_a_page_to_go_on_from(visitor: Visitor) -> None:
    page = visitor.page
    for path in ("/nowhere", "/runs/nowhere", "/static/nowhere/here"):
        answer = page.goto(visitor.base + path)
        assert answer is not None
        assert answer.status == 404
        assert "nowhere" not in page.locator("main").inner_text()
        expect(page.get_by_role("heading", name="There is no such page.")).to_be_visible()
        expect(page.get_by_role("navigation", name="Places", exact=True)).to_be_visible()
    page.get_by_role("link", name="The runs").click()
    page.wait_for_url(visitor.base + "/")
    assert all("Failed to load resource" in said for said in visitor.wrong)
    visitor.wrong.clear()


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html"])
def test_a_path_that_is_nowhere_is_told_plainly_to_programs(visitor: Visitor, accept: str) -> None:
    path = "/api/v1/nowhere" if accept == "text/html" else "/nowhere"
    answer = visitor.page.request.get(visitor.base + path, headers={"accept": accept})
    assert answer.status == 404
    assert answer.json()["error"]["code"] == "door.not_found"


WIDTHS = (320, 360, 390, 480, 600, 768, 900, 1024, 1100, 1180, 1280, 1440, 1600)
# What of the head is wider than its place, stands over another part, or takes a second line.
UNEVEN = """
() => {
  const parts = [...document.querySelectorAll(".top > *, .places.wide li, .home > *")]
    .filter((one) => one.checkVisibility());
  const wrong = [];
  const top = document.querySelector(".top").getBoundingClientRect();
  if (top.height > 60) wrong.push(`the head is ${top.height} high`);
  if (document.scrollingElement.scrollWidth > innerWidth) wrong.push("the page is too wide");
  for (const one of parts) {
    const a = one.getBoundingClientRect();
    if (a.left < 0 || a.right > innerWidth) wrong.push(`${one.className} leaves the screen`);
    for (const other of parts) {
      if (one === other || one.contains(other) || other.contains(one)) continue;
      const b = other.getBoundingClientRect();
      if (a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom && b.top < a.bottom && a.width > 2 && b.width > 2)
        wrong.push(`${one.className || one.textContent} is over ${other.className || other.textContent}`);
    }
  }
  for (const one of document.querySelectorAll(".places.wide a"))
    if (one.checkVisibility() && one.getClientRects()[0].height > 36) wrong.push(`${one.textContent} wraps`);
  return wrong;
}
"""


def test_the_head_fits_at_every_width(visitor: Visitor) -> None:
    page = visitor.open("/integrity")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(UNEVEN) == [], width
        folded = page.locator(".places-fold > summary")
        assert folded.is_visible() == (width < 1100), width
        assert page.locator(".places.wide").is_visible() == (width >= 1100), width
        if width < 1100:
            folded.click()
            expect(page.get_by_role("link", name="Integrity")).to_be_in_viewport(ratio=1)
            folded.click()


def test_the_number_of_open_obligations_leads_to_the_review(visitor: Visitor) -> None:
    page = visitor.open("/?obligations.from=1")
    for row in range(page.locator("tbody tr").count()):
        page.locator("tbody tr").nth(row).get_by_title("Its review").click()
        page.wait_for_url(re.compile("/runs/[^/]+/review$"))
        assert page.get_by_role("heading", name="Obligations").is_visible()
        page.go_back()


def test_the_history_of_an_artefact_is_taken_along(visitor: Visitor, full: Served) -> None:
    emitted = list(full.house.ledger.iter_artefacts())[-1]
    page = visitor.page
    places = (f"/runs/{emitted.run}", f"/runs/{emitted.run}/artefact")
    asked = (f"/why?q={emitted.digest}", f"/why?q={emitted.mark}")
    for place in (*places, *asked):
        visitor.open(place)
        for name, begins in (("PROV", '"@context"'), ("in-toto", '"_type"')):
            with page.expect_download() as told:
                page.get_by_role("link", name=name, exact=True).first.click()
            text = Path(told.value.path()).read_text(encoding="utf-8")
            assert text.split()[1].startswith(begins), place
            assert emitted.run in text


def test_an_element_says_what_rests_on_it(visitor: Visitor, full: Served) -> None:
    ledger = full.house.ledger
    run = next(ledger.iter_runs(limit=1)).start.run
    outputs = [row.output for row in ledger.iter_stage_rows(run) if row.output]
    cited = next(one for output in outputs for one in ledger.iter_citations(output) if one.claim)
    page = visitor.open(f"/why?q={cited.element}")
    resting = page.locator("section", has=page.get_by_role("heading", name="What rests on it"))
    assert cited.quote in resting.inner_text()
    resting.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/claims/"))


def test_a_copy_offers_nothing_that_writes(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.get_by_role("link", name="Start a workflow").count() == 0
    page.get_by_role("link", name="synthesize-session").first.click()
    page.get_by_role("link", name="Read beside the evidence").click()
    page.locator(".sentence").first.click()
    assert page.locator(".claim:visible").count() == 1
    assert page.get_by_text("Confirm or override").count() == 0


def test_what_is_printed_is_the_text_and_its_evidence(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.get_by_role("link", name="synthesize-session").first.click()
    page.get_by_role("link", name="Read beside the evidence").click()
    page.emulate_media(media="print")
    page.locator(".paper h1").wait_for()
    page.locator(".claim:visible").nth(10).wait_for()
    assert page.locator(".top, .foot, .slices, .hint").filter(visible=True).count() == 0
    page.emulate_media(media="screen")
