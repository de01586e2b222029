"""`atelier export`: one run as one file that opens from a disk and needs nothing else."""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from atelier.cli.archive import Archive, opened, opened_copy
from atelier.cli.console import emit_json, fields, safe, say
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.kernel.errors import SetupError
from atelier.observatory.bundle.options import (
    Bundle,
    Options,
    Redact,
    parse_hidden,
    parse_redactions,
)
from atelier.observatory.extra import import_web


@click.command(cls=Command)
@click.argument("run")
@click.option(
    "--html",
    "form",
    flag_value="html",
    default="html",
    help="As a self-contained page, which is the form there is.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it; by default run-RUN.html here.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option(
    "--redact",
    "redacted",
    multiple=True,
    type=click.Choice([part.value for part in Redact]),
    help="Withhold a part and what repeats it; may be repeated.",
)
@click.option(
    "--hide",
    "hidden",
    multiple=True,
    metavar="TEXT",
    help="Withhold a name or another text wherever it stands, in any spelling; may be repeated.",
)
@click.option("--only-cited", is_flag=True, help="Leave out evidence that nothing rests on.")
@click.option(
    "--ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Read a copied ledger, without a project.",
)
@json_option
@project_option
def export(run: str, *, out: Path | None, force: bool, as_json: bool, **given: Any) -> None:
    """Write RUN, an id, a prefix that only one run has, or `latest`, as one HTML file.

    The artefact beside its evidence, the stages with their reasons, every row with its prompts and
    answers, claims and review: each a click from the other, without a script or a server.
    """
    options = Options(
        parse_redactions(given["redacted"]),
        only_cited=given["only_cited"],
        hide=parse_hidden(given["hidden"]),
    )
    module = import_web("atelier.observatory.bundle.export")
    with _archive(given["ledger"], given["project"]) as archive:
        bundle: Bundle = module.export_html(archive, archive.get_run(run), options)
    path = out or Path(bundle.name)
    write_file(path, bundle.data, force=force)
    if as_json:
        emit_json(bundle_json(bundle, path))
        return
    say(safe(path))
    for line in fields(_facts(bundle)):
        say(line)


@contextmanager
def _archive(ledger: Path | None, project: Path | None) -> Generator[Archive]:
    if ledger is None:
        with opened(get_place(project)) as archive:
            yield archive
        return
    if project is not None:
        raise SetupError(
            "export.copy",
            "A copied ledger is read without a project.",
            facts={"ledger": ledger},
            next_step="Give --ledger or --project, not both.",
        )
    with opened_copy(ledger) as archive:
        yield archive


def write_file(path: Path, data: bytes, *, force: bool) -> None:
    """Write a file whole; one that is there is replaced only where that was asked for.

    Raises:
        SetupError: there is a file already, or none can be written.
    """
    draft = path.with_name(f".{path.name}.part") if force else path
    try:
        with draft.open("wb" if force else "xb") as file:
            file.write(data)
        draft.replace(path)
    except FileExistsError as error:
        raise SetupError(
            "export.exists",
            "There is a file of this name already.",
            facts={"file": path},
            next_step="Name another with --out, or replace it with --force.",
        ) from error
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise SetupError(
            "export.unwritable",
            "The file could not be written.",
            facts={"file": path, "why": error.strerror},
            next_step="Name another place with --out.",
        ) from error


def bundle_json(bundle: Bundle, path: Path) -> dict[str, Any]:
    """What `export --json` prints."""
    return {
        "path": str(path),
        "digest": bundle.digest,
        "bytes": len(bundle.data),
        "run": bundle.run,
        "asked": bundle.asked,
        "withheld": list(bundle.withheld),
        "only_cited": bundle.only_cited,
        "hidden": bundle.hidden,
        "unfound": list(bundle.unfound),
    }


def _facts(bundle: Bundle) -> list[tuple[str, object]]:
    served = bundle.asked != bundle.run
    return [
        ("digest", bundle.digest),
        ("bytes", f"{len(bundle.data):,}"),
        (
            "run",
            f"{safe(bundle.run)}, from which {safe(bundle.asked)} was served" if served else "",
        ),
        ("withheld", ", ".join(bundle.withheld)),
        ("hidden", f"{bundle.hidden} texts" if bundle.hidden else ""),
        ("left out", "evidence that nothing rests on" if bundle.only_cited else ""),
        ("nowhere in it", ", ".join(bundle.unfound)),
    ]
