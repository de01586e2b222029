"""Builds `evidence/journal.db` from `evidence/journal.csv`, the text that a person edits.

Run it after an edit of the CSV:

    python examples/coaching/make_journal.py
"""

import csv
from pathlib import Path

import apsw

EVIDENCE = Path(__file__).resolve().parent / "evidence"

INSERT = "insert into journal values (:id, :student, :day, :text)"
TABLE = """
create table journal (
  id      integer primary key,
  student text not null,
  day     text not null check (day glob '????-??-??'),
  text    text not null
) strict
"""


def make(source: Path, target: Path) -> int:
    """The number of entries written; the database is made anew, so a removed line is gone."""
    with source.open(encoding="utf-8", newline="") as lines:
        entries = list(csv.DictReader(lines))
    target.unlink(missing_ok=True)
    database = apsw.Connection(str(target))
    try:
        with database:
            database.execute(TABLE)  # pyright: ignore[reportUnknownMemberType] - apsw's types
            database.executemany(INSERT, entries)  # pyright: ignore[reportUnknownMemberType]
    finally:
        database.close()
    return len(entries)


if __name__ == "__main__":
    count = make(EVIDENCE / "journal.csv", EVIDENCE / "journal.db")
    print(f"{count} entries in {EVIDENCE / 'journal.db'}")  # noqa: T201 - a script speaks
