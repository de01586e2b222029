"""`atelier replay`: what it prints, how it exits, and that it leaves the project alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from atelier import Harness
from atelier.project import load_target


def state(project: Path) -> dict[str, bytes]:
    """Every file of a project but what readers of the ledger share: an index, and an empty log."""
    files = {str(path): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    return {
        path: data
        for path, data in files.items()
        if not path.endswith("-shm") and (data or not path.endswith("-wal"))
    }


def test_a_run_is_replayed_from_the_ledger_alone(
    atelier: Callable[..., Any], project: Path, settled: Callable[[str], str]
) -> None:
    atelier("run", project.name, cwd=project.parent)
    (project / "entries/maya.jsonl").unlink()
    (project / "pages/maya.md").unlink()
    before = state(project)
    done = atelier("replay", "latest", cwd=project)
    assert state(project) == before
    assert (done.code, done.err) == (0, "")
    assert settled(done.out) == snapshot("""\
week  run RUN1
packet  same  DIGEST
draft  same  DIGEST
grounded  same  DIGEST
page  same  DIGEST
artefact  same  DIGEST
Everything came out as it was recorded.\
""")


def test_what_differs_is_named_and_fails(
    atelier: Callable[..., Any], project: Path, settled: Callable[[str], str]
) -> None:
    atelier("run", ".", cwd=project)
    helpers = project / "helpers.py"
    helpers.write_text(helpers.read_text().replace("cheered", "shouted"))
    done = atelier("replay", "latest", cwd=project)
    assert done.code == 1
    assert settled(done.out) == snapshot("""\
week  run RUN1
packet  same  DIGEST
draft  differs  DIGEST → DIGEST  code changed: helpers.py:BOAST
grounded  differs  DIGEST → DIGEST  input changed: draft/text
page  differs  DIGEST → DIGEST  input changed: grounded/claims/1/claim/id (+2 more)
artefact  differs  DIGEST → DIGEST
3 of 3 stages did not come out as recorded.\
""")
    told = atelier("replay", "latest", "--json", cwd=project)
    assert told.code == 1
    assert not told.json["same"]
    assert [one["verdict"] for one in told.json["stages"]] == ["differs"] * 3
    assert told.json["packet"]["same"]


def test_a_run_without_a_target_takes_one(
    standing: Path, ask: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATELIER_HOME", str(tmp_path))  # no test changes what stands there
    found = load_target("week_flow.py")
    with Harness.open(found.project) as harness:
        run = harness.run_sync(found.workflow, name="maya").id
    refused = ask("replay", run)
    assert refused.code == 2
    assert f"atelier replay {run} TARGET" in refused.err
    done = ask("replay", run, "week_flow.py")
    assert (done.code, done.err) == (0, "")
    assert "Everything came out as it was recorded." in done.out
    assert ask("replay", "nobody", "--json").json["error"]["code"] == "cli.no_run"
    assert not (standing / ".atelier" / "backtests").exists()
