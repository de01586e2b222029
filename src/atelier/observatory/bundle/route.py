"""A run as one file to keep: the same pages, bound."""

from starlette.responses import Response

from atelier.observatory.asked import get_run
from atelier.observatory.bundle.export import export_html
from atelier.observatory.bundle.options import Options, parse_redactions
from atelier.observatory.doors.answer import download
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope


def _export(visit: Visit) -> Response:
    named = [name for name in visit.query.get("redact", "").split(",") if name]
    options = Options(parse_redactions(named), only_cited=visit.query.get("only_cited") == "1")
    bundle = export_html(visit.house.archive, get_run(visit), options)
    return download(bundle.data, name=bundle.name, media_type="text/html")


EXPORT = (Route(path="/runs/{run:run}/export", scope=Scope.READ, handler=_export),)
