"""Every page that the table of routes has: full and empty, wide and on a phone, light and dark."""

import re
from collections.abc import Sequence

import pytest
from visiting import Served, Visitor

from atelier.ledger.rows import RunRecord
from atelier.observatory.pages.routes import PAGES

GET = tuple(route.path for route in PAGES if route.methods == ("GET",))


def samples(served: Served) -> dict[str, str]:
    """What a path's varying parts stand for, in this ledger."""
    ledger = served.house.ledger
    runs: Sequence[RunRecord] = list(ledger.iter_runs(limit=1))
    record = ledger.find_packet(runs[0].start.packet) if runs else None
    return {
        "run": runs[0].start.run if runs else "01m8h7j5nrghsq2am30zj40aba",
        "stage": "draft",
        "claim": _claim(served) if runs else "0a1b2c3d",
        "other": record.packet if record else "sha256:" + "0" * 64,
        "seq": "1",
        "packet": record.packet if record else "sha256:" + "0" * 64,
        "table": "rows",
        "workflow": "synthesize-session",
    }


def _claim(served: Served) -> str:
    ledger = served.house.ledger
    run = next(ledger.iter_runs(limit=1)).start.run
    outputs = [row.output for row in ledger.iter_stage_rows(run) if row.output]
    return next(claim.claim for output in outputs for claim in ledger.iter_claims(output))


def filled(path: str, served: Served) -> str:
    known = samples(served)
    return re.sub(r"\{([a-z_]+):[a-z]+\}", lambda found: known[found[1]], path)


@pytest.mark.parametrize("path", [path for path in GET if "{workflow" not in path])
def test_a_full_page_is_whole(visitor: Visitor, full: Served, path: str) -> None:
    assert visitor.audited(filled(path, full)) == ""


def test_two_runs_side_by_side_are_whole(visitor: Visitor, full: Served) -> None:
    later, earlier = (one.start.run for one in full.house.ledger.iter_runs(limit=2))
    assert visitor.audited(f"/compare?left={earlier}&right={later}") == ""


@pytest.mark.parametrize("path", [path for path in GET if "{" not in path])
def test_an_empty_page_says_what_to_do(newcomer: Visitor, path: str) -> None:
    assert newcomer.audited(path) == ""
    assert newcomer.page.locator(".empty, form, .section").first.is_visible()
