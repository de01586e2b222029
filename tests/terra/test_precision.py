"""What the rules call supported is so, on claims that people labelled.

In-sample gates: the rules were set with these sets in view. A response counts as supported when
each of its claims is.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import pytest

from atelier.aggregate import Element
from atelier.kernel.evidence import CheckOutcome, GroundedClaim, Verdict
from atelier.terra.grounded import ground_text

Build = Callable[..., list[Element]]
Labelled = Callable[[str], list[dict[str, Any]]]


def drawn(rows: Sequence[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    known = [row for row in rows if row["label"] in {"supported", "unsupported", "contradicted"}]
    random.Random(11).shuffle(known)  # noqa: S311 - a sample
    return known[:count]


def grounded(row: dict[str, Any], build: Build) -> list[GroundedClaim]:
    packet = build([("documents", {"text": text}) for text in row["texts"]])
    claims = ground_text(row["claim"], packet)
    return [claim for claim in claims if claim.claim.kind.needs_support]


@pytest.mark.parametrize(
    ("name", "count", "precision", "coverage"),
    [
        ("begin", 1200, 0.95, 0.05),
        ("mtrag", 160, 0.95, 0.03),
        ("primock_notes", 160, 0.95, 0.01),
    ],
)
def test_supported_is_precise(
    labelled: Labelled,
    elements_of: Build,
    name: str,
    count: int,
    *,
    precision: float,
    coverage: float,
) -> None:
    rows = drawn(labelled(name), count)
    hits = Counter[bool]()
    for row in rows:
        claims = grounded(row, elements_of)
        if claims and all(claim.verdict is Verdict.SUPPORTED for claim in claims):
            hits[row["label"] == "supported"] += 1
    called = hits.total()
    assert called / len(rows) >= coverage, f"{called} of {len(rows)}"
    assert hits[True] / called >= precision, f"{hits[True]} of {called}"


@pytest.mark.parametrize("name", ["summedits", "bump", "fm2"])
def test_minimal_edits_are_hardly_ever_called_supported(
    labelled: Labelled, elements_of: Build, name: str
) -> None:
    """No offline verdict is honest on these sets, so nearly all of it is abstention."""
    rows = [row for row in drawn(labelled(name), 150) if row["label"] != "supported"]
    wrong = [
        row["claim"]
        for row in rows
        if (claims := grounded(row, elements_of))
        and all(claim.verdict is Verdict.SUPPORTED for claim in claims)
    ]
    assert len(wrong) <= 0.02 * len(rows), wrong


def test_a_number_or_name_that_is_nowhere_is_rightly_held_against_a_claim(
    labelled: Labelled, elements_of: Build
) -> None:
    fired = Counter[tuple[str, bool]]()
    for name in ("begin", "wice", "summedits"):
        for row in drawn(labelled(name), 120):
            failed = {
                check.name
                for claim in grounded(row, elements_of)
                for check in claim.checks
                if check.outcome is CheckOutcome.FAIL
            }
            fired.update((check, row["label"] != "supported") for check in failed)
    for check in ("number", "name"):
        right, wrong = fired[check, True], fired[check, False]
        assert right / (right + wrong) >= 0.88, (check, right, wrong)


def test_grounding_a_claim_takes_milliseconds(labelled: Labelled, elements_of: Build) -> None:
    rows = drawn(labelled("begin"), 200)
    start = process_time()
    for row in rows:
        grounded(row, elements_of)
    assert (process_time() - start) / len(rows) < 0.02
