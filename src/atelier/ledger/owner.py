"""The process that holds a lease: who it is, and whether it still lives."""

from functools import cache
from os import getpid
from pathlib import Path
from platform import node
from secrets import token_hex

from atelier.ledger.leases import Owner

PROC = Path("/proc")


def this_process() -> Owner:
    """The owner that this process is; always the same one, and another after a fork."""
    return _owner(getpid())


@cache
def _owner(pid: int) -> Owner:
    return Owner(
        host=node(),
        boot=boot_id(),
        pid=pid,
        started=started_at(pid) or "",
        token=token_hex(16),
    )


def boot_id(proc: Path = PROC) -> str:
    """What tells one boot of one machine from all others, and one space of process ids in it."""
    try:
        boot = (proc / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(proc / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def started_at(pid: int, proc: Path = PROC) -> str | None:
    """When a process started, in ticks since boot; None if there is no such process.

    A process id is used again, a process id with its start time is not.
    """
    try:
        text = (proc / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field is the name in parentheses and may hold anything, spaces included.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]


def is_dead(owner: Owner, *, proc: Path = PROC) -> bool:
    """Whether an owner is known to be gone: True is certain, False may be ignorance."""
    here = boot_id(proc)
    if not here or not owner.boot:
        return False
    if owner.boot == here:
        return started_at(owner.pid, proc) != owner.started
    # The file is on a disk of this machine, so another boot of this host is over.
    return owner.host == node() and owner.boot.partition("/")[0] != here.partition("/")[0]
