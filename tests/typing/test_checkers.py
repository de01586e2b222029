"""What users write type-checks under both strict checkers, and misuse is red in their editors."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SETTINGS = {
    "typeCheckingMode": "strict",
    "pythonVersion": "3.11",
    "extraPaths": [str(ROOT / "src")],
}

Lines = dict[int, str]


def pyright(page: Path, folder: Path) -> Lines:
    settings = folder / "pyrightconfig.json"
    settings.write_text(json.dumps({"include": [str(page)], **SETTINGS}), encoding="utf-8")
    command = ["-m", "basedpyright", "--outputjson", "--project", str(settings)]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=folder
    )
    report = json.loads(done.stdout)["generalDiagnostics"]
    return {
        item["range"]["start"]["line"] + 1: item["message"]
        for item in report
        if item["severity"] == "error"
    }


def mypy(page: Path, folder: Path) -> Lines:
    command = ["-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(folder / "cache")]
    done = subprocess.run(
        [sys.executable, *command, str(page)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    found = re.findall(rf"^.*{page.name}:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert found or done.returncode == 0, done.stdout + done.stderr
    return {int(line): message for line, message in found}


CHECKERS = [pytest.param(checker, id=checker.__name__) for checker in (pyright, mypy)]


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_the_interface_as_users_write_it_type_checks(
    checker: Callable[[Path, Path], Lines], tmp_path: Path
) -> None:
    assert checker(HERE / "api.py", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("checker", CHECKERS)
def test_each_misuse_is_an_error_and_nothing_else_is(
    checker: Callable[[Path, Path], Lines], tmp_path: Path
) -> None:
    page = HERE / "bad_api.py"
    lines = page.read_text(encoding="utf-8").splitlines()
    expected = {number for number, line in enumerate(lines, 1) if "# expect-error" in line}
    assert len(expected) >= 7
    found = checker(page, tmp_path)
    missed = {number: lines[number - 1] for number in expected - found.keys()}
    extra = {number: found[number] for number in found.keys() - expected}
    assert (missed, extra) == ({}, {})
