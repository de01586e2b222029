"""A digest by its first hex digits, as tables show it."""

from collections.abc import Iterator, Mapping, Sequence
from re import compile as pattern
from typing import Any, cast

from atelier.cli.archive import Archive
from atelier.kernel.canonical import Json
from atelier.kernel.digest import digest as digest_of
from atelier.kernel.digest import is_digest
from atelier.kernel.errors import SetupError
from atelier.ledger.rows import Row

_PREFIX = pattern(r"sha256:[0-9a-f]{8,64}\Z")
_MANY = 1_000_000
_NAMED = 5


def is_prefix(text: str) -> bool:
    """Whether a text is a digest, or at least eight hex digits of one.

    Example:
        >>> is_prefix("sha256:05afd1d379b1"), is_prefix("sha256:05"), is_prefix("latest")
        (True, False, False)
    """
    return _PREFIX.match(text) is not None


def get_whole(archive: Archive, digest: str) -> str:
    """The one digest that the ledger knows and that starts so; a whole one as it is.

    Raises:
        SetupError: none starts so, or several do.
    """
    if is_digest(digest):
        return digest
    found: set[str] = set()
    # Elements stand in no row of their own: they are looked at where nothing else starts so.
    for known in (_recorded(archive), _elements(archive)):
        found = {item for item in known if item.startswith(digest)}
        if found:
            break
    if len(found) == 1:
        return found.pop()
    named = sorted(found)[:_NAMED]
    raise SetupError(
        "cli.digest_prefix",
        f"{len(found) or 'No'} digests that the ledger knows start so.",
        facts={"prefix": digest, **({"digests": "\n".join(named)} if named else {})},
        next_step="Give more of it; `--json` of the command that showed it has it whole.",
    )


def _recorded(archive: Archive) -> Iterator[str]:
    """Every digest that a run, a row, a packet or an artefact names."""
    ledger = archive.ledger
    for run in ledger.iter_runs(limit=_MANY):
        yield from (run.start.packet, run.start.run_key)
        record = ledger.find_packet(run.start.packet)
        if record is not None:
            yield from (record.manifest, record.origins, *record.slices.values())
        for row in ledger.iter_stage_rows(run.start.run):
            named = (row.key, row.recipe, row.components, row.input, row.output, row.manifest)
            yield from (item for item in named if item)
            for item in row.consumed:
                yield from (item.digest, item.whole)
            yield from _mapped(archive, row)
    for artefact in ledger.iter_artefacts():
        yield from (artefact.digest, artefact.mark, artefact.lines)


def _mapped(archive: Archive, row: Row) -> Iterator[str]:
    """The digests of a mapped stage's elements, and of what became of them."""
    manifest: Mapping[str, Any] = archive.value(row.manifest) or {}
    entries: Sequence[Mapping[str, str | None]] = manifest.get("of", ())
    for entry in entries:
        yield from (item for name in ("element", "key", "output") if (item := entry[name]))


def _elements(archive: Archive) -> Iterator[str]:
    """The digest of every element of every packet."""
    for digest in archive.ledger.iter_slices():
        value = archive.value(digest)
        if isinstance(value, list):
            yield from (digest_of(item) for item in cast("list[Json]", value))
