import sys
import threading
from importlib import import_module, invalidate_caches
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from atelier.cache.modules import SourceLoader, install_finder, load_file, source_of
from atelier.kernel.errors import SetupError


def refusal(project: Any, path: str = "flow.py") -> SetupError:
    with pytest.raises(SetupError) as caught:
        project.load(path)
    return caught.value


def test_a_file_is_loaded_once_by_its_real_path(project: Any, tmp_path: Path) -> None:
    project.write(flow="ran = []\nran.append(1)\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "flow.py")
    first = load_file(tmp_path / "flow.py", project=tmp_path)
    second = load_file(tmp_path / "link.py", project=tmp_path)
    assert first is second
    assert first.ran == [1]


def test_the_name_comes_from_the_path_below_the_project(project: Any, tmp_path: Path) -> None:
    project.put("deep/down/flow.py", "")
    project.put("pack/__init__.py", "")
    outside = tmp_path.parent / f"{tmp_path.name}_outside.py"
    outside.write_text("")
    names = [
        load_file(path, project=tmp_path).__name__
        for path in (tmp_path / "deep/down/flow.py", tmp_path / "pack/__init__.py", outside)
    ]
    del sys.modules[outside.stem]
    assert names == ["deep.down.flow", "pack", outside.stem]


def test_helpers_import_from_the_files_folder_and_the_project(project: Any) -> None:
    project.write(at_the_top="x = 1\n")
    project.put("deep/flow.py", "import at_the_top, beside\n")
    project.put("deep/beside.py", "x = 2\n")
    flow = project.load("deep/flow.py")
    assert (flow.at_the_top.x, flow.beside.x) == (1, 2)


def test_two_files_of_one_name_are_refused(project: Any, tmp_path: Path) -> None:
    project.put("one/flow.py", "")
    project.put("two/flow.py", "")
    load_file(tmp_path / "one/flow.py", project=tmp_path / "one")
    with pytest.raises(SetupError) as caught:
        load_file(tmp_path / "two/flow.py", project=tmp_path / "two")
    assert caught.value.code == "project.module_clash"
    assert caught.value.facts["loaded"] == str(tmp_path / "one/flow.py")
    assert caught.value.facts["wanted"] == str(tmp_path / "two/flow.py")


def test_a_name_of_the_interpreters_own_is_refused(project: Any) -> None:
    project.write(json="")
    assert refusal(project, "json.py").code == "project.module_clash"
    project.write(builtins="")
    assert refusal(project, "builtins.py").facts["loaded"] == "(built in)"


@pytest.mark.parametrize(
    ("text", "where", "cause"),
    [
        ("x = 1\ndef f(:\n", "flow.py:2", "SyntaxError: invalid syntax"),
        ("x = 1\n\nimport not_there\n", "flow.py:3", "ModuleNotFoundError: No module named"),
        ("import helper\n", "helper.py:2", "ZeroDivisionError: division by zero"),
        ("import torn\n", "torn.py:1", "SyntaxError: '(' was never closed"),
        ("x = {}['a']\n", "flow.py:1", "KeyError: 'a'"),
    ],
)
def test_a_file_that_does_not_import_is_named_with_its_line(
    text: str, where: str, cause: str, project: Any
) -> None:
    project.write(flow=text, helper="x = 1\ny = 1 / 0\n", torn="x = (\n")
    error = refusal(project)
    assert error.code == "project.import_failed"
    assert error.facts["where"] == where
    assert error.facts["cause"].startswith(cause)
    assert "flow" not in sys.modules


def test_a_null_byte_is_an_import_failure(project: Any) -> None:
    project.write(flow="x = '\0'\n")
    assert refusal(project).code == "project.import_failed"


def test_the_harness_own_refusal_passes_through(project: Any) -> None:
    project.write(
        flow="from atelier.kernel.errors import SetupError\n"
        "raise SetupError('stage.x', 'No.', next_step='Fix it.')\n"
    )
    assert refusal(project).code == "stage.x"
    assert "flow" not in sys.modules


def test_a_missing_file_is_refused(project: Any) -> None:
    assert refusal(project, "none.py").code == "project.no_file"


def test_a_stale_bytecode_file_is_never_used(project: Any, tmp_path: Path) -> None:
    import importlib.util
    import os
    import py_compile

    project.write(flow="import helper\n", helper="x = 1\n")
    py_compile.compile(str(tmp_path / "helper.py"), doraise=True)
    stat = (tmp_path / "helper.py").stat()
    project.write(helper="x = 2\n")
    os.utime(tmp_path / "helper.py", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert Path(importlib.util.cache_from_source(str(tmp_path / "helper.py"))).exists()
    assert project.load().helper.x == 2


def test_the_bytes_that_were_compiled_are_remembered(project: Any, tmp_path: Path) -> None:
    project.write(flow="import helper\n", helper="x = 1\n")
    flow = project.load()
    project.write(helper="x = 2\n")
    assert source_of(flow.helper) == b"x = 1\n"
    assert source_of(str(tmp_path / "helper.py")) == b"x = 1\n"
    assert source_of(ModuleType("nowhere")) is None


def test_libraries_and_the_interpreter_keep_their_own_loader(project: Any) -> None:
    project.install("acme", **{"acme.py": "x = 1\n"})
    project.write(flow="import acme, helper\n", helper="")
    flow = project.load()
    assert isinstance(flow.helper.__spec__.loader, SourceLoader)
    assert not isinstance(flow.acme.__spec__.loader, SourceLoader)
    assert source_of(flow.acme) is None


def test_a_root_is_the_projects_even_where_it_is_installed(project: Any) -> None:
    project.install("acme", **{"acme_root.py": "x = 1\n"})
    install_finder(project.folder / "site-packages")
    assert source_of(import_module("acme_root")) == b"x = 1\n"


def test_the_finder_stands_once_before_the_normal_one() -> None:
    install_finder()
    install_finder()
    kinds = [type(finder).__name__ for finder in sys.meta_path]
    assert kinds.count("ProjectFinder") == 1
    at = kinds.index("ProjectFinder")
    assert sys.meta_path[at + 1] is PathFinder
    invalidate_caches()


def test_threads_load_one_module(project: Any, tmp_path: Path) -> None:
    project.write(flow="import time\ntime.sleep(0.05)\n")
    found: list[ModuleType] = []

    def load() -> None:
        found.append(load_file(tmp_path / "flow.py", project=tmp_path))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
