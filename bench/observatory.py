"""Observatory's index: how fast it is made, how fast it answers, and what following a ledger costs.

    python bench/observatory.py [--rows 100000] [--million] [--keep FOLDER] [--json]

A synthetic ledger is written through the store: runs of five stages, of which some ran, most were
reused, one in ten was served whole; prompts, answers, claims and citations of what ran. Goals stand
beside what was measured; a ledger that is kept is not written again. The slowdown is taken of runs
whose stages take 20 ms, less than any model's, and of commits without a pause, the worst there is.
"""

import argparse
import gc
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.ledger.rows import (
    Attempt,
    CitationRow,
    ClaimRow,
    Outcome,
    PacketRecord,
    Row,
    RunEnd,
    RunStart,
    RunStatus,
)
from atelier.ledger.sqlite import SqliteLedger
from atelier.ledger.store import Commit
from atelier.observatory.following import following as keeping_up
from atelier.observatory.index.aggregates import COST_BY
from atelier.observatory.index.index import Index
from atelier.observatory.index.query import parse_query

STAGES = ("extract", "draft", "grounded", "review", "synthesis")
ASKING = ("draft", "review", "synthesis")
VERDICTS = ("supported", "supported", "supported", "contested", "unsupported", "out_of_scope")
WORDS = [
    f"{a}{b}{c}"
    for a in "bdfgklmnprst"
    for b in ("a", "e", "io", "u")
    for c in ("n", "rd", "st", "th", "x", "lm", "", "ck")
]
WEIGHTS = [1 / (1 + place) for place in range(len(WORDS))]
SIGNS = "睡眠不足昨夜朝食運動日記今週来週会議論文章修正提出予定確認"
FRESH = 0.3
HIT = 0.1
SLOWED = (
    ("slowdown of runs whose stages take 20 ms", 0.02, 20),
    ("slowdown of commits without a pause", 0.0, 150),
)
GOALS = {
    "indexed rows a second": 10_000,
    "first page of runs": 200,
    "search": 100,
    "slowdown": 0.02,
}


def sentence(rng: random.Random, words: int) -> str:
    said = rng.choices(WORDS, WEIGHTS, k=words)
    return " ".join(said).capitalize() + "."


@dataclass
class Written:
    """A digest and its bytes, noted for the commit."""

    blobs: dict[str, bytes]

    def keep(self, value: Any) -> str:
        data = canonical(value)
        name = digest_bytes(data)
        self.blobs[name] = data
        return name


class Maker:
    """Makes runs, one after another, of students who come again each week."""

    def __init__(self, seed: int = 1) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - made up, not secret
        self.number = 0
        self.seq = 0
        self.kept: dict[tuple[str, str], tuple[int, str]] = {}
        self.sources: list[tuple[str, int]] = []

    def moment(self, second: int = 0) -> str:
        at = self.number * 40 + second
        day, rest = divmod(at, 86_400)
        month, day = divmod(day, 28)
        hour, rest = divmod(rest, 3600)
        return f"{2024 + month // 12}-{1 + month % 12:02d}-{1 + day:02d}T{hour:02d}:{rest // 60:02d}:{rest % 60:02d}.000000Z"

    def run(self) -> Iterator[Commit]:
        """The commits of one run."""
        self.number += 1
        run, student = f"01m{self.number:023d}", f"student-{self.rng.randrange(300)}"
        start = RunStart(
            run=run,
            workflow=self.rng.choice(("coaching", "triage", "digest")),
            scope="default",
            packet="sha256:" + f"{self.number:064x}",
            run_key="sha256:" + f"{self.number // 3:064x}",
            started_at=self.moment(),
            target="flow.py:workflow",
            parameters={"student": student, "week": self.number % 52},
            subject=student,
        )
        if self.sources and self.rng.random() < HIT:
            yield self.hit(start)
            return
        before, first = self.seq, True
        failed = False
        for place, stage in enumerate(STAGES):
            made = self.stage(start, stage, place, failed=failed)
            failed = failed or made.rows[0].outcome is Outcome.FAILED
            yield made if not first else with_start(made, start)
            first = False
        status = RunStatus.FAILED if failed else RunStatus.COMPLETE
        yield Commit(
            end=RunEnd(run=run, status=status, ended_at=self.moment(30), sound=True, seconds=30.0)
        )
        if not failed:
            self.sources = [*self.sources[-50:], (run, before + 1)]

    def hit(self, start: RunStart) -> Commit:
        source, seq = self.rng.choice(self.sources)
        self.seq += 1
        row = Row(
            run=start.run,
            stage="",
            outcome=Outcome.RUN_HIT,
            recorded_at=self.moment(1),
            reason=f"served from run {source}",
            served_from=seq,
            original=9000,
            avoided=9000,
        )
        end = RunEnd(
            run=start.run,
            status=RunStatus.COMPLETE,
            ended_at=self.moment(1),
            sound=True,
            served_from=source,
            seconds=0.1,
        )
        return Commit(start=start, rows=(row,), end=end)

    def stage(self, start: RunStart, stage: str, place: int, *, failed: bool) -> Commit:
        self.seq += 1
        known = self.kept.get((start.subject or "", stage))
        moment = self.moment(2 + place * 5)
        if failed:
            return Commit(
                rows=(
                    Row(
                        run=start.run,
                        stage=stage,
                        outcome=Outcome.BLOCKED,
                        recorded_at=moment,
                        reason="draft failed",
                    ),
                )
            )
        if known and self.rng.random() > FRESH:
            row = Row(
                run=start.run,
                stage=stage,
                outcome=Outcome.REUSED,
                recorded_at=moment,
                output=known[1],
                served_from=known[0],
                original=3000,
                avoided=3000,
                recipe="sha256:" + f"{STAGES.index(stage) + self.number // 5000:064x}",
            )
            return Commit(rows=(row,))
        return self.fresh(start, stage, moment)

    def fresh(self, start: RunStart, stage: str, moment: str) -> Commit:
        rng, noted = self.rng, Written({})
        cjk = "".join(rng.choices(SIGNS, k=12)) if rng.random() < 0.1 else ""
        claims = [sentence(rng, 11) for _ in range(3)]
        output = noted.keep({"text": " ".join(claims) + cjk, "run": start.run})
        attempts = self.attempts(start, stage, noted=noted) if stage in ASKING else ()
        broke = rng.random() < 0.02
        error = {
            "code": "stage.citation",
            "sentence": "A citation is not there.",
            "facts": {"quoted": sentence(rng, 5)},
            "next_step": "Quote it.",
        }
        row = Row(
            run=start.run,
            stage=stage,
            outcome=Outcome.FAILED if broke else Outcome.RAN,
            recorded_at=moment,
            reason="transcript changed",
            key=None if broke else "sha256:" + f"{self.seq:064x}",
            recipe="sha256:" + f"{STAGES.index(stage) + self.number // 5000:064x}",
            output=None if broke else output,
            model_class="writer" if attempts else None,
            model_requested="writer-1" if attempts else None,
            model_served="writer-1" if attempts else None,
            requests=len(attempts),
            input_tokens=900 * len(attempts) or None,
            output_tokens=200 * len(attempts) or None,
            incurred=3000 * len(attempts),
            original=3000 * len(attempts),
            seconds=round(rng.random() * 4, 3),
            error=error if broke else None,
        )
        if not broke:
            self.kept[start.subject or "", stage] = (self.seq, output)
        found = stage == "grounded" and not broke
        packet = None
        if stage == "extract":
            turns = [{"speaker": "Maya", "text": sentence(rng, 9)} for _ in range(2)]
            name = noted.keep(turns)
            packet = PacketRecord(
                packet=start.packet,
                manifest=name,
                origins=name,
                run=start.run,
                slices={"transcript": name},
            )
        return Commit(
            rows=(row,),
            blobs=noted.blobs,
            attempts=attempts,
            packet=packet,
            claims=tuple(self.claims(output, claims)) if found else (),
            citations=tuple(self.citations(output, claims)) if found else (),
        )

    def attempts(self, start: RunStart, stage: str, *, noted: Written) -> tuple[Attempt, ...]:
        moment = self.moment(2 + STAGES.index(stage) * 5)
        asked = noted.keep(
            {
                "messages": [
                    {"role": "user", "text": f"For {start.subject}: {sentence(self.rng, 40)}"}
                ],
                "n": self.seq,
            }
        )
        told = noted.keep(
            {
                "status": 200,
                "headers": {},
                "body": json.dumps({"content": [{"text": sentence(self.rng, 30)}], "n": self.seq}),
            }
        )
        again = self.rng.random() < 0.05
        return tuple(
            Attempt(
                id=f"{start.run}/{stage}/{number}",
                run=start.run,
                stage=stage,
                call=asked,
                number=number,
                request=asked,
                model_class="writer",
                model_requested="writer-1",
                model_served="writer-1",
                sent_at=moment,
                ended_at=moment,
                outcome="rejected" if number < 1 + again else "answered",
                error={"code": "stage.citation", "sentence": "No.", "facts": {}, "next_step": ""}
                if number < 1 + again
                else None,
                response=told,
                reserved=9000,
                incurred=3000,
                input_tokens=900,
                cached_tokens=400,
                output_tokens=200,
                reasoning_tokens=50,
                price_table="2026-03",
            )
            for number in range(1, 2 + again)
        )

    def claims(self, output: str, texts: list[str]) -> Iterator[ClaimRow]:
        for place, text in enumerate(texts):
            verdict = self.rng.choice(VERDICTS)
            flag = "" if verdict in {"supported", "out_of_scope"} else "contested"
            yield ClaimRow(
                output=output,
                claim=f"{place:08x}",
                ordinal=place,
                text=text,
                kind="fact",
                verdict=verdict,
                flag=flag,
                decided_by="rule",
                checks='[{"name":"numbers","outcome":"pass","by":"rule"}]',
            )

    def citations(self, output: str, texts: list[str]) -> Iterator[CitationRow]:
        for place, text in enumerate(texts):
            yield CitationRow(
                output=output,
                claim=f"{place:08x}",
                ordinal=place,
                slice="transcript",
                element="sha256:" + "e" * 64,
                occurrence=1,
                pointer="/text",
                start=0,
                end=8,
                quote=text[:8],
                match="verbatim",
                role="supports",
                found_by="stage",
            )


def with_start(commit: Commit, start: RunStart) -> Commit:
    return Commit(
        start=start,
        rows=commit.rows,
        blobs=commit.blobs,
        attempts=commit.attempts,
        packet=commit.packet,
        claims=commit.claims,
        citations=commit.citations,
    )


def fill(ledger: SqliteLedger, rows: int, maker: Maker) -> float:
    """Write runs until there are so many rows; the seconds that it took."""
    began = time.perf_counter()
    while maker.seq < rows:
        waiting = [ledger.commit(commit) for _ in range(400) for commit in maker.run()]
        for future in waiting:
            future.result()
    return time.perf_counter() - began


def took(ask: Callable[[], object], times: int = 15) -> float:
    """The median milliseconds of a question, the first of them left out."""
    ask()
    found: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def questions(index: Index) -> dict[str, Callable[[], object]]:
    def page(table: str, *pairs: tuple[str, str]) -> Callable[[], object]:
        query = parse_query(table, pairs)
        return lambda: (index.page(query), index.count(query))

    return {
        "first page of runs": page("runs"),
        "runs: failed": page("runs", ("status", "failed")),
        "runs: hits of one student": page("runs", ("cache", "hit"), ("subject", "student-7")),
        "runs: parameters has week=7": page("runs", ("parameters.has", "week=7")),
        "runs: dearest": page("runs", ("order", "-incurred_usd")),
        "runs: spent 0.02 or more": page("runs", ("incurred_usd.from", "0.02")),
        "runs: nothing fits": page("runs", ("parameters.has", "nobody")),
        "rows": page("rows"),
        "rows: draft that ran": page("rows", ("stage", "draft"), ("outcome", "ran")),
        "rows: failed, slowest": page("rows", ("outcome", "failed"), ("order", "-seconds")),
        "claims: contested": page("claims", ("verdict", "contested")),
        "claims: text has": page("claims", ("text.has", WORDS[300])),
        "attempts: rejected": page("attempts", ("outcome", "rejected")),
        **{f"cost by {by}": lambda by=by: index.costs(by) for by in COST_BY},
        "stages": index.stage_uses,
        "retries": index.retries,
        "trend of claims": index.claim_trend,
    }


def searches(index: Index) -> dict[str, Callable[[], object]]:
    asked = {
        "common word": WORDS[0],
        "two common words": f"{WORDS[0]} {WORDS[1]}",
        "rare word": WORDS[-1],
        "begun word": WORDS[5][:3],
        "phrase": f'"{WORDS[1]} {WORDS[2]}"',
        "phrase of rare words": f'"{WORDS[-2]} {WORDS[-3]}"',
        "signs": SIGNS[:2],
        "nothing": "zzzzzz",
        "five words": " ".join(WORDS[10:15]),
        "word and rare word": f"{WORDS[0]} {WORDS[-1]}",
    }
    found: dict[str, Callable[[], object]] = {
        name: lambda text=text: index.search(text) for name, text in asked.items()
    }
    found["common word in errors"] = lambda: index.search(WORDS[0], kinds=("error",))
    found["counts of a common word"] = lambda: index.count_hits(WORDS[0])
    return found


def slowdown(folder: Path, *, pause: float, runs: int, pairs: int = 11) -> list[float]:
    """How much longer runs take while another process follows: one ratio a pair, sorted.

    The two of a pair come in both orders in turn, so that what drifts on the machine evens out.
    """
    ledger, maker = SqliteLedger.open(folder / "ledger.sqlite"), Maker(2)
    fill(ledger, 20_000, maker)
    ratios: list[float] = []
    for pair in range(pairs):
        seconds: dict[bool, float] = {}
        for watched in (False, True) if pair % 2 else (True, False):
            with following(folder) if watched else nullcontext():
                seconds[watched] = write_runs(ledger, maker, runs, pause=pause)
        ratios.append(seconds[True] / seconds[False] - 1)
    ledger.close()
    return sorted(ratios)


def write_runs(ledger: SqliteLedger, maker: Maker, runs: int, *, pause: float) -> float:
    """The seconds that runs take whose stages take `pause`, each commit waited for."""
    began = time.perf_counter()
    for _ in range(runs):
        for commit in maker.run():
            time.sleep(pause)
            ledger.commit(commit).result()
    return time.perf_counter() - began


@contextmanager
def following(folder: Path) -> Generator[None]:
    """Another process follows the ledger, as `atelier serve` does."""
    with subprocess.Popen(  # noqa: S603 - this file
        [sys.executable, __file__, "--follow", str(folder)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    ) as follower:
        assert follower.stdout is not None
        follower.stdout.readline()
        yield
        follower.communicate(timeout=120)


def follow(folder: Path) -> None:
    """Follow a ledger as `atelier serve` does, until the input is closed."""
    ledger = SqliteLedger.open(folder / "ledger.sqlite", read_only=True)
    index = Index.open(folder / "observatory.sqlite", ledger, ledger.find_blob)
    index.catch_up()
    print("following", flush=True)
    with keeping_up(index):
        sys.stdin.read()
    index.close()


def measure(folder: Path, rows: int, *, with_slowdown: bool) -> dict[str, Any]:
    maker = Maker()
    kept = (folder / "ledger.sqlite").exists()
    ledger = SqliteLedger.open(folder / "ledger.sqlite")
    if not kept:
        wrote = fill(ledger, rows, maker)
        print(f"{maker.seq:,} rows of {maker.number:,} runs written in {wrote:.0f} s", flush=True)
    for name in folder.glob("observatory.sqlite*"):
        name.unlink()
    index = Index.open(folder / "observatory.sqlite", ledger, ledger.find_blob)
    began, worked = time.perf_counter(), time.process_time()
    records = index.catch_up()
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    rows = index.standing().position.rows
    ((documents,),) = index._connections.rows("select max(number) from document")  # noqa: SLF001
    report: dict[str, Any] = {
        "rows": rows,
        "records": records,
        "documents": documents,
        "indexing seconds": round(seconds, 1),
        "indexed rows a second": round(rows / seconds),
        "rows a processor second": round(rows / worked),
        "indexed records a second": round(records / seconds),
        "index MB": round((folder / "observatory.sqlite").stat().st_size / 2**20),
        "ledger MB": round((folder / "ledger.sqlite").stat().st_size / 2**20),
    }
    for name, value in report.items():
        print(f"  {name:<34}{value:>12,}", flush=True)
    for title, asked in (
        ("milliseconds", questions(index)),
        ("search, milliseconds", searches(index)),
    ):
        print(title)
        report[title] = {}
        for name, ask in asked.items():
            report[title][name] = round(took(ask), 2)
            print(f"  {name:<34}{report[title][name]:>12.2f}", flush=True)
    index.close()
    ledger.close()
    for name, pause, runs in SLOWED if with_slowdown else ():
        with tempfile.TemporaryDirectory() as other:
            ratios = slowdown(Path(other), pause=pause, runs=runs)
        report[name] = round(statistics.median(ratios), 4)
        print(
            f"  {name:<46}{report[name]:+.1%}   ({ratios[0]:+.1%} to {ratios[-1]:+.1%})", flush=True
        )
    print_goals(report)
    return report


def print_goals(report: dict[str, Any]) -> None:
    worst = max(report["search, milliseconds"].items(), key=lambda one: one[1])
    print("goals")
    print(
        f"  indexing  {report['indexed rows a second']:,} rows/s, at least {GOALS['indexed rows a second']:,}"
    )
    print(
        f"  runs      {report['milliseconds']['first page of runs']} ms, under {GOALS['first page of runs']}"
    )
    if SLOWED[0][0] in report:
        print(f"  slowdown  {report[SLOWED[0][0]]:+.1%}, at most {GOALS['slowdown']:.0%}")
    print(f"  search    {worst[1]} ms at most ({worst[0]}), under {GOALS['search']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--no-slowdown", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--follow", type=Path)
    given = parser.parse_args()
    gc.set_threshold(10_000)  # as the process of `atelier serve` has it
    if given.follow:
        follow(given.follow)
        return
    rows = 1_000_000 if given.million else given.rows
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        report = measure(place, rows, with_slowdown=not given.no_slowdown)
    if given.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
