"""Canonical bytes and digest of a 200 KB packet, beside what their parts cost alone.

Run `python bench/canonical.py`; the exit code is 1 below 200 MB/s.
"""

import hashlib
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import orjson

from atelier.kernel.canonical import MAX_DEPTH, _pieces, canonical
from atelier.kernel.digest import digest

GOAL = 200.0
ROUNDS = 60


def packet() -> dict[str, Any]:
    """600 turns, 8 prior sessions, 7 journal entries with scores, 1 program."""
    said = "I said that I would write every morning, and then I did not, again. "
    turns = [
        {
            "speaker": "Maya" if number % 2 else "Coach",
            "text": f"{number}: {said * (number % 7 + 1)}",
            "start": f"00:{number // 60:02}:{number % 60:02}.000",
            "end": f"00:{number // 60:02}:{number % 60:02}.900",
        }
        for number in range(600)
    ]
    return {
        "transcript": turns,
        "prior_sessions": [{"path": f"s{n}", "text": said * 20} for n in range(8)],
        "journal": [{"id": n, "day": f"2026-03-0{n + 1}", "mood": n / 2} for n in range(7)],
        "program": {"name": "Écriture", "milestones": [said, said]},
    }


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds."""
    times: list[float] = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times) * 1000


def main() -> int:
    """Print a line a measurement; 1 where the goal is missed."""
    value = packet()
    data = canonical(value)
    measured = {
        "digest": milliseconds(lambda: digest(value)),
        "canonical": milliseconds(lambda: canonical(value)),
        "plain writer": milliseconds(lambda: "".join(_pieces(value, (), MAX_DEPTH)).encode()),
        "floor: orjson": milliseconds(lambda: orjson.dumps(value, option=orjson.OPT_SORT_KEYS)),
        "floor: sha256": milliseconds(lambda: hashlib.sha256(data).hexdigest()),
    }
    print(f"packet of {len(data):,} bytes")
    for name, time in measured.items():
        print(f"{name:<14} {time:7.3f} ms  {len(data) / time / 1000:7.0f} MB/s")
    return int(len(data) / measured["digest"] / 1000 < GOAL)


if __name__ == "__main__":
    sys.exit(main())
