"""A full disk: the error says so, what was kept stays, and the store goes on once there is room."""

import subprocess
import sys
from pathlib import Path

import pytest

LEDGER = """
import resource, sys
from pathlib import Path
from atelier.kernel.digest import digest_bytes
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import add, ran, start

path = Path(sys.argv[1])
ledger = SqliteLedger.open(path)
add(ledger, start("r1"))

def blob(number):
    data = number.to_bytes(4, "big") * 15_000
    return Commit(rows=(ran("r1", f"s{number}"),), blobs={digest_bytes(data): data})

def limit(bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, resource.RLIM_INFINITY))

limit(600_000)
futures = [ledger.commit(blob(number)) for number in range(40)]
codes = [one.exception() and one.exception().code for one in futures]
assert "storage.full" in codes, codes
assert set(codes) <= {None, "storage.full"}, codes
kept = [number for number, code in enumerate(codes) if code is None]
limit(resource.RLIM_INFINITY)
[row] = add(ledger, blob(99))
rows = list(ledger.iter_stage_rows("r1"))
assert [row.stage for row in rows] == [*(f"s{number}" for number in kept), "s99"]
assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
ledger.close()
again = SqliteLedger.open(path)
assert len(list(again.iter_stage_rows("r1"))) == len(rows)
for number in (*kept, 99):
    [(digest, data)] = blob(number).blobs.items()
    assert again.find_blob(digest) == data
again.close()
print("whole")
"""

BLOBS = """
import resource, sys
from pathlib import Path
from atelier.blobs.files import FileBlobs
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import ExhaustedError

blobs = FileBlobs(Path(sys.argv[1]))
data = b"x" * 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    blobs.put(digest_bytes(data), data)
except ExhaustedError as error:
    assert error.code == "storage.full"
assert blobs.find(digest_bytes(data)) is None
assert list((Path(sys.argv[1]) / "incoming").iterdir()) == []
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
blobs.put(digest_bytes(data), data)
assert blobs.find(digest_bytes(data)) == data
print("whole")
"""

NEW = """
import resource, sys
from pathlib import Path
from atelier.kernel.errors import AtelierError
from atelier.ledger.sqlite import SqliteLedger

path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
try:
    SqliteLedger.open(path)
    raise SystemExit("there was no room")
except AtelierError as error:
    assert error.code == "storage.full", error
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
SqliteLedger.open(path).close()
print("whole")
"""


@pytest.mark.parametrize("program", [LEDGER, BLOBS, NEW], ids=["ledger", "blobs", "new ledger"])
def test_a_full_disk_is_named_and_survived(tmp_path: Path, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "store")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("whole\n", "")
