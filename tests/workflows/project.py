"""A small project in a folder, written and edited by tests, run in fresh processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).with_name("driver.py")


class Project:
    """A folder with a workflow; every run is a process of its own."""

    def __init__(self, folder: Path, files: Mapping[str, str]) -> None:
        self.folder = folder
        for name, text in files.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace one passage, and keep the file's times: an edit within the same second."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        times = path.stat()
        path.write_text(text.replace(old, new), encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def run(self, *given: str, home: Path | None = None, **environment: str) -> dict[str, Any]:
        """What `atelier run --json` would say, with the stages' values."""
        env = {**os.environ, **environment}
        if home is not None:
            env["ATELIER_HOME"] = str(home)
        done = subprocess.run(
            [sys.executable, str(DRIVER), str(self.folder), *given],
            capture_output=True,
            text=True,
            env=env,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def ran(run: Mapping[str, Any]) -> list[str]:
    """The names of the stages that executed, in order."""
    return [stage["stage"] for stage in run["stages"] if stage["outcome"] == "ran"]


def reason(run: Mapping[str, Any], stage: str) -> str:
    """Why a stage ran, or did not."""
    return next(item["reason"] for item in run["stages"] if item["stage"] == stage)
