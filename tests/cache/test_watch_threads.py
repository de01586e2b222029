"""What threads, executors and child processes read counts for the stage that starts them."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from atelier.cache import watch
from atelier.cache.watch import unwatched, watching

FLOW = """
import asyncio, concurrent.futures, multiprocessing, os, threading, tokenize
import traceback
import xml.etree.ElementTree as ET
from nlp import tokenize as own


def load(path):
    return ET.parse(path).getroot().text


def nothing():
    pass


def thread(target, *args):
    started = threading.Thread(target=target, args=args)
    started.start()
    started.join()


def pool(function):
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        return list(executor.map(function, ["d.xml"]))


def on_a_loop(function):
    async def go():
        return await asyncio.get_running_loop().run_in_executor(None, function, "d.xml")

    return asyncio.run(go())


def process(method):
    started = multiprocessing.get_context(method).Process(target=nothing)
    started.start()
    started.join()


def fork():
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def stage():
    return {body}
"""
OWN = "def read(path):\n    with open(path) as file:\n        return file.read()\n"
THREADS = {
    "thread(load, 'd.xml')": "flow.py:9",
    "thread(lambda: [thread(load, 'd.xml')])": "flow.py:9",
    "thread(ET.parse, 'd.xml')": "",
    "pool(load)": "flow.py:9",
    "pool(ET.parse)": "",
    "on_a_loop(load)": "flow.py:9",
    "on_a_loop(ET.parse)": "",
}


@pytest.fixture(autouse=True)
def traced(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit hook is left out of coverage unless it says otherwise."""
    monkeypatch.setattr(watch._hook, "__cantrace__", True, raising=False)


@pytest.fixture
def here(project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    project.put("d.xml", "<a>A</a>")
    for name in ("tokenize", "linecache", "traceback"):
        project.put(f"nlp/{name}.py", OWN)
    project.put("nlp/__init__.py", "")
    return project


def stage_of(here: Any, body: str) -> Any:
    here.put("flow.py", FLOW.replace("{body}", body))
    return here.load().stage


def seen_by(stage: Any) -> list[tuple[str, str]]:
    with watching() as seen:
        stage()
    return [(item.what, item.where) for item in seen.unseen if "import" not in item.what]


@pytest.mark.parametrize("body", THREADS)
def test_what_a_thread_of_the_stage_reads_is_named(body: str, here: Any) -> None:
    assert seen_by(stage_of(here, body)) == [("open('d.xml')", THREADS[body])]


def test_a_pool_that_is_older_than_the_stage_counts(here: Any) -> None:
    load = here_load(here)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        assert seen_by(lambda: pool.submit(load, "d.xml").result()) == [
            ("open('d.xml')", "flow.py:9")
        ]


def here_load(here: Any) -> Any:
    stage_of(here, "1")
    return here.load().load


def test_a_thread_reading_beside_two_stages_counts_for_both(here: Any) -> None:
    load = here_load(here)

    async def one() -> list[str]:
        with watching() as seen:
            await asyncio.sleep(0)
            thread = threading.Thread(target=load, args=("d.xml",))
            thread.start()
            await asyncio.sleep(0.05)
            thread.join()
        return [item.what for item in seen.unseen]

    async def both() -> list[list[str]]:
        return list(await asyncio.gather(one(), one()))

    assert asyncio.run(both()) == [["open('d.xml')"], ["open('d.xml')"]]


def test_a_thread_that_is_over_before_the_stage_begins_is_silent(here: Any) -> None:
    load = here_load(here)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(load, "d.xml").result()
        assert seen_by(lambda: pool.submit(int).result()) == []


def test_threads_of_the_harness_are_silent(here: Any) -> None:
    load = here_load(here)

    def left_out() -> None:
        with unwatched():
            load("d.xml")

    def stage() -> None:
        named = threading.Thread(target=load, args=("d.xml",), name="atelier-ledger")
        for thread in (named, threading.Thread(target=left_out)):
            thread.start()
            thread.join()

    assert seen_by(stage) == []


CHILDREN = {
    "fork()": "child process: os.fork",
    "process('fork')": "child process: os.fork",
    "process('spawn')": "child process: multiprocessing",
    "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)": "os.posix_spawn('/bin/true')",
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("body", CHILDREN)
def test_a_child_process_is_named(body: str, here: Any) -> None:
    assert CHILDREN[body] in [what for what, _ in seen_by(stage_of(here, body))]


def test_tokenize_open_counts(here: Any) -> None:
    assert seen_by(stage_of(here, "tokenize.open('d.xml').close()")) == [
        ("open('d.xml')", f"flow.py:{FLOW.count(chr(10))}")
    ]


@pytest.mark.parametrize("name", ["tokenize", "linecache", "traceback"])
def test_a_project_file_named_like_the_interpreters_counts(name: str, here: Any) -> None:
    here.put("flow.py", f"from nlp import {name}\n\n\ndef stage():\n    {name}.read('d.xml')\n")
    assert ("open('d.xml')", f"nlp/{name}.py:2") in seen_by(here.load().stage)


def test_showing_an_error_of_the_project_is_silent(here: Any) -> None:
    assert seen_by(stage_of(here, "traceback.format_stack()")) == []
