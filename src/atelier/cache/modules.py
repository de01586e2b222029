"""Project modules: compiled from the very bytes that are hashed, never from a `.pyc`."""

import os
import sys
import threading
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Never

from atelier.cache.places import Owner, file_of, label_of_file, owner_of_file
from atelier.cache.sources import remember, remembered
from atelier.kernel.errors import AtelierError, SetupError

# What a module's own code may raise while it is executed.
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_LOCK = threading.RLock()


class SourceLoader(SourceFileLoader):
    """Loads a module from its source bytes, read once and remembered."""

    def get_code(self, fullname: str) -> CodeType | None:
        """The code of the bytes read now; bytecode is neither read nor written."""
        path = self.get_filename(fullname)
        data = self.get_data(path)
        code: CodeType = self.source_to_code(data, path)
        remember(path, data, code)
        return code


class ProjectFinder:
    """Does the normal finder's work, with our loader for the project's own source files."""

    def __init__(self) -> None:
        self.roots: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the normal finder gives, loaded from source where it is the project's."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or type(spec.loader) is not SourceFileLoader:
            return spec
        if self._tracks(spec.origin):
            spec.loader = SourceLoader(fullname, spec.origin)
            spec.cached = None
        return spec

    def invalidate_caches(self) -> None:
        """Nothing is cached here; the normal finder is told by the import system itself."""

    def _tracks(self, filename: str) -> bool:
        real = os.path.realpath(filename)
        return owner_of_file(filename) is Owner.PROJECT or any(
            real.startswith(root) for root in self.roots
        )


_FINDER = ProjectFinder()


def install_finder(*roots: Path) -> None:
    """Load the project's modules from source from now on; calling it again changes nothing.

    It stands directly before the normal finder, whose answers it gives: finders that others put in
    front, such as pytest's, keep their modules, which are then verified by their code. Modules
    below `roots` count as the project's even where they are installed.
    """
    with _LOCK:
        _FINDER.roots.update(os.path.realpath(root) + os.sep for root in roots)
        if _FINDER not in sys.meta_path:
            places: list[Any] = list(sys.meta_path)
            at = places.index(PathFinder) if PathFinder in places else len(places)
            sys.meta_path.insert(at, _FINDER)


def source_of(module: ModuleType | str) -> bytes | None:
    """The bytes that a module was compiled from, by the module or its file name."""
    filename = module if isinstance(module, str) else getattr(module, "__file__", None)
    source = remembered(filename) if filename else None
    return source.data if source else None


def load_file(path: Path, *, project: Path) -> ModuleType:
    """The module of a target file, executed once per process.

    Its name comes from its path below the project, and both folders go to the front of `sys.path`,
    so that its helpers import.

    Raises:
        SetupError: the file is missing or does not import, or another file has its module's name.
    """
    real = Path(os.path.realpath(path))
    if not real.is_file():
        raise SetupError(
            "project.no_file",
            "The target is not a file.",
            facts={"target": path},
            next_step="Name a Python file that defines a workflow.",
        )
    name = _name(real, Path(os.path.realpath(project)))
    with _LOCK:
        install_finder()
        known = sys.modules.get(name)
        if known is not None:
            return _same(known, name, real)
        _prefer(real.parent, Path(os.path.realpath(project)))
        return _execute(name, real)


def _name(file: Path, project: Path) -> str:
    inside = file.is_relative_to(project)
    parts = file.relative_to(project).with_suffix("").parts if inside else (file.stem,)
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _same(known: ModuleType, name: str, file: Path) -> ModuleType:
    other = file_of(known)
    if other is not None and os.path.realpath(other) == str(file):
        return known
    raise SetupError(
        "project.module_clash",
        "Two files would be the same module in one process.",
        facts={"module": name, "loaded": other or "(built in)", "wanted": file},
        next_step="Rename one of them, or run them in processes of their own.",
    )


def _prefer(*folders: Path) -> None:
    """Put folders at the front of `sys.path`, the last one first."""
    for folder in map(str, folders):
        if folder in sys.path:
            sys.path.remove(folder)
        sys.path.insert(0, folder)


def _execute(name: str, file: Path) -> ModuleType:
    spec = spec_from_file_location(name, file, loader=SourceLoader(name, str(file)))
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - a loader was given
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except AtelierError:
        sys.modules.pop(name, None)
        raise
    except _FAULTS as error:
        sys.modules.pop(name, None)
        _refuse(file, error)
    return module


def _refuse(file: Path, error: Exception) -> Never:
    raise SetupError(
        "project.import_failed",
        "The target does not import.",
        facts={"target": file, "where": _where(error, file), "cause": _cause(error)},
        next_step="Fix this line and run again; nothing ran.",
    ) from error


def _where(error: Exception, file: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_label(error.filename, file)}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if owner_of_file(frame.filename) is Owner.PROJECT]
    return f"{_label(own[-1].filename, file)}:{own[-1].lineno}" if own else file.name


def _label(filename: str, file: Path) -> str:
    place = Path(os.path.realpath(filename))
    inside = place.is_relative_to(file.parent)
    return str(place.relative_to(file.parent)) if inside else label_of_file(filename, "")


def _cause(error: Exception) -> str:
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {message}"
