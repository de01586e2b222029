"""Observatory's application, made from one table of routes."""

from collections.abc import Sequence

from atelier.observatory.doors.door import Door
from atelier.observatory.doors.guardian import Guardian
from atelier.observatory.doors.host import Hosts
from atelier.observatory.doors.limits import Limits
from atelier.observatory.doors.login import login_routes
from atelier.observatory.doors.route import Route
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.static import read_assets, serve_assets
from atelier.observatory.house import House
from atelier.observatory.pages.trouble import trouble
from atelier.observatory.routes import ROUTES


def make_app(
    house: House, *, hosts: Hosts, guardian: Guardian, limits: Limits | None = None
) -> Door:
    """The application that serves a house."""
    return Door(
        all_routes(guardian),
        house,
        hosts=hosts,
        guardian=guardian,
        limits=limits,
        telling=trouble,
    )


def all_routes(guardian: Guardian) -> Sequence[Route]:
    """Every route: the door's, the static files, the API and the pages."""
    assets = serve_assets(read_assets("atelier.observatory", "static"))
    static = Route(path="/static/{file:asset}", scope=Scope.READ, handler=assets)
    return (*login_routes(guardian), static, *ROUTES)
