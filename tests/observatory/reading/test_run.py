import json
from dataclasses import replace
from os import getpid
from typing import Any

import pytest
from inline_snapshot import snapshot

from atelier.kernel.digest import digest_bytes
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.owner import boot_id
from atelier.ledger.rows import Attempt, Consumed, Outcome, Row, RunEnd, RunStart, RunStatus, Supply
from atelier.ledger.store import Commit
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.run import view_run
from atelier.observatory.starting import Ahead

AT = "2026-03-12T10:00:00.000Z"
LIVING = ""  # the owner of a run of which nothing says that its process is gone
GONE = json.dumps({"boot": boot_id(), "pid": getpid(), "started": "before this process"})


def test_each_stage_says_what_changed_at_the_root(made: Any, archive: Archive) -> None:
    view = view_run(archive, made.edited)
    assert {node.stage: node.cause.text for node in view.graph.nodes if node.cause} == snapshot(
        {
            "draft": "ran because transcript turn 94 changed",
            "crosscheck": "ran because transcript turn 94 changed",
            "grounded": "ran because transcript turn 94 changed",
            "crosschecked": "ran because transcript turn 94 changed",
            "contested": "ran because grounded changed: transcript turn 94 changed",
            "review": "ran because transcript turn 94 changed",
            "synthesis": "ran because contested changed: transcript turn 94 changed",
        }
    )


def test_a_root_names_the_element_and_the_stages_between(made: Any, archive: Archive) -> None:
    nodes = {node.stage: node for node in view_run(archive, made.edited).graph.nodes}
    cause = nodes["contested"].cause
    assert cause is not None
    (root,) = cause.roots
    assert (root.slice, root.position, root.through) == ("transcript", 93, ("grounded",))
    assert cause.compared_run == made.first.start.run


def test_an_edge_says_whether_it_made_its_stage_run(made: Any, archive: Archive) -> None:
    graph = view_run(archive, made.edited).graph
    into = {(edge.source, edge.target): edge.is_cause for edge in graph.edges}
    assert into["grounded", "contested"], "its value changed"
    assert not into["crosschecked", "contested"], "its value is what it was"


def test_a_stage_stands_behind_what_it_reads(made: Any, archive: Archive) -> None:
    graph = view_run(archive, made.edited).graph
    order = [node.stage for node in graph.nodes]
    assert len(graph.edges) == 8
    for edge in graph.edges:
        assert order.index(edge.source) < order.index(edge.target)


def test_a_served_run_shows_its_stages_and_where_they_ran(made: Any, archive: Archive) -> None:
    view = view_run(archive, made.served)
    assert view.served_from == made.first.start.run
    assert {node.outcome for node in view.graph.nodes} == {"reused"}
    assert {node.made.run for node in view.graph.nodes if node.made} == {made.first.start.run}
    assert [item.path for item in view.artefacts] == ["artefacts/maya/s12.md"]
    assert view.is_reviewed, "what was served holds the review"


def test_the_value_is_json(made: Any, archive: Archive) -> None:
    found = json.loads(json.dumps(to_json(view_run(archive, made.edited))))
    assert found["graph"]["nodes"][0]["cause"]["roots"][0]["position"] == 93
    assert found["parameters"] == {"session": "s12", "student": "maya"}


def start(run: str, owner: str = LIVING) -> RunStart:
    return RunStart(
        run=run, workflow="week", scope="", packet="p", run_key="k", started_at=AT, owner=owner
    )


def read_from(*stages: str) -> tuple[Consumed, ...]:
    return tuple(
        Consumed(parameter=name, supply=Supply.STAGE, source=name, digest="d", whole="d")
        for name in stages
    )


def ran(run: str, stage: str, *above: str) -> Row:
    return Row(
        run=run,
        stage=stage,
        outcome=Outcome.RAN,
        recorded_at=AT,
        reason="first run",
        output=digest_bytes(stage.encode()),
        components=digest_bytes(b"{}"),
        consumed=read_from(*above),
    )


def ledger_with(*commits: Commit) -> Archive:
    ledger = MemoryLedger()
    for commit in commits:
        ledger.commit(commit).result()
    return Archive(ledger, ledger.find_blob)


STOPPED = RunEnd(run="02", status=RunStatus.INTERRUPTED, ended_at=AT, sound=True)


@pytest.mark.parametrize(
    ("owner", "end", "asking", "ahead"),
    [
        (LIVING, None, "running", "waiting"),
        (GONE, None, "interrupted", "not_begun"),
        (LIVING, STOPPED, "interrupted", "not_begun"),
    ],
)
def test_a_run_without_an_end_of_its_own_shows_what_would_have_come(
    owner: str, end: RunEnd | None, asking: str, ahead: str
) -> None:
    asked = Attempt(
        id="a1",
        run="02",
        stage="draft",
        call="c",
        number=1,
        request="r",
        model_class="writer",
        model_requested="m",
        sent_at=AT,
    )
    archive = ledger_with(
        Commit(start=start("01"), rows=(ran("01", "cut"), ran("01", "draft", "cut"))),
        Commit(rows=(ran("01", "page", "draft"),)),
        Commit(start=start("02", owner), rows=(ran("02", "cut"),), attempts=(asked,)),
        Commit(end=end),
    )
    run = archive.ledger.find_run("02")
    assert run is not None
    view = view_run(archive, run)
    assert not view.is_reviewed
    graph = view.graph
    assert [(node.stage, node.outcome) for node in graph.nodes] == [
        ("cut", "ran"),
        ("draft", asking),
        ("page", ahead),
    ]
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("cut", "draft"),
        ("draft", "page"),
    ]


def test_the_first_run_of_a_workflow_shows_what_is_ahead() -> None:
    archive = ledger_with(Commit(start=start("01"), rows=(ran("01", "cut"),)))
    run = archive.ledger.find_run("01")
    assert run is not None
    wires = {"cut": [], "draft": [("cut", "cut")], "page": [("text", "draft")]}
    ahead = Ahead(wires=wires, under_way=frozenset({"draft"}))
    graph = view_run(archive, run, ahead).graph
    assert [(node.stage, node.outcome) for node in graph.nodes] == [
        ("cut", "ran"),
        ("draft", "running"),
        ("page", "waiting"),
    ]
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("cut", "draft"),
        ("draft", "page"),
    ]


def test_a_blocked_stage_names_the_failure_above_it() -> None:
    error = {"code": "models.timeout", "sentence": "No answer came.", "facts": {}, "next_step": ""}
    failed = replace(ran("01", "draft"), outcome=Outcome.FAILED, output=None, error=error)
    needs = {**error, "code": "stage.blocked", "facts": {"needs": "draft"}}
    blocked = Row(
        run="01", stage="page", outcome=Outcome.BLOCKED, recorded_at=AT, error=needs, output=None
    )
    above = {**needs, "facts": {"needs": "page"}}
    last = replace(blocked, stage="print", error=above)
    archive = ledger_with(Commit(start=start("01"), rows=(failed, blocked, last)))
    run = archive.ledger.find_run("01")
    assert run is not None
    view = view_run(archive, run)
    causes = {node.stage: node.cause.text for node in view.graph.nodes if node.cause}
    assert causes == {
        "draft": "failed: No answer came.",
        "page": "blocked: draft failed: No answer came.",
        "print": "blocked: draft failed: No answer came.",
    }
    assert [(edge.source, edge.target) for edge in view.graph.edges] == [
        ("draft", "page"),
        ("page", "print"),
    ]
    assert [error["stage"] for error in view.errors] == ["draft", "page", "print"]
