"""Prints how the rules of Terra fare on claims that people labelled, and what they cost.

    python bench/grounding.py [NAME ...] [--all]

Without `--all` at most 400 claims of a set are drawn, with a fixed seed. The sets are found by
ATELIER_DATA, else beside the repository. In-sample figures: the rules were set with them in view.
"""

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

from atelier.aggregate import Element
from atelier.kernel.digest import digest
from atelier.kernel.evidence import GroundedClaim, Verdict, handles
from atelier.terra.corpus import Corpus
from atelier.terra.grounded import ground_text
from atelier.terra.retrieve import Retriever
from atelier.terra.sentences import sentences

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = Path(os.environ.get("ATELIER_DATA", DEFAULT))
SETS = [
    "begin",
    "mtrag",
    "primock_notes",
    "factcheckbench",
    "wice",
    "expertqa",
    "storysumm",
    "summedits",
    "bump",
    "fm2",
]
AGAINST = {Verdict.UNSUPPORTED, Verdict.CONTRADICTED, Verdict.CONTESTED}


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def elements(texts: list[tuple[str, str]]) -> list[Element]:
    values = [{"speaker": speaker, "text": text} for speaker, text in texts]
    digests = [("evidence", digest(value)) for value in values]
    return [
        Element("evidence", identity, 1, value, handle, obliged=False)
        for value, (_, identity), handle in zip(values, digests, handles(digests), strict=True)
    ]


def answer(claims: list[GroundedClaim]) -> str:
    """A response is supported when each of its claims is, and refused when any of them is."""
    needing = [claim for claim in claims if claim.claim.kind.needs_support]
    if needing and all(claim.verdict is Verdict.SUPPORTED for claim in needing):
        return "supported"
    return "refused" if any(claim.verdict in AGAINST for claim in needing) else "open"


def measure(name: str, limit: int | None) -> None:
    texts = {row["source_id"]: row["text"] for row in rows(f"grounding/{name}.docs")}
    labels = {"supported", "unsupported", "contradicted"}
    found = [
        row
        for row in rows(f"grounding/{name}.claims")
        if row["label"] in labels and row["level"] != "subclaim_spans"
    ]
    random.Random(3).shuffle(found)  # noqa: S311 - a sample
    counts = Counter[tuple[str, bool]]()
    start = process_time()
    for row in found[:limit]:
        packet = elements([("", texts[item["source_id"]]) for item in row["evidence"]])
        said = answer(list(ground_text(row["claim"], packet)))
        counts[said, row["label"] == "supported"] += 1
    spent = (process_time() - start) * 1000 / counts.total()
    print(line(name, counts, spent))


def line(name: str, counts: Counter[tuple[str, bool]], spent: float) -> str:
    total = counts.total()
    true = sum(count for (_, label), count in counts.items() if label)
    supported = counts["supported", True] + counts["supported", False]
    refused = counts["refused", True] + counts["refused", False]
    # Two-way, as the published figures are: whatever is not refused is taken as supported.
    kept = (true - counts["refused", True]) / max(true, 1)
    caught = counts["refused", False] / max(total - true, 1)
    return (
        f"{name:15}{total:6}{true / total:7.2f}"
        f"{supported / total:10.3f}{share(counts['supported', True], supported)}"
        f"{refused / total:10.3f}{share(counts['refused', False], refused)}"
        f"{(kept + caught) / 2:8.3f}{spent:9.1f}"
    )


def share(part: int, whole: int) -> str:
    return f"{part / whole:8.3f}" if whole else "       -"


def meetings() -> None:
    hits = Counter[int]()
    total = 0
    start = process_time()
    for meeting in rows("transcripts/qmsum"):
        packet = elements([(turn["speaker"], turn["text"]) for turn in meeting["turns"]])
        retriever = Retriever(Corpus(packet))
        for query in meeting["specific_queries"]:
            marked = {
                packet[turn].digest
                for low, high in query["turn_ranges"]
                for turn in range(low, min(high + 1, len(packet)))
            }
            for sentence in sentences(query["answer"]):
                ranked = retriever.search(sentence, limit=10)
                right = [retriever.corpus.elements[hit.index].digest in marked for hit in ranked]
                total += 1
                hits.update(depth for depth in (1, 3, 5, 10) if any(right[:depth]))
    spent = (process_time() - start) * 1000 / total
    shown = "  ".join(f"@{depth} {hits[depth] / total:.3f}" for depth in (1, 3, 5, 10))
    print(f"\nQMSum, a turn inside the marked ranges ({total} sentences): {shown}  {spent:.1f} ms")


def main(arguments: list[str]) -> None:
    if not (DATA / "MANIFEST.json").is_file():
        sys.exit(f"no labelled data in {DATA}: set ATELIER_DATA")
    limit = None if "--all" in arguments else 400
    names = [name for name in arguments if not name.startswith("-")] or SETS
    print(
        f"{'set':15}{'claims':>6}{'true':>7}{'S share':>10}{'S prec':>8}"
        f"{'U share':>10}{'U prec':>8}{'BAcc':>8}{'ms':>9}"
    )
    for name in names:
        measure(name, limit)
    if names == SETS:
        meetings()


if __name__ == "__main__":
    main(sys.argv[1:])
