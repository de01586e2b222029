"""The tree of errors, split by what the caller does next, and their one message form.

```
AtelierError
├── SetupError          fix the workflow, the project or the evidence; nothing ran
├── StageError          one stage failed; retry policy matches on the type
│   ├── TransientError  rate limit, overload, connection: the same request again
│   ├── RejectedError   the answer broke a rule: ask again with the reason
│   └── ExhaustedError  stop, and say what to do
└── IntegrityError      stop and verify
```
"""

from collections.abc import Mapping
from typing import Any


class AtelierError(Exception):
    """One sentence, aligned facts, one next step; facts are fields so that nobody parses text.

    Example:
        >>> print(SetupError("graph.cycle", "The stages form a cycle.",
        ...       facts={"stages": "a, b, a"}, next_step="Remove one of these inputs."))
        [graph.cycle] The stages form a cycle.
          stages: a, b, a
          Remove one of these inputs.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        facts: Mapping[str, object] | None = None,
        next_step: str,
    ) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.facts: dict[str, str] = {
            name: printable(str(value)) for name, value in (facts or {}).items()
        }
        self.next_step = next_step

    def __str__(self) -> str:
        width = max((len(name) for name in self.facts), default=0) + 1
        # The lines of a fact stand under one another, so that none passes for the next step.
        below = "\n" + " " * (width + 3)
        facts = [
            f"  {name + ':':<{width}} {below.join(value.splitlines())}"
            for name, value in self.facts.items()
        ]
        return "\n".join([f"[{self.code}] {self.sentence}", *facts, f"  {self.next_step}"])

    def as_json(self) -> dict[str, Any]:
        """The error as the ledger and `--json` keep it."""
        return {
            "code": self.code,
            "sentence": self.sentence,
            "facts": dict(self.facts),
            "next_step": self.next_step,
        }


class SetupError(AtelierError):
    """The workflow, the project or its evidence must be fixed; nothing ran and nothing was spent."""


class StageError(AtelierError):
    """One stage failed; what needs it is blocked and the rest goes on."""


class TransientError(StageError):
    """The same request may succeed later: rate limit, overload, server or connection trouble."""


class RejectedError(StageError):
    """An answer broke a rule (schema, citation, evidence) and may be asked for again."""


class ExhaustedError(StageError):
    """Asking again cannot help: budget, quota, context window, refusal, authentication."""


class IntegrityError(AtelierError):
    """What was stored is not what was written; stop and run `atelier verify`."""


def printable(text: str, limit: int = 400) -> str:
    r"""Text made safe for a terminal and a log: control characters shown, long text cut.

    Example:
        >>> printable("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    shown = "".join(
        char if char == "\n" or (char.isprintable() and char != "\x7f") else _escape(char)
        for char in text[: limit + 1]
    )
    return shown if len(text) <= limit else shown[:limit] + "…"


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
