"""Observatory's detail pages: how long the value behind each takes, in a ledger of many rows.

    python bench/reading.py [--rows 100000] [--keep FOLDER] [--json]

The coaching example runs twice, the second time over edited evidence. Then the ledger is filled, through
the store, with runs of the same workflow, parameters and packet that reuse the first run's values: the
worst case for whoever looks for precedents and reuses. Goals stand beside what was measured.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from atelier.blobs.files import FileBlobs
from atelier.ledger.rows import Outcome, RunEnd, RunStatus
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.artefact import view_artefact
from atelier.observatory.reading.blast import blast_radius
from atelier.observatory.reading.packet import view_packet
from atelier.observatory.reading.plain import to_json
from atelier.observatory.reading.review import find_reviews, view_review
from atelier.observatory.reading.row import view_row
from atelier.observatory.reading.run import view_run
from atelier.observatory.reading.why import view_why

COACHING = Path(__file__).parents[1] / "examples" / "coaching"
ATELIER = Path(sys.executable).parent / "atelier"
SAID, EDITED = "I moved the casing section", "I moved the whole casing section"
GOALS = {"run": 100, "row": 100, "artefact": 100}
REPEATS = 7


def make_project(root: Path) -> None:
    """The example after two runs."""
    shutil.copytree(COACHING, root, ignore=shutil.ignore_patterns(".atelier", "artefacts"))
    environment = {key: value for key, value in os.environ.items() if key != "ATELIER_HOME"}
    transcript = root / "evidence/students/maya/s12.vtt"
    for text in (SAID, EDITED):
        transcript.write_text(transcript.read_text().replace(SAID, text))
        subprocess.run(  # noqa: S603 - the command of this install
            [ATELIER, "run", "."], cwd=root, env=environment, check=True, capture_output=True
        )


def fill(ledger: SqliteLedger, rows: int) -> None:
    """Runs that reuse what the first one made, until there are so many rows."""
    first = list(ledger.iter_runs(limit=2))[-1]
    made = list(ledger.iter_stage_rows(first.start.run))
    pending = []
    for number in range(rows // len(made)):
        run = f"01zz{number:022d}"
        reused = tuple(
            replace(row, run=run, outcome=Outcome.REUSED, reason="same key", served_from=row.seq)
            for row in made
        )
        end = RunEnd(
            run=run, status=RunStatus.COMPLETE, ended_at=first.ended_at or "", sound=True, seconds=1
        )
        start = replace(first.start, run=run, owner="")
        pending.append(ledger.commit(Commit(start=start, rows=reused, end=end)))
    for future in pending:
        future.result()


def measured(work: Callable[[], Any]) -> float:
    """The median of a few, in milliseconds; the first is not counted."""
    work()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def measure(archive: Archive, edited: str) -> dict[str, float]:
    """Every page of the run over edited evidence, and the heaviest row and run of the rest."""
    ledger = archive.ledger
    run = ledger.find_run(edited)
    newest = next(ledger.iter_runs(limit=1))
    assert run is not None
    rows = list(ledger.iter_stage_rows(edited))
    first = archive.original(next(iter(ledger.iter_stage_rows(newest.start.run))))
    emitted = next(ledger.iter_artefacts(run=edited))
    (review,) = find_reviews(archive, edited)
    view = view_artefact(archive, emitted)
    sentence = next(line.text for line in view.lines if line.claims and line.part == "text")
    row = max(measured(lambda row=row: view_row(archive, row)) for row in rows)
    return {
        "run": measured(lambda: view_run(archive, run)),
        "run, the newest of many": measured(lambda: view_run(archive, newest)),
        "row": row,
        "row, reused by all others": measured(lambda: view_row(archive, first)),
        "artefact": measured(lambda: view_artefact(archive, emitted)),
        "artefact as JSON": measured(lambda: json.dumps(to_json(view))),
        "review": measured(lambda: view_review(archive, review)),
        "packet": measured(lambda: view_packet(archive, run.start.packet)),
        "packet of all others": measured(lambda: view_packet(archive, newest.start.packet)),
        "blast radius": measured(lambda: blast_radius(archive, run, "transcript", position=93)),
        "why, by a sentence": measured(lambda: view_why(archive, sentence)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.keep or Path(folder) / "project"
        path = root / ".atelier/ledger.sqlite"
        if not path.exists():
            make_project(root)
            ledger = SqliteLedger.open(path)
            fill(ledger, asked.rows)
            ledger.close()
        ledger = SqliteLedger.open(path, read_only=True)
        archive = Archive(ledger, ledger.find_blob, FileBlobs(root / ".atelier/blobs").find)
        edited = next(ledger.iter_artefacts()).run
        found = measure(archive, edited)
        ledger.close()
    if asked.json:
        print(json.dumps({name: round(value, 2) for name, value in found.items()}))
        return
    for name, value in found.items():
        goal = f"  goal under {GOALS[name]} ms" if name in GOALS else ""
        print(f"{name:28} {value:8.1f} ms{goal}")


if __name__ == "__main__":
    main()
