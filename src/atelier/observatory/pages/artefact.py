"""The reader: an artefact beside its evidence."""

from starlette.responses import Response

from atelier.observatory.asked import get_run
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.pages.answer import paged_in_parts
from atelier.observatory.pages.beside import chosen, laid_out
from atelier.observatory.pages.found import found_in, is_shown
from atelier.observatory.reading.artefact import view_artefact


def _artefact(visit: Visit) -> Response:
    run, archive = get_run(visit), visit.house.archive.remembering()
    wanted = visit.query.get("path", "")
    emitted = archive.ledger.iter_artefacts(run=run.served_from or run.start.run)
    row = next((one for one in emitted if wanted in {"", one.path}), None)
    if row is None:
        raise not_found("artefact of this run")
    view = view_artefact(archive, row)
    lit = chosen(
        view,
        line=visit.query.get("line", ""),
        citation=visit.query.get("citation", ""),
        claim=visit.query.get("claim", ""),
    )
    stages = list(archive.ledger.iter_stage_rows(row.run))
    cited_in = {one.output: one.stage for one in reversed(stages) if one.output}
    found = found_in(archive, view.packet, visit.query)
    values = laid_out(view, lit, cited_in=cited_in)
    if found and is_shown(found, view.evidence):
        values["found"] = found
    return paged_in_parts(visit, "reader.html", place="runs", run=run.start.run, **values)


ARTEFACT = (Route(path="/runs/{run:run}/artefact", scope=Scope.READ, handler=_artefact),)
