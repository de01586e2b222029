"""Damage to what is stored is noticed: a miss and an event, never a wrong answer."""

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from atelier.blobs.content import Content
from atelier.blobs.files import FileBlobs
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import AtelierError
from atelier.ledger.connection import Access, connect
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import add, ran, start

DATA = bytes(range(256)) * 8
NAME = digest_bytes(DATA)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    opened = SqliteLedger.open(path)
    add(opened, start("r1"), Commit(rows=(ran("r1", "a", key="k", output=NAME),)))
    add(opened, Commit(blobs={NAME: DATA}))
    yield opened
    opened.close()


def test_every_damaged_byte_of_an_inline_blob_is_noticed_and_repaired(
    ledger: SqliteLedger, path: Path, tmp_path: Path
) -> None:
    reported: list[str] = []
    content = Content(
        ledger.find_blob,
        FileBlobs(tmp_path / "blobs"),
        on_damage=lambda digest, _: reported.append(digest),
    )
    editor = connect(path, Access.WRITE)
    positions = range(0, len(DATA), 41)
    for position in positions:
        damaged = bytearray(DATA)
        damaged[position] ^= 0x20
        editor.execute("update blob set data = ? where digest = ?", (bytes(damaged), NAME))
        assert content.read(NAME) is None
        add(ledger, Commit(blobs=content.split({NAME: DATA})))
        assert content.read(NAME) == DATA, "the next commit of the same bytes repairs it"
    editor.close()
    assert reported == [NAME] * len(positions)


@pytest.mark.parametrize("length", [0, 1, 100, 70_000 - 1])
def test_a_file_cut_at_any_length_is_noticed(tmp_path: Path, length: int) -> None:
    blobs = FileBlobs(tmp_path)
    data = bytes(70_000)
    blobs.put(digest_bytes(data), data)
    blobs._place(digest_bytes(data)).write_bytes(data[:length])
    assert Content(lambda _: None, blobs).read(digest_bytes(data)) is None


def outcome(path: Path) -> str:
    """What a reader of the ledger gets: the rows as they were, or an error of ours."""
    try:
        ledger = SqliteLedger.open(path, read_only=True)
        try:
            found = ledger.find_values(["k"]).get("k")
            rows = list(ledger.iter_stage_rows("r1"))
            data = ledger.find_blob(NAME)
        finally:
            ledger.close()
    except AtelierError as error:
        return type(error).__name__
    if found is None or [found] != rows:
        return "lost"
    return "whole" if (found.stage, found.output, data) == ("a", NAME, DATA) else "changed"


@pytest.mark.slow
def test_damaged_pages_end_in_an_error_of_ours_and_never_in_a_crash(
    ledger: SqliteLedger, path: Path
) -> None:
    """Zeroed or overwritten pages; what a flipped byte changes, the checkpoints will tell."""
    ledger.close()
    whole = path.read_bytes()
    assert outcome(path) == "whole"
    found: set[str] = set()
    for page in range(len(whole) // 4_096):
        for filler in (b"\0", b"\xff"):
            damaged = bytearray(whole)
            damaged[page * 4_096 : (page + 1) * 4_096] = filler * 4_096
            path.write_bytes(bytes(damaged))
            found.add(outcome(path))
    assert "changed" not in found, "a wrong answer"
    assert "IntegrityError" in found
    path.write_bytes(whole)
    assert outcome(path) == "whole"


@pytest.mark.parametrize("length", [1, 50, 4_095, 4_097, 40_000])
def test_a_truncated_ledger_is_named(ledger: SqliteLedger, path: Path, length: int) -> None:
    ledger.close()
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(AtelierError) as refused:
        read_all(path)
    assert refused.value.code in {"ledger.damaged", "ledger.missing"}


def read_all(path: Path) -> None:
    reader = SqliteLedger.open(path, read_only=True)
    try:
        list(reader.iter_stage_rows("r1"))
        reader.find_values(["k"])
    finally:
        reader.close()


def test_a_log_cut_short_keeps_whole_commits_only(path: Path, tmp_path: Path) -> None:
    """What a power cut may leave of a log that was never synced: a prefix, torn anywhere."""
    ledger = SqliteLedger.open(path)
    add(ledger, start("r1"))
    for number in range(6):
        rows = (ran("r1", "a", key=f"a{number}"), ran("r1", "b", key=f"b{number}"))
        add(ledger, Commit(rows=rows))
    log = path.with_name("ledger.sqlite-wal").read_bytes()
    main = path.read_bytes()
    counts: list[int] = []
    for cut in range(0, len(log), 3_001):
        copy = tmp_path / f"{cut}"
        copy.mkdir()
        (copy / "ledger.sqlite").write_bytes(main)
        (copy / "ledger.sqlite-wal").write_bytes(log[:cut])
        connection = apsw.Connection(str(copy / "ledger.sqlite"))
        tables = list(connection.execute("select 1 from sqlite_schema where name = 'row'"))
        rows = list(connection.execute("select count(*) from row")) if tables else [(0,)]
        connection.close()
        counts.append(int(str(rows[0][0])))
    ledger.close()
    assert counts == sorted(counts)
    assert all(count % 2 == 0 for count in counts), "half a commit"
