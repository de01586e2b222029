"""Two hundred payloads in every place that a ledger has: each page shows them, and none acts."""

import pytest
from hostile import PAYLOADS
from test_every_page import GET, filled
from visiting import Served, Visitor

# Pages that show no word of the ledger.
SILENT = {"/search", "/compare", "/why", "/workflows"}


@pytest.mark.parametrize("path", [path for path in GET if "{workflow" not in path])
def test_hostile_text_is_only_ever_text(victim: Visitor, stuffed: Served, path: str) -> None:
    assert victim.audited(filled(path, stuffed), only_inert=True) == ""
    page = victim.page
    assert page.evaluate("[typeof window.owned, document.title.includes('owned=')]") != [1, True]
    assert page.evaluate("typeof window.owned") == "undefined"
    assert page.locator("img, iframe, object, embed, base, math, body body").count() == 0
    if path not in SILENT:
        assert "<script>" in page.locator("body").inner_text()


def test_hostile_words_are_searched_for_and_found(victim: Visitor) -> None:
    page = victim.open("/search")
    for payload in (PAYLOADS[0], PAYLOADS[1], '"><script>alert(1)</script>'):
        page.locator("#find").fill(payload)
        page.locator("#find").press("Enter")
        page.wait_for_load_state()
        assert payload in page.locator("h1").inner_text()
        assert page.locator("#find").input_value() == payload


def test_hidden_characters_are_shown(victim: Visitor, stuffed: Served) -> None:
    page = victim.open(filled("/packets/{packet:digest}", stuffed) + "?slice=transcript")
    assert page.locator(".unseen", has_text="U+202E").count() > 0
    assert "\u202e" not in page.content()
