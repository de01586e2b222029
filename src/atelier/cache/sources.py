"""The source text of loaded code: the very bytes that were compiled, or a proof that they match."""

import __future__

import ast
import linecache
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import decode_source
from inspect import CO_NESTED
from pathlib import Path
from types import CodeType
from typing import Any

from atelier.cache.references import Import, imports_of
from atelier.cache.tree import FunctionNode, settle_annotations

# Each feature has a bit of its own, so their sum is their union; the oldest shares its bit with
# nested functions.
_FUTURES: int = sum(
    {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names} - {CO_NESTED}
)


class Source:
    """The bytes of one module as they were read, with its tree and its code objects."""

    def __init__(
        self, filename: str, data: bytes, code: CodeType | None = None, *, certain: bool = True
    ) -> None:
        self.filename = filename
        self.data = data
        self.certain = certain  # whether these surely are the bytes that the process imported
        self._compiled: dict[int, dict[tuple[str, int], list[CodeType]]] = {}
        self._loaded = None if code is None else _by_place(code)

    @property
    def tree(self) -> ast.Module:
        """The syntax tree, parsed once, its annotations settled."""
        return self._parsed[0]

    @cached_property
    def _parsed(self) -> tuple[ast.Module, list[FunctionNode]]:
        tree = ast.parse(self.data, self.filename)
        return tree, settle_annotations(tree)

    @cached_property
    def lines(self) -> list[str]:
        """The lines, as the parser counts them."""
        return decode_source(self.data).split("\n")

    @cached_property
    def functions(self) -> dict[tuple[str, int], list[FunctionNode]]:
        """Function and lambda nodes by the name and first line that their code objects have."""
        found: dict[tuple[str, int], list[FunctionNode]] = {}
        for node in self._parsed[1]:
            if isinstance(node, ast.Lambda):
                found.setdefault(("<lambda>", node.lineno), []).append(node)
            else:
                first = node.decorator_list[0].lineno if node.decorator_list else node.lineno
                found.setdefault((node.name, first), []).append(node)
        return found

    @cached_property
    def classes(self) -> dict[str, list[ast.ClassDef]]:
        """Class nodes by qualified name; a name may be defined under several conditions."""
        found: dict[str, list[ast.ClassDef]] = {}
        waiting: list[tuple[ast.AST, str]] = [(self.tree, "")]
        while waiting:
            node, prefix = waiting.pop()
            if isinstance(node, ast.ClassDef):
                found.setdefault(prefix + node.name, []).append(node)
                prefix += f"{node.name}."
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                prefix += f"{node.name}.<locals>."
            waiting.extend((child, prefix) for child in ast.iter_child_nodes(node))
        return found

    @cached_property
    def assigned(self) -> dict[str, int]:
        """The first line at the level of the module that binds each name."""
        found: dict[str, int] = {}
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Name)
                and isinstance(node.ctx, ast.Store)
                and not node.col_offset
            ):
                found.setdefault(node.id, node.lineno)
        return found

    @cached_property
    def imports(self) -> dict[str, Import]:
        """What `from … import …` at the level of the module binds, by name."""
        found: dict[str, Import] = {}
        waiting: list[ast.AST] = list(self.tree.body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.ImportFrom):
                found.update((item.bound, item) for item in imports_of(node))
            elif isinstance(node, ast.If | ast.Try | ast.With):
                waiting.extend(ast.iter_child_nodes(node))
        return found

    @cached_property
    def executed(self) -> list[Import]:
        """What the imports at the level of the module name, those under a condition included."""
        level = _level(self.tree.body)
        found = [node for node in level if isinstance(node, ast.Import | ast.ImportFrom)]
        return [item for node in found for item in imports_of(node)]

    def compiled(self, code: CodeType) -> bool:
        """Whether this source, compiled, holds exactly that code object."""
        place = (code.co_qualname, code.co_firstlineno)
        if self._loaded is not None:
            return any(other is code or other == code for other in self._loaded.get(place, ()))
        flags = code.co_flags & _FUTURES
        if flags not in self._compiled:
            module = compile(self.data, self.filename, "exec", flags=flags, dont_inherit=True)
            self._compiled[flags] = _by_place(module)
        return any(other == code for other in self._compiled[flags].get(place, ()))

    def text(self, node: ast.AST) -> str:
        """The lines of a node, its decorators included."""
        first, last = extent(node)
        return "\n".join(self.lines[first - 1 : last])


def _level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements at the level of a module, those under a condition included."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _level(bodies_of(node))


def bodies_of(node: Any) -> list[ast.stmt]:
    """The statements within one that is no definition, in all of its branches."""
    found: list[ast.stmt] = []
    for name in ("body", "orelse", "finalbody"):
        found += getattr(node, name, [])
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        found += part.body
    return found


def extent(node: Any) -> tuple[int, int]:
    """The first and the last line of a definition, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)]), node.end_lineno


@dataclass(frozen=True, slots=True)
class Found:
    """Where a code object was written."""

    source: Source
    nodes: tuple[FunctionNode, ...]


_VERSIONS: dict[str, list[Source]] = {}


def remember(filename: str, data: bytes, code: CodeType) -> None:
    """Keep the bytes that a module was compiled from; a reload adds a version."""
    _VERSIONS.setdefault(filename, []).append(Source(filename, data, code))


def remembered(filename: str) -> Source | None:
    """The newest remembered source of a file, never read from the disk now."""
    versions = _VERSIONS.get(filename)
    return versions[-1] if versions else None


def find_function(code: CodeType) -> Found | None:
    """The source of a function's code, only if it provably is the code that was loaded."""
    place = (code.co_name, code.co_firstlineno)
    for source in _candidates(code.co_filename):
        nodes = source.functions.get(place)
        if nodes and source.compiled(code):
            return Found(source, tuple(nodes))
    return None


def has_source(filename: str) -> bool:
    """Whether some text stands under a code object's file name."""
    return any(True for _ in _candidates(filename))


def find_source(filename: str) -> Source | None:
    """The newest readable source under a file name."""
    return next(_candidates(filename), None)


def cells() -> Iterator[Source]:
    """The sources of notebook cells and other text without a file, newest first."""
    for filename, entry in reversed(list(linecache.cache.items())):
        if len(entry) == 4 and entry[1] is None:
            yield from _candidates(filename)


def _candidates(filename: str) -> Iterator[Source]:
    """The sources that may hold a file's code: those remembered, then what can be read now."""
    known = _VERSIONS.get(filename, [])
    yield from reversed(known)
    data, certain = _read(filename)
    if data is None or any(source.data == data for source in known):
        return
    source = Source(filename, data, certain=certain)
    try:
        source.tree  # noqa: B018 - parses
    except (SyntaxError, ValueError):
        return
    # What was read now proves itself by comparison of code; it is never taken on trust.
    _VERSIONS.setdefault(filename, []).append(source)
    yield source


def _read(filename: str) -> tuple[bytes | None, bool]:
    """The text under a file name now, and whether it is what the process imported.

    A cell is kept as it was compiled. A file is certain where its last change, which nobody can
    set back, lies before this process.
    """
    entry = linecache.cache.get(filename)
    if entry is not None and len(entry) == 4 and entry[1] is None:
        return "".join(entry[2]).encode(), True
    try:
        with Path(filename).open("rb") as file:
            changed = os.fstat(file.fileno()).st_ctime_ns
            return file.read(), changed < process_start()
    except (OSError, ValueError):
        return None, False


@lru_cache(maxsize=1)
def process_start() -> int:
    """When this process began, in nanoseconds of wall time; 0 where the system does not tell."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[19])  # field 22 of proc(5), counted from boot
        booted = time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        return booted + ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return 0


def _by_place(module: CodeType) -> dict[tuple[str, int], list[CodeType]]:
    found: dict[tuple[str, int], list[CodeType]] = {}
    waiting = [module]
    while waiting:
        code = waiting.pop()
        found.setdefault((code.co_qualname, code.co_firstlineno), []).append(code)
        waiting.extend(item for item in code.co_consts if isinstance(item, CodeType))
    return found
