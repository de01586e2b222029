"""What stands around every page: the choice of colours, the keyboard, failures, what is not offered."""

import re

from playwright.sync_api import expect
from visiting import Visitor


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
