import sys
from collections.abc import Callable, Iterator
from decimal import localcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from atelier.cache.closure import Closure, closure_of
from atelier.cache.modules import load_file


class Project:
    """A project of real files; each look at it loads every module anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, **files: str) -> None:
        for name, text in files.items():
            self.put(f"{name}.py", text)

    def put(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def install(self, name: str, **files: str) -> None:
        """Put a distribution where packages are installed, with its record, on the path."""
        for path, text in files.items():
            self.put(f"site-packages/{path}", text)
        record = f"site-packages/{name}-1.0.dist-info"
        self.put(f"{record}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        self.put(f"{record}/RECORD", "".join(f"{path},,\n" for path in files))
        sys.path.insert(0, str(self.folder / "site-packages"))

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        (self.folder / path).write_text(text.replace(old, new))

    def load(self, path: str = "flow.py") -> ModuleType:
        self.forget()
        return load_file(self.folder / path, project=self.folder)

    def closure(self, name: str = "stage", path: str = "flow.py", **options: Any) -> Closure:
        return closure_of(getattr(self.load(path), name), **options)

    def forget(self) -> None:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(str(self.folder)):
                del sys.modules[name]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    path = list(sys.path)
    found = Project(tmp_path)
    with localcontext():  # a project under test may set the precision of this thread
        yield found
    found.forget()
    sys.path[:] = path


@pytest.fixture
def of(project: Project) -> Callable[..., Closure]:
    """The closure of `stage` in a one-file project."""

    def closure(text: str, name: str = "stage", **options: Any) -> Closure:
        project.write(flow=text)
        return project.closure(name, **options)

    return closure
