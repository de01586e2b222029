"""Refuse a room of the inner house whose branches the tests do not walk."""

import json
import sys
from pathlib import Path

ROOMS = ("kernel", "cache", "ledger", "orchestrate", "blobs")
FLOOR = 95.0


def main(report: str) -> int:
    """Print lines and branches covered per room; 1 where a room is below the floor."""
    files = json.loads(Path(report).read_text(encoding="utf-8"))["files"]
    below = 0
    for room in ROOMS:
        part = f"atelier/{room}/"
        summaries = [item["summary"] for name, item in files.items() if part in name]
        lines = _share(summaries, "covered_lines", "num_statements")
        branches = _share(summaries, "covered_branches", "num_branches")
        low = not summaries or min(lines, branches) < FLOOR
        below += low
        print(f"{room:<12} lines {lines:5.1f} %  branches {branches:5.1f} %{'  LOW' * low}")
    return int(below > 0)


def _share(summaries: list[dict[str, int]], part: str, whole: str) -> float:
    total = sum(summary[whole] for summary in summaries)
    return 100.0 * sum(summary[part] for summary in summaries) / total if total else 100.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
