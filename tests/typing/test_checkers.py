"""What users write type-checks under both strict checkers, and misuse is red in their editors."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SETTINGS = {
    "typeCheckingMode": "strict",
    "pythonVersion": "3.11",
    "extraPaths": [str(ROOT / "src")],
}

PAGES = [HERE / "api.py", HERE / "bad_api.py"]

# What a checker finds: of each page, its lines and what is wrong there.
Found = dict[str, dict[int, str]]


def pyright(folder: Path) -> Found:
    settings = folder / "pyrightconfig.json"
    pages = [str(page) for page in PAGES]
    settings.write_text(json.dumps({"include": pages, **SETTINGS}), encoding="utf-8")
    command = ["-m", "basedpyright", "--outputjson", "--project", str(settings)]
    command += ["--pythonpath", sys.executable]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, cwd=folder
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(PAGES)
    return by_page(
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1, item["message"])
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    )


def mypy(folder: Path) -> Found:
    command = ["-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(folder / "cache")]
    done = subprocess.run(
        [sys.executable, *command, *map(str, PAGES)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    found = re.findall(r"^(.*?):(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    assert found or done.returncode == 0, done.stdout + done.stderr
    return by_page((Path(file).name, int(line), message) for file, line, message in found)


def by_page(errors: Iterable[tuple[str, int, str]]) -> Found:
    found: Found = {page.name: {} for page in PAGES}
    for page, line, message in errors:
        found[page][line] = message
    return found


@pytest.mark.slow
@pytest.mark.parametrize("checker", [pyright, mypy], ids=["pyright", "mypy"])
def test_what_users_write_type_checks_and_each_misuse_is_an_error(
    checker: Callable[[Path], Found], tmp_path: Path
) -> None:
    lines = (HERE / "bad_api.py").read_text(encoding="utf-8").splitlines()
    expected = {number for number, line in enumerate(lines, 1) if "# expect-error" in line}
    assert len(expected) >= 7
    found = checker(tmp_path)
    assert found["api.py"] == {}
    misuse = found["bad_api.py"]
    missed = {number: lines[number - 1] for number in expected - misuse.keys()}
    extra = {number: misuse[number] for number in misuse.keys() - expected}
    assert (missed, extra) == ({}, {})
