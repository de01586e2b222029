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
from atelier.cli.recognised import read_artefact, recognise_file, several, unknown, unsaid
from atelier.cli.why_artefact import why_artefact, why_line
from atelier.cli.why_digest import why_digest
from atelier.cli.why_stage import why_run, why_stage
from atelier.kernel.digest import is_digest
from atelier.observatory.reading.provenance import history_of, in_toto, prov_json
from atelier.observatory.reading.recognised import INTACT, Recognised, recognised
from atelier.observatory.reading.sentence import Said, find_parts, find_said

FORMS = {"prov": prov_json, "in-toto": in_toto}


@dataclass(frozen=True, slots=True)
class File:
    """A path, and the line of it that is asked about."""

    path: Path
    line: int | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as an artefact has it."""

    text: str


@click.command(cls=Command)
@click.argument("what", metavar="ARTEFACT[:LINE]|SENTENCE|RUN|DIGEST")
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
    SENTENCE, in quotes, is looked for in the newest artefacts, as it is printed there; three words of
    one are enough where no other has them.
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
    if isinstance(asked, Sentence):
        _why_sentence(asked, project, as_json=as_json)
        return
    with opened(get_place(project)) as archive:
        if _names_digest(archive, asked):
            why_digest(archive, get_whole(archive, get_digest(asked)), as_json=as_json)
        elif stage is None:
            why_run(archive, archive.get_run(asked), as_json=as_json)
        else:
            why_stage(archive, archive.get_run(asked), stage, as_json=as_json)


def parse_question(what: str) -> File | Sentence | str:
    """What is asked about: a file and a line, a sentence, or else a run or a digest.

    Raises:
        click.UsageError: what stands behind a file's name is no line.

    Example:
        >>> parse_question("artefacts/maya.md:12")
        File(path=PosixPath('artefacts/maya.md'), line=12)
        >>> parse_question("She ran far.")
        Sentence(text='She ran far.')
        >>> parse_question("latest")
        'latest'
    """
    if what.startswith("sha256:") or (len(what) == 64 and is_digest(f"sha256:{what}")):
        return get_digest(what)
    is_there = _is_there(what)
    path, colon, line = what.rpartition(":")
    if colon and line.isdecimal() and not is_there:
        return File(Path(path), int(line))
    if colon and not is_there and _is_there(path) and Path(path).is_file():
        raise click.UsageError(f"A line is a number from 1; got {line!r} of {path}.")
    if not is_there and len(what.split()) > 1:
        return Sentence(what)
    is_file = what != LATEST and is_there
    return File(Path(what), None) if is_file or "/" in what or "." in what else what


def _is_there(name: str) -> bool:
    """Whether something is called that; a text may also be too long to be a name."""
    try:
        return Path(name).exists()
    except OSError:
        return False


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


def _why_sentence(asked: Sentence, project: Path | None, *, as_json: bool) -> None:
    with opened(get_place(project)) as archive:
        said = find_said(archive, asked.text) or _part(archive, asked.text)
        found = recognised(archive, said.row, INTACT)
        why_line(archive, found, Path(said.row.path), line=said.line, as_json=as_json)


def _part(archive: Archive, part: str) -> Said:
    """Where the one sentence stands that has a part in it."""
    found = find_parts(archive.remembering(), part)
    if len(found) > 1:
        raise several(part, found)
    for said in found.values():
        return said
    raise unsaid(part, archive.file)


def _answer(archive: Archive, found: Recognised, asked: File, *, as_json: bool) -> None:
    if asked.line is None:
        why_artefact(archive, found, asked.path, as_json=as_json)
    else:
        why_line(archive, found, asked.path, line=asked.line, as_json=as_json)
