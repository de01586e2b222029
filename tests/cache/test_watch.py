import asyncio
import contextvars
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest

from atelier.cache import installed, watch
from atelier.cache.places import owner_of_file
from atelier.cache.watch import unwatched, watching

BODIES = {
    "open('data.txt').read()": "open('data.txt')",
    "open(b'data.txt').read()": "open('data.txt')",
    "Path('data.txt').read_text()": "open('data.txt')",
    "json.load(open('data.json'))": "open('data.json')",
    "os.listdir('.')": "os.listdir('.')",
    "os.listdir()": "os.listdir('.')",
    "list(os.scandir('.'))": "os.scandir('.')",
    "glob.glob('*.txt')": "os.scandir('.')",
    "os.close(os.open('data.txt', os.O_RDONLY))": "open('data.txt')",
    "subprocess.run([sys.executable, '-c', ''])": f"subprocess.Popen({sys.executable!r})",
    "socket.socket().connect_ex(('127.0.0.1', 9))": "socket.connect(('127.0.0.1', 9))",
    "socket.getaddrinfo('127.0.0.1', 9)": "socket.getaddrinfo('127.0.0.1')",
}  # fmt: skip
SILENT = [
    "json.dumps([1])",
    "open(json.__file__).close()",
    "open(os.devnull).close()",
    "zoneinfo.ZoneInfo('Europe/Paris')",
    "__import__('colorsys')",
    "traceback.format_exception(ValueError('x'))",
    "warnings.warn_explicit('x', UserWarning, __file__, 1) if 0 else None",
    "read_with_unwatched()",
    "os.fdopen(os.dup(1), 'w').close()",
]
FLOW = """
import glob, json, os, socket, subprocess, sys, traceback, warnings, zoneinfo
from pathlib import Path
from atelier.cache.watch import unwatched


def read_with_unwatched():
    with unwatched():
        open('data.txt').close()


def stage():
    try:
        return {body}
    finally:
        pass
"""


@pytest.fixture(autouse=True)
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit hook is left out of coverage unless it says otherwise."""
    monkeypatch.setattr(watch._hook, "__cantrace__", True, raising=False)


@pytest.fixture
def here(project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    project.put("data.txt", "x")
    project.put("data.json", "1")
    return project


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("body", BODIES)
def test_what_a_stage_reads_is_named_with_its_own_line(body: str, here: Any) -> None:
    here.write(flow=FLOW.replace("{body}", body))
    stage = here.load().stage
    with watching() as seen:
        stage()
    first = seen.unseen[0]
    folder = str(here.folder)
    assert first.what.replace(repr(folder), "'.'") == BODIES[body].replace(repr(folder), "'.'")
    assert first.where == "flow.py:14"
    assert first.declare == "read it through a source and take it as an input"


@pytest.mark.parametrize("body", SILENT)
def test_what_enters_by_version_is_silent(body: str, here: Any) -> None:
    here.write(flow=FLOW.replace("{body}", body))
    stage = here.load().stage
    with watching() as seen:
        stage()
    assert seen.unseen == ()


def test_outside_nothing_is_seen(here: Any) -> None:
    here.write(flow=FLOW.replace("{body}", "open('data.txt').close()"))
    stage = here.load().stage
    with watching() as seen:
        pass
    stage()
    assert seen.unseen == ()


def test_a_project_module_that_loads_late_is_named(here: Any) -> None:
    here.write(
        flow="def stage(name):\n    return __import__(name)\n",
        late_one="with open('data.txt') as file:\n    x = file.read()\n",
    )
    stage = here.load().stage
    with watching() as seen:
        stage("late_one")
    assert [(item.what, item.where) for item in seen.unseen] == [
        ("open('data.txt')", "late_one.py:1"),
        ("import of late_one while the stage ran", "flow.py:2"),
    ]


def test_a_thread_in_a_copied_context_is_watched(here: Any) -> None:
    here.write(flow=FLOW.replace("{body}", "open('data.txt').close()"))
    stage = here.load().stage
    with watching() as seen:
        context = contextvars.copy_context()
        thread = threading.Thread(target=lambda: context.run(stage))
        thread.start()
        thread.join()
    assert [item.what for item in seen.unseen] == ["open('data.txt')"]


def test_stages_on_one_loop_are_told_apart(here: Any) -> None:
    here.write(
        flow="import asyncio\n\n\nasync def stage(name):\n    await asyncio.sleep(0.01)\n"
        "    open(name).close()\n    await asyncio.sleep(0.01)\n"
    )
    stage = here.load().stage

    async def one(name: str) -> list[str]:
        with watching() as seen:
            await stage(name)
        return [item.what for item in seen.unseen]

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(one("data.txt"), one("data.json")))

    assert asyncio.run(both()) == [["open('data.txt')"], ["open('data.json')"]]


def test_a_stage_that_is_collected_elsewhere_ends_as_such(here: Any) -> None:
    async def stage() -> None:
        with watching(), unwatched():
            await asyncio.sleep(0)

    left = stage()
    contextvars.Context().run(left.send, None)
    with watching() as seen:
        left.close()
        Path("data.txt").read_bytes()
    assert len(seen.unseen) == 1, "whoever collects it is watched as before"


def test_telling_who_reads_is_no_reading(tmp_path: Path) -> None:
    (tmp_path / "data.txt").touch()
    owner_of_file.cache_clear()
    installed._records.cache_clear()
    with watching(), ThreadPoolExecutor(1) as pool:
        pool.submit(click.open_file, str(tmp_path / "data.txt")).result().close()


def test_watching_within_unwatched_and_back(here: Any) -> None:
    here.write(flow=FLOW.replace("{body}", "open('data.txt').close()"))
    stage = here.load().stage
    with watching() as outer:
        with unwatched(), watching() as inner:
            stage()
        assert outer.unseen == ()
    assert len(inner.unseen) == 1


def test_a_library_function_as_the_stage_has_no_line(here: Any) -> None:
    program = (
        "import runpy, sys, os\n"
        "from atelier.cache.watch import watching\n"
        "with watching() as seen:\n    os.listdir('.')\n"
        "print([(item.what, item.where) for item in seen.unseen])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=here.folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    # The program itself is `__main__`, typed in: it is the project, and has a line.
    assert "'<string>:4'" in done.stdout
