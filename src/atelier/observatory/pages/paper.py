"""The paper that pages are written on: templates of this package, and nothing of a caller's."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from atelier.observatory.pages.beside import lit_pieces, main_text, other_texts, stretches
from atelier.observatory.pages.filters import FILTERS
from atelier.observatory.pages.frame import Frame
from atelier.observatory.pages.sheet import sheet_path
from atelier.observatory.pages.unseen import shown

# So many characters are a page's beginning: its head, and a screen of text.
BEGINNING = 16_384

_LAID: Mapping[str, Callable[..., object]] = {
    "lit_pieces": lit_pieces,
    "main_text": main_text,
    "other_texts": other_texts,
    "stretches": stretches,
}


def _visible(value: object) -> object:
    """What a template prints: a text that is no markup of ours shows what it would hide."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("atelier.observatory", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({**FILTERS, **_LAID})
    return made


def page(template: str, frame: Frame, **values: Any) -> str:
    """A page, as text: values in, markup out; what a value holds is only ever text."""
    return _environment().get_template(template).render(frame=frame, sheet=sheet_path(), **values)


def beginning_and_rest(template: str, frame: Frame, **values: Any) -> Iterator[str]:
    """A page in two parts: what is read first can be shown while the rest is written."""
    written = (
        _environment().get_template(template).generate(frame=frame, sheet=sheet_path(), **values)
    )
    first: list[str] = []
    room = BEGINNING
    while room > 0 and (text := next(written, None)) is not None:
        first.append(text)
        room -= len(text)
    yield "".join(first)
    yield "".join(written)


def prepare() -> None:
    """Make every template ready, so that nobody's first page waits for it."""
    made = _environment()
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)
