"""The pages, as lines of the table of routes."""

from atelier.observatory.doors.route import Route
from atelier.observatory.pages.artefact import ARTEFACT
from atelier.observatory.pages.row import ROW
from atelier.observatory.pages.run import RUN
from atelier.observatory.pages.tables import TABLE_PAGES
from atelier.observatory.pages.workflows import WORKFLOWS

PAGES: tuple[Route, ...] = (*TABLE_PAGES, *RUN, *ROW, *ARTEFACT, *WORKFLOWS)
