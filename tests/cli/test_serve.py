"""The served project, over HTTP: who is let in, what is started, and how it ends."""

import json
import signal
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import pytest

Ask = Callable[..., Any]

SLOW = """
from time import sleep

from pydantic import BaseModel

from atelier import Packet, Workflow, stage


class Asked(Packet):
    \"\"\"How long each step takes.\"\"\"

    seconds: float


class Value(BaseModel):
    seconds: float


@stage
def first(seconds: float) -> Value:
    sleep(seconds)
    return Value(seconds=seconds)


@stage
def second(first: Value) -> Value:
    sleep(first.seconds)
    return first


slow = Workflow("slow", packet=Asked, stages=[first, second])
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    root = tmp_path / "slow"
    root.mkdir()
    (root / "atelier.toml").write_text("")
    (root / "flow.py").write_text(SLOW)
    return root


def test_a_workflow_is_offered_started_and_followed(serve: Ask, project: Path) -> None:
    with serve(cwd=project) as site:
        (offer,) = site.ask("GET", "/api/v1/workflows").json["workflows"]
        assert offer["target"] == "."
        assert (offer["name"], offer["parameters"][0]["values"]) == ("week", ["maya"])
        started = site.ask("POST", "/api/v1/workflows/week/runs", {"parameters": {"name": "maya"}})
        assert started.status == 201
        events = site.events(started.json["run"])
    kinds = [kind for kind, _ in events]
    assert (kinds[0], kinds[-2:]) == ("began", ["ended", "over"])
    ended = [data["stage"] for kind, data in events if kind == "stage-ended"]
    assert sorted(ended) == ["draft", "grounded", "page"]
    assert (project / "pages/maya.md").is_file()


def test_a_double_click_starts_one_run(serve: Ask, project: Path) -> None:
    with serve(cwd=project) as site:
        asked = {"parameters": {"name": "maya"}, "key": "one"}
        runs = [site.ask("POST", "/api/v1/workflows/week/runs", asked) for _ in range(3)]
        assert len({answer.json["run"] for answer in runs}) == 1
        other = {"parameters": {}, "key": "one"}
        assert site.ask("POST", "/api/v1/workflows/week/runs", other).status == 409


def test_what_cannot_be_started_says_why_and_may_be_tried_again(serve: Ask, project: Path) -> None:
    with serve(cwd=project) as site:
        path, asked = "/api/v1/workflows/week/runs", {"parameters": {"nme": "maya"}, "key": "k"}
        for _ in range(2):
            answer = site.ask("POST", path, asked)
            assert (answer.status, answer.json["error"]["next_step"]) == (
                422,
                "Did you mean `name`?",
            )
        assert site.ask("POST", "/api/v1/workflows/other/runs", {}).status == 404


def test_a_cancelled_run_starts_no_further_stage(serve: Ask, slow: Path) -> None:
    with serve(cwd=slow) as site:
        asked = {"parameters": {"seconds": 1}}
        run = site.ask("POST", "/api/v1/workflows/slow/runs", asked).json["run"]
        assert site.ask("GET", f"/api/v1/runs/{run}").json["is_live"]
        assert site.ask("GET", "/api/v1/status").json["running"] == [run]
        assert site.ask("POST", f"/api/v1/runs/{run}/cancel").status == 202
        events = site.events(run)
        assert events[-2] == ("ended", {"run": run, "status": "interrupted"})
        assert [data["stage"] for kind, data in events if kind == "stage-ended"] == ["first"]
        again = site.ask("POST", f"/api/v1/runs/{run}/cancel")
        assert (again.status, again.json["error"]["code"]) == (409, "serve.not_running")


def test_sigterm_lets_what_runs_come_to_its_end(serve: Ask, slow: Path) -> None:
    with serve(cwd=slow) as site:
        asked = {"parameters": {"seconds": 3}}
        site.ask("POST", "/api/v1/workflows/slow/runs", asked)
        site.process.send_signal(signal.SIGTERM)
        sleep(0.3)
        refused = site.ask("POST", "/api/v1/workflows/slow/runs", {"parameters": {"seconds": 0}})
        assert (refused.status, refused.json["error"]["code"]) == (503, "serve.stopping")
        assert site.process.wait(timeout=30) == 0
    with serve(cwd=slow) as site:
        run = site.ask("POST", "/api/v1/workflows/slow/runs", asked).json["run"]
        ended = {data["stage"]: data for kind, data in site.events(run) if kind == "stage-ended"}
        assert ended["first"]["outcome"] == "reused"


def test_a_second_signal_does_not_wait_for_a_thread(serve: Ask, slow: Path) -> None:
    with serve(cwd=slow) as site:
        asked = {"parameters": {"seconds": 100}}
        site.ask("POST", "/api/v1/workflows/slow/runs", asked)
        began = monotonic()
        site.process.send_signal(signal.SIGTERM)
        sleep(0.3)
        site.process.send_signal(signal.SIGTERM)
        assert site.process.wait(timeout=60) == 130
        assert monotonic() - began < 50


def test_a_record_is_read_also_where_the_code_is_broken(
    serve: Ask, atelier: Ask, project: Path
) -> None:
    assert atelier("run", ".", "name=maya", cwd=project).code == 0
    flow = project / "flow.py"
    flow.write_text(flow.read_text() + "\nimport nowhere_to_be_found\n")
    with serve(cwd=project) as site:
        status = site.ask("GET", "/api/v1/status").json
        (run,) = site.ask("GET", "/api/v1/tables/runs").json["lines"]
        site.process.send_signal(signal.SIGTERM)
        _, said = site.process.communicate(timeout=30)
    assert (status["starts_runs"], run["status"]) == (False, "complete")
    assert "No module named 'nowhere_to_be_found'" in said
    assert atelier("serve", ".", "--json", cwd=project).json["error"]["code"] == (
        "project.import_failed"
    )


def test_a_copied_ledger_is_read_without_a_project(
    serve: Ask, executable: Path, environment: dict[str, str], made: Any, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.sqlite"
    for ending in ("", "-wal"):
        source = made.root / f".atelier/ledger.sqlite{ending}"
        if source.exists():
            copy.with_name(f"copy.sqlite{ending}").write_bytes(source.read_bytes())
    process = subprocess.Popen(
        [executable, "serve", "--ledger", copy, "--json", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith('{"url"'), line + process.stdout.read()
    told = json.loads(line)
    secret = urlsplit(told["login"]).fragment.removeprefix("t=")
    connection = HTTPConnection(urlsplit(told["url"]).netloc, timeout=30)
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
    connection.request("POST", "/login", body=f"t={secret}", headers=form)
    answer = connection.getresponse()
    answer.read()
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    connection.request("GET", "/api/v1/status", headers={"cookie": cookie})
    status = json.loads(connection.getresponse().read())
    run = made.first["run"]
    connection.request("GET", f"/api/v1/runs/{run}", headers={"cookie": cookie})
    shown = json.loads(connection.getresponse().read())
    connection.close()
    process.terminate()
    assert process.wait(timeout=20) == 0
    process.stdout.close()
    assert (status["title"], status["starts_runs"]) == ("copy.sqlite", False)
    assert (shown["run"], shown["status"]) == (run, "complete")
    assert {path.name for path in tmp_path.iterdir()} - {"copy.sqlite-wal", "copy.sqlite-shm"} == {
        "copy.sqlite"
    }


def test_a_copy_without_its_log_is_not_taken_for_a_new_project(
    atelier: Ask, tmp_path: Path
) -> None:
    (tmp_path / "copy.sqlite").touch()
    done = atelier("serve", "--ledger", "copy.sqlite", "--json", cwd=tmp_path)
    assert done.json["error"]["code"] == "ledger.empty"


ANYWHERE = ".".join("0000")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--bind", ANYWHERE], "serve.public"),
        (["--bind", ANYWHERE, "--i-terminate-tls"], "serve.nameless"),
        (["--bind", "example.test"], "serve.address"),
        (["--bind", "203.0.113.9", "--i-terminate-tls", "--port", "0"], "serve.address"),
        (["--host", "http://x/"], "serve.name"),
        (["flow.py", "--ledger", "atelier.toml"], "serve.copy"),
        (["--ledger", "atelier.toml"], "ledger.damaged"),
    ],
)
def test_what_cannot_be_served_says_what_to_do(
    atelier: Ask, project: Path, words: list[str], code: str
) -> None:
    done = atelier("serve", *words, "--json", cwd=project)
    assert (done.code, done.json["error"]["code"]) == (4 if code == "ledger.damaged" else 2, code)
    assert done.json["error"]["next_step"]


def test_a_taken_port_is_said_and_another_is_found_only_if_none_was_named(
    atelier: Ask, serve: Ask, project: Path
) -> None:
    with serve(cwd=project) as site:
        port = str(urlsplit(site.told["url"]).port)
        done = atelier("serve", "--port", port, "--json", cwd=project)
        assert done.json["error"]["code"] == "serve.port"
