"""The API: the same reading as the pages', as JSON."""

from atelier.observatory.api.status import STATUS
from atelier.observatory.doors.route import Route

API: tuple[Route, ...] = (*STATUS,)
