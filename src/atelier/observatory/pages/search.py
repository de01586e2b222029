"""The page of search: words in prompts, answers, outputs, claims, evidence, errors and judgements."""

from urllib.parse import urlencode

from starlette.responses import Response

from atelier.observatory.asked import number_of
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.documents import KINDS
from atelier.observatory.index.search import Hit
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.filters import step
from atelier.observatory.pages.found import way_to


def _search(visit: Visit) -> Response:
    text, kind = visit.query.get("q", "").strip(), visit.query.get("kind", "")
    index = visit.house.index
    kinds = (kind,) if kind else ()
    found = index.search(text, kinds=kinds, before=number_of(visit, "before"))
    more = urlencode({"q": text, "kind": kind, "before": found.before})
    return paged(
        visit,
        "search.html",
        place="search",
        text=text,
        kind=kind,
        kinds=KINDS,
        counts=index.count_hits(text) if text else {},
        hits=[(hit, address_of(hit, text)) for hit in found.hits],
        more=f"/search?{more}" if found.before else "",
    )


def address_of(hit: Hit, asked: str) -> str:
    """Where what was found stands; empty where nothing leads to it.

    Example:
        >>> address_of(Hit(kind="claim", number=1, segments=(), run="0r", claim="0a1b"), "slept")
        '/runs/0r/claims/0a1b'
    """
    if hit.packet:
        return way_to(hit, asked)
    if hit.claim and hit.run:
        return f"/runs/{step(hit.run)}/claims/{step(hit.claim)}"
    if hit.attempt and hit.run:
        return f"/runs/{step(hit.run)}/stages/{step(hit.stage)}#asked"
    return f"/rows/{hit.seq}" if hit.seq else ""


SEARCH = (Route(path="/search", scope=Scope.READ, handler=_search),)
