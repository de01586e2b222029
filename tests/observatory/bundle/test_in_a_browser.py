"""A file opened from a disk: it asks for nothing, nothing in it acts, and it is read by keys alone."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hostile import hostile_ledger
from playwright.sync_api import Browser, Page
from visiting import AUDIT, PHONE, WIDE

from atelier.observatory.bundle.export import export_html
from atelier.observatory.bundle.options import Options, parse_redactions
from atelier.observatory.reading.archive import Archive

# The one style that a file has; the pages of a server have none.
STYLED = "there is an inline script or style: <style>"


@dataclass
class Reader:
    """A page without a server that writes down all that may not happen."""

    page: Page
    folder: Path
    wrong: list[str] = field(default_factory=list[str])

    def open(self, archive: Archive, *redact: str) -> Page:
        run = archive.find_run("latest")
        assert run is not None
        file = self.folder / "run.html"
        file.write_bytes(export_html(archive, run, Options(parse_redactions(redact))).data)
        self.page.on("console", lambda said: self.wrong.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda asked: self._asked(asked.url, file))
        self.page.goto(file.as_uri(), wait_until="load")
        return self.page

    def _asked(self, url: str, file: Path) -> None:
        if url.partition("#")[0] != file.as_uri():
            self.wrong.append(f"asked: {url}")

    def audited(self, *, only_inert: bool = False) -> list[str]:
        told: list[str] = self.page.evaluate(f"({AUDIT})({str(only_inert).lower()})")
        return [one for one in told if not one.startswith(STYLED)]


@pytest.fixture
def reader(chromium: Browser, tmp_path: Path) -> Generator[Reader]:
    context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")  # pyright: ignore[reportArgumentType]
    reader = Reader(context.new_page(), tmp_path)
    yield reader
    context.close()
    assert reader.wrong == []


@pytest.mark.parametrize("redact", [(), ("evidence", "subject")])
def test_every_leaf_is_whole_on_screens_and_phones_in_light_and_dark(
    reader: Reader, coaching: Archive, redact: tuple[str, ...]
) -> None:
    page = reader.open(coaching, *redact)
    leaves: list[str] = page.evaluate("[...document.querySelectorAll('.leaf')].map((at) => at.id)")
    assert leaves[:3] == ["artefact", "run", "review"]
    found: list[str] = []
    for leaf in ("", *leaves[:4], "about"):
        page.evaluate(f"location.hash = '{leaf}'")
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found += [f"{leaf} {size['width']} {scheme}: {one}" for one in reader.audited()]
    assert found == []


def test_one_leaf_is_shown_and_links_turn_to_the_others(reader: Reader, coaching: Archive) -> None:
    page = reader.open(coaching)
    shown: Callable[[], list[str]] = lambda: page.evaluate(  # noqa: E731
        "[...document.querySelectorAll('.leaf')].filter((at) => at.checkVisibility()).map((at) => at.id)"
    )
    assert shown() == ["artefact"]
    page.locator(".sentence.flagged").first.click()
    assert shown() == ["artefact"]
    card = page.locator(".claim:target")
    card.locator("blockquote a").first.click()
    element = page.locator(".element:target")
    assert element.evaluate("(at) => at.getBoundingClientRect().top") < WIDE["height"]
    element.locator("a", has_text="cited by").first.click()
    assert shown()[0].startswith("row-")
    page.go_back()
    assert shown() == ["artefact"]


def test_it_is_read_by_keys_alone(reader: Reader, coaching: Archive) -> None:
    page = reader.open(coaching)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#run")
    assert page.locator("#run").is_visible()


def test_all_of_it_is_printed(reader: Reader, coaching: Archive) -> None:
    page = reader.open(coaching)
    page.emulate_media(media="print")
    assert page.locator(".leaf").count() == page.evaluate(
        "[...document.querySelectorAll('.leaf')].filter((at) => at.checkVisibility()).length"
    )
    assert page.locator(".evidence").first.evaluate("(at) => getComputedStyle(at).overflowY") == (
        "visible"
    )


def test_hostile_text_does_nothing(reader: Reader) -> None:
    ledger = hostile_ledger()
    page = reader.open(Archive(ledger, ledger.find_blob))
    assert reader.audited(only_inert=True) == []
    assert page.evaluate("[typeof window.owned, document.title]")[0] == "undefined"
    assert page.locator("img, iframe, object, embed, base, math, script, form").count() == 0
    assert "<script>" in page.locator("body").inner_text()
