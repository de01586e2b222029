from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def test_runs_stand_newest_first_with_their_stages(made: Any, ask: Ask, settled: Settled) -> None:
    assert settled(ask("runs").out) == snapshot("""\
run  began  status  workflow  stages  cost  saved  parameters  served
RUN1  MOMENT  complete  week  ●●●  $0  $0  name=maya
RUN2  MOMENT  complete  week  ○○○  $0  $0  name=maya  from RUN3
RUN3  MOMENT  complete  week  ●●●  $0  $0  name=maya
● ran  ○ reused  ✗ failed  - blocked\
""")


def test_the_json_of_runs_tells_served_from_run(made: Any, ask: Ask) -> None:
    found = ask("runs", "--json").json["runs"]
    assert [run["run"] for run in found] == [
        made.edited["run"],
        made.served["run"],
        made.first["run"],
    ]
    assert [run["served_from"] for run in found] == [None, made.first["run"], None]
    assert [stage["outcome"] for stage in found[1]["stages"]] == ["reused"] * 3
    assert found[0]["parameters"] == {"name": "maya"}


def test_a_limit_keeps_the_newest(made: Any, ask: Ask) -> None:
    found = ask("runs", "--limit", "1", "--json").json["runs"]
    assert [run["run"] for run in found] == [made.edited["run"]]


def test_a_project_without_a_run_says_what_to_do(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = ask("runs", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "cli.no_project")
    (tmp_path / "atelier.toml").touch()
    done = ask("runs", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "ledger.missing")
    assert not (tmp_path / ".atelier").exists(), "reading creates nothing"
