"""Evidence for the rules: real elements, and real data where the folder is present."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from atelier.aggregate import Element
from atelier.kernel.digest import digest
from atelier.kernel.evidence import handles

sys.path.insert(0, str(Path(__file__).parent))

Build = Callable[..., list[Element]]


def build(pairs: Sequence[tuple[str, Any]], obliged: Sequence[str] = ()) -> list[Element]:
    """Elements of (slice, value) pairs, as a packet would give them."""
    digests = [(name, digest(value)) for name, value in pairs]
    seen = Counter[tuple[str, str]]()
    found: list[Element] = []
    for (name, value), identity, handle in zip(pairs, digests, handles(digests), strict=True):
        seen[identity] += 1
        found.append(
            Element(name, identity[1], seen[identity], value, handle, obliged=name in obliged)
        )
    return found


@pytest.fixture(scope="session")
def elements_of() -> Build:
    return build


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of human-labelled data; tests that need it skip where it is missing."""
    default = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("ATELIER_DATA", default))
    if not (folder / "MANIFEST.json").is_file():
        pytest.skip("no human-labelled data here: set ATELIER_DATA")
    return folder


@pytest.fixture(scope="session")
def labelled(data: Path) -> Callable[[str], list[dict[str, Any]]]:
    """The claims of one labelled set, with the texts of their evidence."""

    def read(name: str) -> list[dict[str, Any]]:
        texts = {row["source_id"]: row["text"] for row in _rows(data, f"{name}.docs")}
        return [
            {**claim, "texts": [texts[item["source_id"]] for item in claim["evidence"]]}
            for claim in _rows(data, f"{name}.claims")
        ]

    return read


def _rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    with (data / "grounding" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.fixture(scope="session")
def meetings(data: Path) -> list[dict[str, Any]]:
    """The meetings of QMSum: turns, and human answers with the turns they rest on."""
    with (data / "transcripts" / "qmsum.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
