"""The estimate of a text's width: never too narrow for what a browser draws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from atelier.pictures.lettering import BOLD, cut, width_of, wrap
from atelier.pictures.style import style

SAID = [
    "crosschecked",
    "input changed: packet/journal/5/text",
    "MMMM WWWW iiii llll",
    "$0.00086 · 4.2 s · 12 retried",
    "artefacts/{student}/{session}.md",
    "“Ça va?” — Größe 100% @ 7 (αβγ) → {}[]#~",
    "正直に数えた。 🌧️ 第二の連作",
]


@given(st.text(max_size=40), st.floats(5, 300))
def test_what_is_cut_or_wrapped_fits(text: str, limit: float) -> None:
    assert width_of(cut(text, 11, limit), 11) <= max(limit, width_of("…", 11))
    lines = wrap(text, 11, limit, lines=2)
    assert len(lines) <= 2
    assert all(width_of(line, 11) <= max(limit, width_of("…", 11)) for line in lines)


@given(st.text(alphabet="abc/._- ", max_size=40))
def test_wrapping_with_room_loses_no_letter(text: str) -> None:
    lines = wrap(text, 10, 60, lines=99)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.slow
def test_no_text_is_wider_in_a_browser_than_it_is_taken_for(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(f"<style>{style()}</style><svg class='pic'><text id='t'></text></svg>")
    page.evaluate("t.setAttribute('font-size', 100)")
    for weight, scale in ((400, 1.0), (600, BOLD)):
        for text in SAID:
            drawn = page.evaluate(
                "([text, weight]) => { t.textContent = text; t.style.fontWeight = weight;"
                " return t.getComputedTextLength(); }",
                [text, weight],
            )
            assert drawn <= width_of(text, 100 * scale), text
    page.close()
