"""What a search finds in the evidence is opened where it stands, its words lit, with a script or without."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from visiting import PHONE, Served, Visitor

from atelier.kernel.digest import digest
from atelier.observatory.reading.packet_record import find_packet

# What is asked for, what is lit, and what stands before and behind it in its element.
CITED = {
    "写作": ("写作", "my name down for the ", " 🖋️ writing group"),
    "🖋": ("🖋️", "for the 写作 ", " writing group"),
    "🏛": ("🏛️", "I moved ", " the "),
    "🚀": ("👩‍🚀", "Ha. ", "🎉 Yeah."),
}
UNCITED = {
    "宝くじ": ("宝くじ", "twelfth. 🧑🏽‍🔬 ", "! I should"),
    "🔬": ("🧑🏽‍🔬", "Twelve on the twelfth. ", " 宝くじ!"),
}


def opened(visitor: Visitor, asked: str) -> Page:
    """The page that the newest hit of a search in the evidence leads to."""
    page = visitor.open(f"/search?q={quote(asked)}&kind=evidence")
    page.locator(".hit-head a").first.click()
    page.wait_for_url(re.compile("#found$"))
    return page


def assert_lit(page: Page, lit: tuple[str, str, str]) -> None:
    words, before, after = lit
    found = page.locator("#found")
    assert found.inner_text() == words
    assert (
        before + words + after
        in found.locator("xpath=ancestor::*[self::p or self::li][1]").inner_text()
    )
    expect(found).to_be_in_viewport()


@pytest.mark.parametrize("asked", CITED)
def test_cited_words_are_opened_beside_the_artefact(visitor: Visitor, asked: str) -> None:
    page = opened(visitor, asked)
    assert re.search("/runs/[^/]+/artefact", page.url)
    assert_lit(page, CITED[asked])
    assert page.locator(".element:has(#found) .span").count() > 0


@pytest.mark.parametrize("asked", UNCITED)
def test_words_that_nothing_cites_are_opened_in_their_packet(visitor: Visitor, asked: str) -> None:
    page = opened(visitor, asked)
    assert "/packets/" in page.url
    assert_lit(page, UNCITED[asked])


@pytest.mark.parametrize("asked", ["写作", "宝くじ"])
def test_without_a_script_they_are_lit_and_in_sight(plain_visitor: Visitor, asked: str) -> None:
    page = opened(plain_visitor, asked)
    assert_lit(page, {**CITED, **UNCITED}[asked])


def test_on_a_phone_they_are_in_sight(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PHONE)  # pyright: ignore[reportArgumentType]
    for asked in ("写作", "宝くじ"):
        assert_lit(opened(visitor, asked), {**CITED, **UNCITED}[asked])


def test_every_hit_in_the_evidence_leads_to_its_words(visitor: Visitor) -> None:
    page = visitor.open("/search?q=chapter&kind=evidence")
    hits = [
        (hit.locator("a").first.get_attribute("href"), hit.locator("mark").first.inner_text())
        for hit in page.locator(".hit").all()
    ]
    assert len(hits) > 5
    for address, words in hits:
        told = page.request.get(f"{visitor.base}{address}").text()
        assert f'<mark id="found">{words}</mark>' in told


@pytest.mark.parametrize(
    ("asked", "lit"),
    [
        ("写作 writing group", ["写作", "writing", "group"]),
        ("宝くじ twelfth", ["twelfth", "宝くじ"]),
    ],
)
def test_every_word_that_was_asked_for_is_lit(visitor: Visitor, asked: str, lit: list[str]) -> None:
    page = opened(visitor, asked)
    element = page.locator("#found").locator("xpath=ancestor::*[self::p or self::li][1]")
    assert element.locator("mark").all_inner_texts() == lit
    assert page.locator("#found").count() == 1


def test_what_nobody_rests_on_is_unfolded_in_the_reader(visitor: Visitor, full: Served) -> None:
    archive = full.house.archive
    run = next(one for one in archive.ledger.iter_runs(limit=9) if one.served_from is None)
    packet = find_packet(archive, run.start.packet)
    assert packet
    name, element = next(
        (item.name, one)
        for item in packet.slices.values()
        for one in item.elements
        if isinstance(one, dict) and "宝くじ" in str(one)
    )
    asked = f"in={name}&at={digest(element)}&pointer=/text&from=0&to=6#found"
    page = visitor.open(f"/runs/{run.start.run}/artefact?{asked}")
    assert page.locator("#found").inner_text() == "Twelve"
    expect(page.locator("#found")).to_be_in_viewport()


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "in=transcript",
        "in=transcript&at=sha256:" + "0" * 64 + "&from=1&to=2",
        "in=../x&at=x&from=-1&to=1e9",
        "in=transcript&at=sha256:" + "0" * 64 + "&pointer=<b>&from=9999999999999&to=²",
    ],
)
def test_a_place_that_is_nowhere_shows_the_packet(
    visitor: Visitor, full: Served, asked: str
) -> None:
    packet = next(full.house.ledger.iter_runs(limit=1)).start.packet
    page = visitor.open(f"/packets/{packet}/found?{asked}")
    assert page.get_by_role("heading", name="Packet", exact=True).is_visible()
    assert page.locator("#found").count() == 0


@pytest.mark.parametrize("asked", ["%", '""', "…"])
def test_signs_alone_are_said_to_be_no_words(visitor: Visitor, asked: str) -> None:
    page = visitor.open(f"/search?q={quote(asked)}")
    expect(page.locator(".empty-title")).to_have_text("There is no word in this.")
