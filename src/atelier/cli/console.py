"""What a person and a program read: text that is safe on a terminal, tables, one JSON document."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson

from atelier.kernel.errors import AtelierError, printable

COLORS = {
    "complete": "green",
    "ran": "green",
    "same": "green",
    "reused": "cyan",
    "degraded": "yellow",
    "partial": "yellow",
    "stale": "yellow",
    "interrupted": "yellow",
    "pending": "blue",
    "running": "blue",
    "blocked": "magenta",
    "differs": "red",
    "no receipt": "magenta",
    "failed": "red",
}
SIGNS = {"ran": "●", "reused": "○", "failed": "✗", "blocked": "-"}
# Whatever may not be shown as it is; JSON holds it inside strings alone, so an escape fits.
_UNSAFE = re.compile(r"[^\x20-\x7e\n]")


def use_color(context: click.Context) -> None:
    """Honour NO_COLOR; without a terminal click takes colours away by itself."""
    if os.environ.get("NO_COLOR"):
        context.color = False


def safe(text: object) -> str:
    r"""A text of any length that does nothing to a terminal.

    Example:
        >>> safe("a\x1b]0;b\x07")
        'a\\x1b]0;b\\x07'
    """
    whole = str(text)
    return printable(whole, limit=len(whole))


def one_line(text: object, limit: int = 160) -> str:
    r"""A text on one line, cut where it is long.

    Example:
        >>> one_line("a  b\nc"), one_line("abcdef", 4)
        ('a b c', 'abc…')
    """
    line = " ".join(safe(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def as_text(value: Any) -> str:
    """A JSON value as a person reads it on one line: a text as it is, anything else as JSON.

    Example:
        >>> as_text("maya"), as_text({"start": 1})
        ('maya', '{"start":1}')
    """
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return one_line(text)


def short(digest: str | None) -> str:
    """A digest as a table shows it; `why` and `blob cat` take the whole one.

    Example:
        >>> short("sha256:0123456789abcdef"), short(None)
        ('sha256:0123456789ab', '-')
    """
    return digest[:19] if digest else "-"


def duration(seconds: float) -> str:
    """Seconds as people read them.

    Example:
        >>> duration(0.0042), duration(0.41), duration(75.2), duration(0.0)
        ('4 ms', '0.41 s', '1 min 15 s', '0 ms')
    """
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def colored(word: str, *, bold: bool = False) -> str:
    """A status or an outcome in its colour."""
    return click.style(word, fg=COLORS.get(word), bold=bold)


def say(text: str = "", *, err: bool = False) -> None:
    """Print a line that is safe already."""
    click.echo(text.rstrip(" "), err=err)


def table(rows: Iterable[Sequence[str]], header: Sequence[str] = ()) -> list[str]:
    """Rows as aligned columns; a cell may be coloured, and the last column is never padded.

    Example:
        >>> table([("draft", "ran"), ("a", "reused")], ("stage", "outcome"))
        ['stage  outcome', 'draft  ran', 'a      reused']
    """
    lines = [tuple(header), *map(tuple, rows)] if header else [tuple(row) for row in rows]
    if not lines:
        return []
    widths = [max(len(click.unstyle(row[at])) for row in lines) for at in range(len(lines[0]))]
    return ["  ".join(_padded(row, widths)).rstrip() for row in lines]


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    for cell, width in zip(row, widths, strict=True):
        yield cell + " " * (width - len(click.unstyle(cell)))


def fields(pairs: Iterable[tuple[str, object]], *, indent: str = "  ") -> list[str]:
    """Names and values under one another; empty values are left out.

    Example:
        >>> fields([("run", "01"), ("packet", "sha256:"), ("cost", "")])
        ['  run     01', '  packet  sha256:']
    """
    shown = [(name, str(value)) for name, value in pairs if value not in (None, "")]
    width = max((len(name) for name, _ in shown), default=0)
    below = "\n" + indent + " " * (width + 2)
    return [
        f"{indent}{name:<{width}}  {below.join(value.splitlines())}".rstrip()
        for name, value in shown
    ]


def to_json(document: Any) -> str:
    r"""A document as indented JSON that is safe on a terminal.

    Example:
        >>> print(to_json({"a": "\x1b\x9b"}))
        {
          "a": "\u001b\u009b"
        }
    """
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable() and char != "\x7f":
        return char
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def emit_json(document: Any) -> None:
    """Print the one document of a `--json` command."""
    click.echo(to_json(document))


def emit_error(error: AtelierError, *, as_json: bool) -> None:
    """Print an error: its one message form on stderr, or its JSON on stdout."""
    if as_json:
        emit_json({"error": error.as_json()})
        return
    head, newline, rest = safe(error).partition("\n")
    click.echo(
        click.style(head, fg="red", bold=True) + newline + rest, err=True, color=_error_color()
    )


def _error_color() -> bool | None:
    return False if os.environ.get("NO_COLOR") or not sys.stderr.isatty() else None
