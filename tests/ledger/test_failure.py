"""What SQLite's errors mean to whoever called."""

from errno import EDQUOT, EFBIG, EIO, ENOSPC
from pathlib import Path

import apsw
import pytest

from atelier.kernel.errors import (
    AtelierError,
    ExhaustedError,
    IntegrityError,
    SetupError,
    TransientError,
)
from atelier.ledger.failure import failure

PATH = Path("/home/me/.atelier/ledger.sqlite")


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (apsw.FullError("full"), ExhaustedError, "storage.full"),
        (apsw.BusyError("locked"), TransientError, "ledger.busy"),
        (apsw.LockedError("locked"), TransientError, "ledger.busy"),
        (apsw.ReadOnlyError("read-only"), SetupError, "ledger.unopened"),
        (apsw.CantOpenError("no"), SetupError, "ledger.unopened"),
        (apsw.ConstraintError("rule"), IntegrityError, "ledger.refused"),
        (apsw.CorruptError("malformed"), IntegrityError, "ledger.damaged"),
        (apsw.NotADBError("not one"), IntegrityError, "ledger.damaged"),
        (apsw.IOError("disk"), IntegrityError, "ledger.io"),
        (apsw.ConnectionClosedError("closed"), IntegrityError, "ledger.closed"),
        (TypeError("odd"), IntegrityError, "ledger.unwritable"),
    ],
)
def test_an_error_says_what_to_do_next(
    error: Exception, kind: type[AtelierError], code: str
) -> None:
    found = failure(error, PATH)
    assert type(found) is kind
    assert found.code == code
    assert found.next_step.endswith((".", "run again.", "served.")), "one next step"


@pytest.mark.parametrize("errno", [ENOSPC, EDQUOT, EFBIG])
def test_an_io_error_of_a_full_disk_is_a_full_disk(errno: int) -> None:
    assert failure(apsw.IOError("disk I/O error"), PATH, errno=errno).code == "storage.full"
    assert failure(apsw.CantOpenError("no"), PATH, errno=errno).code == "storage.full"
    assert failure(apsw.IOError("disk I/O error"), PATH, errno=EIO).code == "ledger.io"


def test_an_error_of_ours_stays_as_it_is() -> None:
    mine = SetupError("x.y", "It is ours.", next_step="Keep it.")
    assert failure(mine, PATH) is mine
