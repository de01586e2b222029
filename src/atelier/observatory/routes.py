"""The table of routes: one line for each thing that may be asked for."""

from atelier.observatory.api.table import API
from atelier.observatory.bundle.route import EXPORT
from atelier.observatory.doors.route import Route
from atelier.observatory.pages.routes import PAGES
from atelier.observatory.pages.sheet import SHEET

ROUTES: tuple[Route, ...] = (*API, *SHEET, *PAGES, *EXPORT)
