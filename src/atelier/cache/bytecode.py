"""Code without source: its bytecode and constants, which hold for one minor Python version."""

import dis
import sys
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import cast

from atelier.cache.references import Import, Load, Loads
from atelier.cache.tree import constant
from atelier.kernel.canonical import Json

_NAMES = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})


def bytecode_of(code: CodeType) -> Json:
    """The content of a code object, without its name, file and lines."""
    return {
        "python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "code": code.co_code.hex(),
        "exceptions": code.co_exceptiontable.hex(),
        "flags": code.co_flags,
        "arguments": [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount],
        "names": [list(code.co_names), list(code.co_varnames)],
        "outer": [list(code.co_freevars), list(code.co_cellvars)],
        "constants": [_constant(item) for item in code.co_consts],
    }


def _constant(value: object) -> Json:
    if isinstance(value, CodeType):
        return bytecode_of(value)
    if isinstance(value, tuple | frozenset):
        items = [_constant(item) for item in cast("Iterable[object]", value)]
        if isinstance(value, tuple):
            return ["tuple", *items]
        return ["frozenset", *sorted(items, key=str)]
    return constant(value)


def loads_of_bytecode(code: CodeType) -> Loads:
    """What a code object reaches for, nested code included; computed names are not seen here."""
    loads = Loads()
    waiting = [code]
    while waiting:
        each = waiting.pop()
        loads.names.extend(_chains(each))
        waiting.extend(item for item in each.co_consts if isinstance(item, CodeType))
    if any("getattr" in load.chain[:1] for load in loads.names):
        loads.dynamic.append(("getattr in code without source", code.co_firstlineno))
    return loads


def _chains(code: CodeType) -> Iterator[Load]:
    chain: list[str] = []
    line = code.co_firstlineno
    for step in dis.get_instructions(code):
        line = (
            step.starts_line if isinstance(step.starts_line, int) and step.starts_line > 1 else line
        )
        if step.opname in _ATTRIBUTES and chain:
            chain.append(step.argval)
            continue
        if chain:
            yield Load(tuple(chain), line)
        chain = [step.argval] if step.opname in _NAMES else []
        if step.opname == "IMPORT_NAME":
            name = str(step.argval)
            bound = name.partition(".")[0]
            found = Import(name, None, bound, 0, line, whole=True)
            yield Load((bound,), line, imports=(found,))


def disassembly(code: CodeType) -> str:
    """A code object as `why` shows it: its instructions, without addresses."""
    lines = [
        f"{step.opname} {'' if isinstance(step.argval, CodeType) else step.argrepr}".rstrip()
        for step in dis.get_instructions(code)
    ]
    return "\n".join(lines)
