"""SVG as text: elements whose attributes and texts are escaped, whatever they hold."""

import re
from collections.abc import Iterable

# What XML has no place for, and what turns the direction of the text that follows.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SPECIAL = re.compile("[&<>\"']")
Value = str | float


def escape(text: str) -> str:
    """A text that is one, in an element and in an attribute.

    Example:
        >>> escape("a<b>&" + chr(27)) == "a&lt;b&gt;&amp;" + chr(0xFFFD)
        True
    """
    return _SPECIAL.sub(lambda found: _ENTITIES[found[0]], _UNFIT.sub("\ufffd", text))


def number(value: float) -> str:
    """A coordinate: two digits behind the point are enough, and none where none are needed.

    Example:
        >>> number(12.0), number(1.005), number(-0.0), number(2 / 3)
        ('12', '1', '0', '0.67')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def element(name: str, *content: str, **attributes: Value | None) -> str:
    """An element; content is markup already, attributes are escaped, and one that is None is left out.

    An underscore stands for a hyphen, and one at the end is dropped: `class_`, `aria_label`.

    Example:
        >>> element("text", escape("a<b"), x=1.5, class_="pic-name", href=None)
        '<text x="1.5" class="pic-name">a&lt;b</text>'
        >>> element("path", d="M0 0")
        '<path d="M0 0"/>'
    """
    told = "".join(
        f' {_name(key)}="{escape(value if isinstance(value, str) else number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{told}>{''.join(content)}</{name}>" if content else f"<{name}{told}/>"


def classes(*names: str) -> str:
    """The names that are not empty.

    Example:
        >>> classes("pic-node", "", "is-ran")
        'pic-node is-ran'
    """
    return " ".join(name for name in names if name)


def text_at(words: str, x: float, y: float, *, size: float, **attributes: Value | None) -> str:
    """A line of text at its baseline."""
    return element("text", escape(words), x=x, y=y, font_size=size, **attributes)


def svg(
    width: float, height: float, content: Iterable[str], *, title: str, desc: str, class_: str
) -> str:
    """A whole picture that scales, with an accessible name and description."""
    return element(
        "svg",
        element("title", escape(title)),
        element("desc", escape(desc)) if desc else "",
        *content,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        class_=classes("pic", class_),
        role="group",
        aria_label=title,
    )


def _name(key: str) -> str:
    return key if key == "viewBox" else key.rstrip("_").replace("_", "-")
