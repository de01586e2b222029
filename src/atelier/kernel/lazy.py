"""Names that a package hands on, each imported when it is first used."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """A package's `__getattr__` and `__dir__`: `homes` says which module holds each name.

    A home is a module of the package, or one with its whole name. A module that has the name
    itself is handed on whole.

    Example:
        >>> find, names = lazily("atelier.kernel", {"digest_bytes": "digest"})
        >>> names(), find("digest_bytes")(b"")[:16]
        (['digest_bytes'], 'sha256:e3b0c4429')
    """

    def find(name: str) -> object:
        if name not in homes:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message)
        home = homes[name]
        module = import_module(home if home.startswith("atelier.") else f"{package}.{home}")
        value: object = module if home == f"{package}.{name}" else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return find, lambda: sorted(homes)
