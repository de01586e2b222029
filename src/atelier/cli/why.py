"""`atelier why`: from a sentence to its evidence, from a stage to what changed, from a digest back."""

from dataclasses import dataclass
from pathlib import Path

import click

from atelier.cli.archive import LATEST, Archive, opened
from atelier.cli.blob import get_digest
from atelier.cli.console import emit_json
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import LEDGER, get_place, get_places
from atelier.cli.prefix import get_whole, is_prefix
from atelier.cli.recognised import read_artefact, recognise_file, unknown
from atelier.cli.why_artefact import why_artefact, why_line
from atelier.cli.why_digest import why_digest
from atelier.cli.why_stage import why_run, why_stage
from atelier.kernel.digest import is_digest
from atelier.observatory.reading.provenance import history_of, in_toto, prov_json
from atelier.observatory.reading.recognised import Recognised

FORMS = {"prov": prov_json, "in-toto": in_toto}


@dataclass(frozen=True, slots=True)
class File:
    """A path, and the line of it that is asked about."""

    path: Path
    line: int | None


@click.command(cls=Command)
@click.argument("what", metavar="ARTEFACT[:LINE]|RUN|DIGEST")
@click.argument("stage", required=False)
@click.option(
    "--form",
    type=click.Choice(list(FORMS)),
    help="Print the history of ARTEFACT in a common form, as JSON.",
)
@json_option
@project_option
def why(
    what: str, stage: str | None, *, form: str | None, as_json: bool, project: Path | None
) -> None:
    """Say why a sentence, a stage or a value is what it is, from the ledger alone.

    ARTEFACT:LINE goes from a sentence to its claims, their citations, the evidence around them, the
    stages and the run; an artefact is recognised by its content, also when it was moved or edited.
    RUN STAGE names what changed since the stage ran before, and shows the difference. RUN is an id,
    a prefix that only one run has, or `latest`. DIGEST says what a value is and who made it.
    """
    asked = parse_question(what)
    if stage is not None and not isinstance(asked, str):
        raise click.UsageError("STAGE goes with a RUN.")
    if form is not None and not isinstance(asked, File):
        raise click.UsageError("--form goes with an ARTEFACT.")
    if isinstance(asked, File):
        _why_file(asked, project, form=form, as_json=as_json)
        return
    with opened(get_place(project)) as archive:
        if _names_digest(archive, asked):
            why_digest(archive, get_whole(archive, get_digest(asked)), as_json=as_json)
        elif stage is None:
            why_run(archive, archive.get_run(asked), as_json=as_json)
        else:
            why_stage(archive, archive.get_run(asked), stage, as_json=as_json)


def parse_question(what: str) -> File | str:
    """What a word asks about: a file and a line, or else a run or a digest.

    Raises:
        click.UsageError: what stands behind a file's name is no line.

    Example:
        >>> parse_question("artefacts/maya.md:12")
        File(path=PosixPath('artefacts/maya.md'), line=12)
        >>> parse_question("latest")
        'latest'
    """
    if what.startswith("sha256:") or (len(what) == 64 and is_digest(f"sha256:{what}")):
        return get_digest(what)
    path, colon, line = what.rpartition(":")
    if colon and line.isdecimal() and not Path(what).exists():
        return File(Path(path), int(line))
    if colon and not Path(what).exists() and Path(path).is_file():
        raise click.UsageError(f"A line is a number from 1; got {line!r} of {path}.")
    is_file = what != LATEST and Path(what).exists()
    return File(Path(what), None) if is_file or "/" in what or "." in what else what


def _names_digest(archive: Archive, asked: str) -> bool:
    """Whether a word means a digest: the hex alone may be a run's, which goes first."""
    if asked.startswith("sha256:"):
        return True
    return is_prefix(f"sha256:{asked}") and archive.ledger.find_run(asked) is None


def _why_file(asked: File, project: Path | None, *, form: str | None, as_json: bool) -> None:
    data = read_artefact(asked.path)
    near = get_places(project, asked.path.absolute().parent)
    known = [place for place in near if (place.home / LEDGER).is_file()]
    for place in known or near[:1]:
        with opened(place) as archive:
            found = recognise_file(archive, asked.path, data)
            if found is not None:
                if form is not None:
                    emit_json(FORMS[form](history_of(archive, found.row)))
                else:
                    _answer(archive, found, asked, as_json=as_json)
                return
    raise unknown(asked.path, [place.home / LEDGER for place in known], is_gone=data is None)


def _answer(archive: Archive, found: Recognised, asked: File, *, as_json: bool) -> None:
    if asked.line is None:
        why_artefact(archive, found, asked.path, as_json=as_json)
    else:
        why_line(archive, found, asked.path, line=asked.line, as_json=as_json)
