"""The versions of what a closure takes by version: distributions, and the interpreter."""

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import metadata

from atelier.cache.places import Owner, owner_of_module


def versions_of(modules: Iterable[str]) -> Mapping[str, str]:
    """Distribution to version for top-level modules; the standard library counts as `python`.

    Example:
        >>> list(versions_of(["json", "pydantic"]))
        ['pydantic', 'python']
    """
    found: dict[str, str] = {}
    for module in modules:
        found.update(_version_of(module))
    return dict(sorted(found.items()))


@lru_cache(maxsize=4096)
def _version_of(module: str) -> Mapping[str, str]:
    if owner_of_module(module) is Owner.STDLIB:
        return {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    if _provides(module, module):
        return {module: metadata.version(module)}
    # The name differs from the distribution's (yaml, PyYAML): the slow way, through every RECORD.
    names = sorted(set(_distributions().get(module, ())))
    return {name: metadata.version(name) for name in names} or {module: "(no distribution)"}


def _provides(distribution: str, module: str) -> bool:
    """Whether a distribution holds a top-level module, read off its own RECORD."""
    try:
        record = metadata.distribution(distribution).read_text("RECORD") or ""
    except metadata.PackageNotFoundError:
        return False
    return any(line.startswith((f"{module}/", f"{module}.")) for line in record.splitlines())


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()
