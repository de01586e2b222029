"""Whose code a file holds: the project's, a library's, the interpreter's or the harness's own."""

import os
import sys
import sysconfig
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from atelier.cache.installed import is_claimed


class Owner(StrEnum):
    """Who answers for a piece of code: the project by source, all others by version."""

    PROJECT = "project"
    LIBRARY = "library"
    STDLIB = "stdlib"
    HARNESS = "harness"


_OWN = os.path.realpath(Path(__file__).parent.parent) + os.sep
_STDLIB = tuple(
    os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib")
)


@lru_cache(maxsize=65_536)
def owner_of_file(filename: str) -> Owner:
    """Who owns a file; `<frozen os>` is the interpreter's, a notebook cell the project's."""
    if filename.startswith("<frozen "):
        return Owner.STDLIB
    path = os.path.realpath(filename)
    if path.startswith(_OWN):
        return Owner.HARNESS
    claimed = is_claimed(path)
    if claimed is not None:  # within the interpreter's own folder too, where there is no venv
        return Owner.LIBRARY if claimed else Owner.PROJECT
    return Owner.STDLIB if path.startswith(_STDLIB) else Owner.PROJECT


_OWNERS: dict[str, tuple[ModuleType | None, Owner]] = {}


def owner_of_module(name: str) -> Owner:
    """Who owns a module, by its file where it has one and by its name else."""
    module = sys.modules.get(name)
    known = _OWNERS.get(name)
    if known is not None and known[0] is module:
        return known[1]
    owner = _owner_of(name, module)
    _OWNERS[name] = (module, owner)
    return owner


def _owner_of(name: str, module: ModuleType | None) -> Owner:
    file = file_of(module) if module is not None else None
    if file is not None:
        return owner_of_file(file)
    top = top_of(name)
    if top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return Owner.STDLIB if top != "__main__" else Owner.PROJECT
    return owner_of_module(top) if top != name else Owner.PROJECT


def owner_of_function(function: FunctionType) -> Owner:
    """Who owns a function: generated code belongs to the module whose globals it has."""
    filename = function.__code__.co_filename
    if is_file(filename) or filename.startswith("<frozen "):
        return owner_of_file(filename)
    return owner_of_module(module_of(function))


def module_of(thing: Any) -> str:
    """The name of the module that defines a function or a class."""
    if isinstance(thing, FunctionType):
        name: object = thing.__globals__.get("__name__")
    else:
        name = getattr(thing, "__module__", None)
    return name if isinstance(name, str) else ""


def file_of(module: ModuleType) -> str | None:
    """The file or folder that a module came from."""
    file: object = getattr(module, "__file__", None)
    if isinstance(file, str):
        return file
    folders = list(getattr(module, "__path__", ()))  # a namespace package has folders only
    return str(folders[0]) + os.sep if folders else None


def is_file(filename: str) -> bool:
    """Whether a code object's file name is a path and not `<stdin>`, `<string>` or a cell."""
    return not filename.startswith("<")


def top_of(name: str) -> str:
    """The first part of a dotted name.

    Example:
        >>> top_of("os.path")
        'os'
    """
    return name.partition(".")[0]


def label_of_file(filename: str, module: str) -> str:
    """A file as people name it: as deep as its module's name, and no deeper.

    Example:
        >>> label_of_file("/home/me/coaching/tools/text.py", "tools.text")
        'tools/text.py'
        >>> label_of_file("/home/me/coaching/tools/__init__.py", "tools")
        'tools/__init__.py'
    """
    parts = filename.replace(os.sep, "/").split("/")
    depth = module.count(".") + 1 + (parts[-1] == "__init__.py")
    return "/".join(parts[-depth:])
