"""What a request names, found in the house or refused: for pages, the API and files alike."""

from atelier.ledger.rows import RunRecord
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Visit


def get_run(visit: Visit) -> RunRecord:
    """The run that the path names.

    Raises:
        RefusalError: 404.
    """
    found = visit.house.ledger.find_run(visit.parts["run"])
    if found is None:
        raise not_found("run")
    return found
