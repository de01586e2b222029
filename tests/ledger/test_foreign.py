"""A ledger that came from elsewhere is shown only where it is one, whole, and ours."""

from pathlib import Path

import pytest

from atelier.kernel.errors import AtelierError, IntegrityError, SetupError
from atelier.ledger.connection import Access, connect
from atelier.ledger.foreign import open_foreign
from atelier.ledger.sqlite import SqliteLedger
from atelier.testing.ledger_samples import add, start


@pytest.fixture
def copy(path: Path) -> Path:
    """The file of a ledger that was closed."""
    ledger = SqliteLedger.open(path)
    for number in range(100):
        ledger.commit(start(f"r{number}"))
    ledger.close()
    return path


def edit(path: Path, sql: str) -> None:
    connection = connect(path, Access.WRITE)
    try:
        connection.execute(sql).fetchall()
    finally:
        connection.close()


def refusal(path: Path, error: type[AtelierError]) -> AtelierError:
    with pytest.raises(error) as refused:
        open_foreign(path)
    return refused.value


def test_a_sound_copy_is_read_and_cannot_be_written_to(copy: Path) -> None:
    ledger = open_foreign(copy)
    assert ledger.find_run("r7") is not None
    with pytest.raises(AtelierError):
        add(ledger, start("another"))
    ledger.close()


def test_a_copy_of_something_else_is_refused_with_what_to_give_instead(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    path.touch()
    edit(path, "create table other (a)")
    refused = refusal(path, SetupError)
    assert refused.code == "ledger.foreign"
    assert "`ledger.sqlite` in a project's" in str(refused)


def test_a_copy_without_its_log_is_empty_and_not_taken_for_a_new_ledger(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    path.touch()
    refused = refusal(path, SetupError)
    assert refused.code == "ledger.empty"
    assert "-wal" in str(refused)


def test_a_version_of_tomorrow_is_refused_as_what_it_is(copy: Path) -> None:
    edit(copy, "pragma user_version = 999")
    assert refusal(copy, SetupError).code not in {"ledger.foreign", "ledger.empty"}


def test_one_page_that_is_not_sound_is_found_before_anything_is_shown(copy: Path) -> None:
    whole = bytearray(copy.read_bytes())
    place = whole.rindex(b"run-key")
    page = place - place % 4096
    whole[page : page + 64] = bytes(64)
    copy.write_bytes(whole)
    refused = refusal(copy, IntegrityError)
    assert refused.code == "ledger.damaged"
    assert str(copy) in str(refused)
