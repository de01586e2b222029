"""The demonstration's `atelier.toml`, as it stands at one time or another."""

from collections.abc import Mapping

ENDPOINT = "rehearsal"
OFFLINE = "offline"
_CLASSES = ("writer", "grounder", "reviewer")
_HEAD = """\
# Made by `atelier demo`. The models of its history were a fake provider's, which is gone: what they
# said stands in the ledger. Where a class is bound to offline, its stages' stand-ins answer.
scope = "default"
"""
_TAIL = f"""
[endpoints.{ENDPOINT}]
url = "http://127.0.0.1:9/v1"

[isilon]
root = "evidence"

[isilon.databases]
journal = "evidence/journal.db"

[run.defaults]
student = "maya"
session = "s12"
"""


def settings(bound: Mapping[str, str] | None = None) -> str:
    """The file's text, each model class bound as it is said, and to offline where nothing is.

    Example:
        >>> [line for line in settings({"writer": "openai:gpt-5"}).splitlines() if "use" in line]
        ['use = "openai:gpt-5"', 'use = "offline"', 'use = "offline"']
    """
    given = bound or {}
    sections = [_section(name, given.get(name, OFFLINE)) for name in _CLASSES]
    return "\n".join([_HEAD, *sections]) + _TAIL


def _section(name: str, use: str) -> str:
    lines = [f"[models.{name}]", f'use = "{use}"']
    if use != OFFLINE:
        lines += [f'endpoint = "{ENDPOINT}"', "sampling = { max_tokens = 4000 }"]
    return "\n".join([*lines, ""])
