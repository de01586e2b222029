"""`atelier diff`: what a person and a program read of two runs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Ask = Callable[..., Any]
pytestmark = pytest.mark.slow


@pytest.fixture
def runs(demo_project: Path, ask: Ask) -> list[str]:
    """The runs of one session, the first one first."""
    told = json.loads(ask("runs", "--limit", "200", "--json", "--project", str(demo_project)).out)
    wanted = {"student": "maya", "session": "s12"}
    return [run["run"] for run in told["runs"] if run["parameters"] == wanted][::-1]


def test_a_difference_names_evidence_stages_claims_and_the_page(
    demo_project: Path, runs: list[str], ask: Ask
) -> None:
    done = ask("diff", runs[0], runs[-1], "--project", str(demo_project))
    assert done.code == 0
    for said in (
        "the evidence\n  journal\n    ~ /5",
        "1 claim gained",
        "1 citation lost\n  - supports  journal  “Slept five hours”",
        "the page\n",
        f"next  atelier diff {runs[0]} {runs[-1]} --stage crosscheck",
    ):
        assert said in done.out
    assert "Slept five hours” → " not in done.out
    row = next(line for line in done.out.splitlines() if line.startswith("crosscheck "))
    assert row.split()[1:3] == ["ran", "differs"]
    assert row.endswith("input changed: journal")


def test_one_stage_is_shown_with_all_that_differs_in_it(
    demo_project: Path, runs: list[str], ask: Ask
) -> None:
    words = ("diff", runs[0], runs[-1], "--stage", "crosscheck", "--project", str(demo_project))
    out = ask(*words).out
    assert "input changed: journal\n  ~ /5/text\n" in out
    assert "what it gave\n" in out


def test_a_hit_is_the_run_that_it_was_served_from(
    demo_project: Path, runs: list[str], ask: Ask
) -> None:
    done = ask("diff", runs[0], runs[1], "--json", "--project", str(demo_project))
    told = json.loads(done.out)
    assert told["is_same"] is True
    assert told["later"]["served_from"] == runs[0]
    assert told["later"]["incurred_usd"] == "0"
    assert told["later"]["avoided_usd"] == told["earlier"]["original_usd"]
    assert {stage["is_same"] for stage in told["stages"]} == {True}


def test_an_unknown_stage_is_refused_with_those_that_there_are(
    demo_project: Path, runs: list[str], ask: Ask
) -> None:
    done = ask("diff", runs[0], runs[1], "--stage", "page", "--project", str(demo_project))
    assert done.code == 2
    assert "they have crosscheck, draft, " in done.err


def test_an_unknown_run_is_refused(demo_project: Path, ask: Ask) -> None:
    done = ask("diff", "latest", "nothing", "--project", str(demo_project))
    assert (done.code, "[cli.no_run]" in done.err) == (2, True)
