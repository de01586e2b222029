"""The style sheet of every page: one file, whose name changes with it, so that a browser keeps it."""

from functools import cache

from starlette.responses import Response

from atelier.kernel.digest import digest_bytes
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.static import read_assets
from atelier.pictures.style import style

# In this order: what comes later may overrule what came before.
_PARTS = ("tokens", "base", "frame", "parts", "tables", "reader", "places", "pictures")
_PRINT = "print"
# A page waits for its style before it is painted; a year is what browsers take for always.
_KEPT = "private, max-age=31536000, immutable"


def joined(*more: str) -> bytes:
    """The sheets of the package in one: the pictures', the pages', more, and what holds on paper."""
    assets = read_assets("atelier.observatory", "static")
    parts = [style().encode(), *(assets[f"{name}.css"].data for name in (*_PARTS, *more))]
    return b"\n".join([*parts, b"@media print {", assets[f"{_PRINT}.css"].data, b"}\n"])


@cache
def sheet() -> bytes:
    """The sheet of every page."""
    return joined()


@cache
def sheet_path() -> str:
    """Where the sheet stands as long as it is as it is."""
    return f"/sheet/{digest_bytes(sheet())[7:23]}.css"


def _sheet(visit: Visit) -> Response:
    if visit.request.url.path != sheet_path():
        raise not_found("file")
    return Response(sheet(), media_type="text/css", headers={"Cache-Control": _KEPT})


SHEET = (Route(path="/sheet/{file:asset}", scope=Scope.READ, handler=_sheet),)
