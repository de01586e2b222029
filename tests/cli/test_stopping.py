import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

Atelier = Callable[..., Any]
Begin = Callable[..., "subprocess.Popen[str]"]

SLOW = """
import os
import time
from pathlib import Path

from atelier import Packet, Workflow, stage


class Nothing(Packet):
    name: str = "a"


@stage
def slow(name: str) -> str:
    Path("begun").touch()
    for _ in range(int(os.environ.get("TENTHS", "0"))):
        time.sleep(0.1)
    return name


@stage
def after(slow: str) -> str:
    return slow


flow = Workflow("slow", packet=Nothing, stages=[slow, after])
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    (tmp_path / "flow.py").write_text(SLOW)
    return tmp_path


@pytest.fixture
def begin(executable: Path, environment: dict[str, str]) -> Begin:
    """Start the run, and come back when its first stage has begun."""

    def start(root: Path, *, tenths: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [executable, "run", ".", "--json"],
            cwd=root,
            env={**environment, "TENTHS": str(tenths)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for((root / "begun").exists)
        return process

    return start


def wait_for(found: Callable[[], T]) -> T:
    """What is found, once there is anything."""
    deadline = time.monotonic() + 30
    while not (something := found()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return something


def end(process: "subprocess.Popen[str]") -> tuple[Any, str]:
    """What it printed as JSON, where it did, and its progress."""
    out, err = process.communicate(timeout=30)
    return json.loads(out) if out else None, err


def test_an_interruption_of_the_first_imports_ends_it_quietly(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "click.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n[0] * 10_000_000\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "from atelier.cli.entry import main; main()", "serve"],
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_drains_what_runs(
    slow: Path, number: signal.Signals, begin: Begin
) -> None:
    process = begin(slow, tenths=5)
    process.send_signal(number)
    printed, progress = end(process)
    assert process.returncode == 130
    assert printed["status"] == "interrupted"
    assert [(stage["stage"], stage["outcome"]) for stage in printed["stages"]] == [
        ("slow", "ran")
    ], "what ran came to its end, and nothing began after it"
    assert "stopping" in progress


def test_the_second_signal_does_not_wait(slow: Path, begin: Begin, atelier: Atelier) -> None:
    process = begin(slow, tenths=200)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    end(process)
    assert process.returncode == 130
    assert time.monotonic() - began < 10
    assert atelier("runs", "--json", cwd=slow).json["runs"][0]["status"] == "interrupted"


def test_a_terminal_is_given_back_when_a_run_is_stopped(
    slow: Path, executable: Path, environment: dict[str, str]
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [executable, "run", "."],
        cwd=slow,
        env={**environment, "TENTHS": "200", "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    wait_for((slow / "begun").exists)
    for _ in range(2):
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
    shown = b""
    with suppress(OSError):  # the other side is closed
        while piece := os.read(ours, 65536):
            shown += piece
    assert process.wait(30) == 130
    os.close(ours)
    hidden, shown_again = (shown.rfind(code) for code in (b"\x1b[?25l", b"\x1b[?25h"))
    assert 0 <= hidden < shown_again, "the cursor is there again"


def test_a_run_goes_on_from_where_one_was_stopped(
    slow: Path, begin: Begin, atelier: Atelier
) -> None:
    process = begin(slow, tenths=2)
    process.send_signal(signal.SIGINT)
    end(process)
    assert process.returncode == 130
    done = atelier("run", ".", "--json", cwd=slow)
    assert done.code == 0
    assert done.json["status"] == "complete"


def test_a_run_whose_process_was_killed_shows_as_interrupted(
    slow: Path, begin: Begin, ask: Atelier, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = begin(slow, tenths=200)
    monkeypatch.chdir(slow)
    # A stage may begin before its run's beginning is durable.
    (run,) = wait_for(lambda: ask("runs", "--json").json["runs"])
    assert run["status"] == "running"
    process.kill()
    end(process)
    assert ask("runs", "--json").json["runs"][0]["status"] == "interrupted"
    assert "interrupted" in ask("show", "latest").out
