"""Values allow early cutoff: unrelated evidence changes nothing of what is decided."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from atelier.aggregate import Element
from atelier.terra.grounded import ground_text

Build = Callable[..., list[Element]]

_TEXT = "sleep essay Maya coach walk lake four seven hours Monday not never file race won"
_WORDS = _TEXT.split()
SENTENCE = st.lists(st.sampled_from(_WORDS), min_size=2, max_size=8).map(
    lambda words: "I " + " ".join(words) + "."
)
# Shares no word with any sentence above.
UNRELATED = st.sampled_from(
    [
        "Bought a plant for the kitchen.",
        "It rained; my umbrella broke twice, and nobody minded!",
        "Dinner cost 31 euros at Zorba's on 2 July 2019.",
        "我昨天没去商店。",
        "Why would anyone paint a door purple?",
    ]
)
TURNS = st.lists(st.tuples(st.sampled_from(["Maya", "Coach"]), SENTENCE), min_size=1, max_size=8)
ENTRIES = st.lists(SENTENCE, max_size=4)
DRAFT = st.lists(
    st.one_of(
        SENTENCE,
        SENTENCE.map(lambda said: f"Maya said “{said[:-1]}”."),
        SENTENCE.map(lambda said: f"Coach: “{said}”"),
    ),
    min_size=1,
    max_size=5,
)


def packet(turns: list[tuple[str, str]], entries: list[str]) -> list[tuple[str, Any]]:
    return [
        *(("transcript", {"speaker": who, "text": text}) for who, text in turns),
        *(("journal", {"text": text}) for text in entries),
    ]


@settings(max_examples=150, deadline=None)
@given(TURNS, ENTRIES, DRAFT, UNRELATED, st.data())
def test_an_unrelated_entry_changes_no_claim(
    elements_of: Build,
    turns: list[tuple[str, str]],
    entries: list[str],
    draft: list[str],
    unrelated: str,
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(0, len(entries)))
    more = [*entries[:at], unrelated, *entries[at:]]
    text = " ".join(draft)
    before = ground_text(text, elements_of(packet(turns, entries)))
    assert ground_text(text, elements_of(packet(turns, more))) == before


@settings(max_examples=150, deadline=None)
@given(TURNS, ENTRIES, DRAFT, st.one_of(UNRELATED, st.just("Mm. Welcome back, I am so glad.")))
def test_a_turn_at_the_top_changes_no_claim(
    elements_of: Build,
    turns: list[tuple[str, str]],
    entries: list[str],
    draft: list[str],
    unrelated: str,
) -> None:
    text = " ".join(draft)
    before = ground_text(text, elements_of(packet(turns, entries)))
    longer = [("Coach", unrelated), *turns]
    # The coach may have been no speaker before, so that a name becomes one: only then may it move.
    if any(who == "Coach" for who, _ in turns):
        assert ground_text(text, elements_of(packet(longer, entries))) == before


@settings(max_examples=100, deadline=None)
@given(TURNS, ENTRIES, DRAFT)
def test_a_copy_of_an_element_changes_no_claim(
    elements_of: Build, turns: list[tuple[str, str]], entries: list[str], draft: list[str]
) -> None:
    text = " ".join(draft)
    before = ground_text(text, elements_of(packet(turns, entries)))
    assert ground_text(text, elements_of(packet([*turns, turns[0]], entries))) == before


@settings(max_examples=60, deadline=None)
@given(TURNS, ENTRIES, DRAFT)
def test_grounding_twice_gives_the_same_bytes(
    elements_of: Build, turns: list[tuple[str, str]], entries: list[str], draft: list[str]
) -> None:
    evidence = elements_of(packet(turns, entries))
    text = " ".join(draft)
    once, again = ground_text(text, evidence), ground_text(text, evidence)
    assert [claim.model_dump_json() for claim in once] == [
        claim.model_dump_json() for claim in again
    ]


def test_the_hash_seed_changes_no_byte() -> None:
    code = (
        "from atelier.aggregate import Element\n"
        "from atelier.terra import ground_text\n"
        "said = ['Maya Ito', 'Coach Ito', 'Noah']\n"
        "values = [{'speaker': who, 'text': f'I slept {n} hours on Monday at the lake.'}\n"
        "          for n, who in enumerate(said, start=4)]\n"
        "packet = [Element('t', 'sha256:' + str(n) * 64, 1, value, f't-{n}', False)\n"
        "          for n, value in enumerate(values)]\n"
        "draft = 'Maya and Noah slept 4 hours on Monday. Noah said “I slept 6 hours”. Zoe Ito left.'\n"
        "print([claim.model_dump_json() for claim in ground_text(draft, packet)])\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1
