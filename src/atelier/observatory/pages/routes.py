"""The pages, as lines of the table of routes."""

from atelier.observatory.api.running import FORMS
from atelier.observatory.doors.route import Route
from atelier.observatory.pages.artefact import ARTEFACT
from atelier.observatory.pages.claims import CLAIMS
from atelier.observatory.pages.compare import COMPARE
from atelier.observatory.pages.cost import COST
from atelier.observatory.pages.found import FOUND
from atelier.observatory.pages.integrity import INTEGRITY
from atelier.observatory.pages.packet import PACKET
from atelier.observatory.pages.review import REVIEW
from atelier.observatory.pages.row import ROW
from atelier.observatory.pages.run import RUN
from atelier.observatory.pages.search import SEARCH
from atelier.observatory.pages.stages import STAGES
from atelier.observatory.pages.tables import TABLE_PAGES
from atelier.observatory.pages.why import WHY
from atelier.observatory.pages.workflows import WORKFLOWS

PAGES: tuple[Route, ...] = (
    *TABLE_PAGES,
    *RUN,
    *ROW,
    *ARTEFACT,
    *REVIEW,
    *CLAIMS,
    *PACKET,
    *FOUND,
    *COMPARE,
    *SEARCH,
    *WHY,
    *COST,
    *STAGES,
    *INTEGRITY,
    *WORKFLOWS,
    *FORMS,
)
