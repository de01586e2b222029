"""`atelier token`: what lets programs and other people in at `atelier serve`."""

from datetime import timedelta
from pathlib import Path
from re import compile as pattern

import click

from atelier.cli.console import emit_json, safe, say, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.kernel.clock import SystemClock, iso
from atelier.kernel.errors import SetupError
from atelier.observatory.doors.scope import parse_scope
from atelier.observatory.doors.token import Tokens

_LASTS = pattern(r"([1-9][0-9]{0,3})([hd])\Z")


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of `atelier serve`."""


@token.command(cls=Command)
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["read", "run", "admin"]),
    default="read",
    show_default=True,
    help="What it allows: reading; starting runs too; managing tokens too.",
)
@click.option(
    "--lasts", default="90d", show_default=True, metavar="TIME", help="How long: 12h, 30d."
)
@json_option
@project_option
def new(*, name: str, scope: str, lasts: str, as_json: bool, project: Path | None) -> None:
    """Make a token called NAME, and show it, this once."""
    found = _LASTS.match(lasts)
    granted = parse_scope(scope)
    if found is None or granted is None:
        raise click.UsageError("--lasts takes hours or days, such as 12h or 30d.")
    if not name.isprintable() or not 0 < len(name) <= 80:
        raise click.UsageError("NAME is a short text, such as the name of the program.")
    span = timedelta(**{{"h": "hours", "d": "days"}[found[2]]: int(found[1])})
    made, secret = _tokens(project).new(name, granted, lasts=span)
    if as_json:
        emit_json({**made.as_json(), "token": secret})
        return
    say(secret)
    say(f"{made.id}  {scope}  until {made.expires_at[:16].replace('T', ' ')} UTC", err=True)
    say("It is shown this once. Send it as: Authorization: Bearer TOKEN", err=True)


@token.command("list", cls=Command)
@json_option
@project_option
def list_tokens(*, as_json: bool, project: Path | None) -> None:
    """List the tokens of a project; none is shown itself."""
    known = _tokens(project).all()
    if as_json:
        emit_json({"tokens": [item.as_json() for item in known]})
        return
    now = iso(SystemClock().now())
    rows = [
        (
            item.id,
            item.scope.word,
            safe(item.name),
            item.created_at[:10],
            item.expires_at[:10] if now < item.expires_at else "expired",
        )
        for item in known
    ]
    for line in table(rows, ("id", "scope", "name", "made", "until")):
        say(line)


@token.command(cls=Command)
@click.argument("identity", metavar="ID")
@json_option
@project_option
def revoke(*, identity: str, as_json: bool, project: Path | None) -> None:
    """Take the token with this ID away; a running server refuses it from now on."""
    gone = _tokens(project).revoke(identity)
    if gone is None:
        raise SetupError(
            "token.unknown",
            "There is no such token.",
            facts={"id": identity},
            next_step="List them: atelier token list",
        )
    if as_json:
        emit_json(gone.as_json())
        return
    say(f"revoked {gone.id} ({safe(gone.name)})")


def _tokens(project: Path | None) -> Tokens:
    return Tokens.of(get_place(project).home, SystemClock())
