"""`atelier blob`: stored content by its digest."""

import sys
from pathlib import Path

import click

from atelier.cli.archive import opened
from atelier.cli.console import safe
from atelier.cli.options import Command, project_option
from atelier.cli.place import get_place
from atelier.cli.prefix import get_whole, is_prefix
from atelier.kernel.errors import IntegrityError, SetupError


@click.group()
def blob() -> None:
    """Read stored content by its digest."""


@blob.command(cls=Command)
@click.argument("digest")
@project_option
def cat(digest: str, *, project: Path | None) -> None:
    """Print the bytes of a blob, verified: raw into a pipe or file, escaped on a terminal."""
    digest = get_digest(digest)
    with opened(get_place(project)) as archive:
        digest = get_whole(archive, digest)
        data = archive.read(digest)
        damaged = digest in archive.damaged
    if data is None and damaged:
        raise IntegrityError(
            "cli.damaged",
            "The stored bytes do not have this digest any more.",
            facts={"digest": digest},
            next_step="Run the workflow again: a damaged value is made anew.",
        )
    if data is None:
        raise SetupError(
            "cli.no_blob",
            "There is no such blob in this project.",
            facts={"digest": digest},
            next_step="Take a digest from `atelier show RUN STAGE`.",
        )
    if sys.stdout.isatty():
        click.echo(safe(data.decode(errors="backslashreplace")))
    else:
        sys.stdout.buffer.write(data)


def get_digest(text: str) -> str:
    """A digest as it is stored, or the start of one; its hex alone will do.

    Raises:
        click.UsageError: it is none.
    """
    digest = text if text.startswith("sha256:") else f"sha256:{text}"
    if not is_prefix(digest):
        raise click.UsageError(f"A digest is sha256: and 8 to 64 hex; got {text!r}.")
    return digest
