"""Why a digest exists: what it is the digest of, who made it, and who has used it."""

from typing import Any

from atelier.cli.archive import Archive
from atelier.cli.console import emit_json, one_line, say
from atelier.kernel.errors import IntegrityError, SetupError
from atelier.observatory.reading.roles import roles_of

_SENTENCES = {
    "output": "output of {stage}, first made in run {run}: {reason}",
    "stage key": "stage key of {stage}, made in run {run}; its value is {output}",
    "run key": "run key, served from run {run}",
    "packet": "packet of run {run}",
    "slice": "slice {slice} of the packet of run {run}",
    "element": "element of slice {slice}, cited {citations} times",
    "artefact": "artefact {path}, emitted by run {run}",
    "mark": "mark of artefact {path}, of all that stands above it; emitted by run {run}",
}


def why_digest(archive: Archive, digest: str, *, as_json: bool) -> None:
    """Answer for a digest: everything that the ledger knows it as.

    Raises:
        SetupError: the ledger does not know it.
        IntegrityError: it is known, and its stored bytes are damaged.
    """
    roles = list(roles_of(archive, digest))
    data = archive.read(digest)
    if not roles and data is None:
        raise _unknown(archive, digest)
    if as_json:
        emit_json({"digest": digest, "bytes": _size(data), "is": roles})
        return
    say(f"{digest}  {'not stored' if data is None else f'{len(data)} bytes'}")
    for role in roles:
        say(f"  {_sentence(role)}")
    if not roles:
        say("  A stored value that no stage, packet or artefact names by itself.")
    if data is not None:
        say(f"next  atelier blob cat {digest}")


def _sentence(role: dict[str, Any]) -> str:
    return one_line(_SENTENCES[role["role"]].format(**role), 300)


def _size(data: bytes | None) -> int | None:
    return None if data is None else len(data)


def _unknown(archive: Archive, digest: str) -> SetupError | IntegrityError:
    if digest in archive.damaged:
        return IntegrityError(
            "cli.damaged",
            "The stored bytes do not have this digest any more.",
            facts={"digest": digest},
            next_step="Run the workflow again: a damaged value is made anew.",
        )
    return SetupError(
        "why.unknown_digest",
        "The ledger does not know this digest.",
        facts={"digest": digest, "ledger": archive.place.home},
        next_step="Take one from `atelier show RUN STAGE`, or name the project: --project DIR",
    )
