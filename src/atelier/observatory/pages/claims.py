"""Claims across runs, and one claim by itself with what people say of it."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response

from atelier.kernel.clock import iso
from atelier.ledger.judging import Word, judge
from atelier.observatory.api.running import require_starter
from atelier.observatory.asked import get_run
from atelier.observatory.doors.answer import see
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Route, Visit
from atelier.observatory.doors.scope import Scope
from atelier.observatory.index.aggregates import Trend
from atelier.observatory.pages.answer import paged
from atelier.observatory.pages.drawings import Shown, shown, spans_of
from atelier.observatory.pages.tables import SHOWN, table_of
from atelier.observatory.reading.claims import view_claim
from atelier.observatory.reading.judgements import find_claim, judged_claims, precision_of
from atelier.observatory.reading.packet_record import find_packet
from atelier.pictures.charts.bars import stacked_bars
from atelier.pictures.charts.chart import Frame, Series


def _claims(visit: Visit) -> Response:
    shown = SHOWN["claims"]
    judged = judged_claims(visit.house.ledger)
    return paged(
        visit,
        "claims.html",
        place="claims",
        table=table_of(visit, "claims", shown.columns, action="/claims"),
        lead=shown.lead,
        precision=precision_of(judged),
        judged=len(judged),
        chart=_trend(visit.house.index.claim_trend()),
    )


_TOLD = {
    "supported": ("supported",),
    "contested": ("contested", "contradicted", "partial"),
    "open": ("unsupported", "unverified"),
}


def _trend(days: Sequence[Trend]) -> Shown | None:
    """The claims over time: what stood, what was contested, what stayed open."""
    if len(days) < 2:
        return None
    labels, spans = spans_of([one.day for one in days])
    series = [
        Series(
            name=name,
            values=[
                float(sum(days[at].verdicts.get(one, 0) for at in span for one in verdicts))
                for span in spans
            ],
        )
        for name, verdicts in _TOLD.items()
    ]
    frame = Frame(title="Claims over time", what="when", height=140.0)
    return shown(partial(stacked_bars, labels=labels, series=series), frame)


def _claim(visit: Visit) -> Response:
    run, archive = get_run(visit), visit.house.archive
    row = find_claim(archive, run.start.run, visit.parts["claim"])
    if row is None:
        raise not_found("claim in this run")
    found = view_claim(archive, run.start.run, row, packet=find_packet(archive, run.start.packet))
    emitted = list(archive.ledger.iter_artefacts(run=run.served_from or run.start.run))
    return paged(
        visit,
        "claim_page.html",
        place="claims",
        run=run.start,
        claim=found.claims[0],
        view={"citations": found.citations, "run": run.start.run},
        emitted=emitted,
    )


def _judge(visit: Visit) -> Response:
    run, form = get_run(visit).start.run, visit.form
    row = find_claim(visit.house.archive, run, visit.parts["claim"])
    if row is None:
        raise not_found("claim in this run")
    require_starter(visit)
    word = Word(form.get("verdict", ""), form.get("who", ""), form.get("reason", ""))
    judge(visit.house.ledger, row, word, at=iso(visit.house.clock.now()))
    return see(f"/runs/{run}/claims/{row.claim}")


CLAIMS = (
    Route(path="/claims", scope=Scope.READ, handler=_claims),
    Route(path="/runs/{run:run}/claims/{claim:claim}", scope=Scope.READ, handler=_claim),
    Route(
        path="/runs/{run:run}/claims/{claim:claim}/judgements",
        scope=Scope.RUN,
        methods=("POST",),
        handler=_judge,
    ),
)
