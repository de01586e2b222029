"""The style of pictures, for pages and for a picture that stands alone."""

from functools import cache
from importlib.resources import files

STYLE = "pictures.css"
_OPENING = "</title>"


@cache
def style() -> str:
    """The style sheet: classes, and custom properties for every colour."""
    return files("atelier.pictures").joinpath(STYLE).read_text(encoding="utf-8")


def standalone(picture: str) -> str:
    """A picture with its style in it: it fits light and dark wherever it is shown.

    Example:
        >>> standalone('<svg class="pic"><title>a</title></svg>').count("prefers-color-scheme")
        1
    """
    head, title, rest = picture.partition(_OPENING)
    return f"{head}{title}<style>{style()}</style>{rest}"
