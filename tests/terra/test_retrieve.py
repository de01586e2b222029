from collections.abc import Callable
from time import process_time
from typing import Any

from atelier.aggregate import Element
from atelier.terra.corpus import Corpus
from atelier.terra.retrieve import Retriever
from atelier.terra.sentences import sentences
from atelier.terra.words import words

Build = Callable[..., list[Element]]


def turns_of(meeting: dict[str, Any], build: Build) -> list[Element]:
    return build(
        [("turns", {"speaker": turn["speaker"], "text": turn["text"]}) for turn in meeting["turns"]]
    )


def test_rare_words_rank_before_common_ones(elements_of: Build) -> None:
    packet = elements_of(
        [("n", {"text": text}) for text in ("the essay essay", "the essay and the lake", "a lake")]
    )
    hits = Retriever(Corpus(packet)).search("essays at lakes in the alps, lake")
    assert [hit.index for hit in hits] == [1, 0, 2]
    rare = Retriever(
        Corpus(
            elements_of(
                [("n", {"text": f"the essay {i}"}) for i in range(9)]
                + [("n", {"text": "the lake"})]
            )
        )
    )
    assert rare.search("essay lake")[0].index == 9


def test_no_shared_word_is_no_hit(elements_of: Build) -> None:
    retriever = Retriever(Corpus(elements_of([("n", {"text": "the essay"})])))
    assert retriever.search("volcano") == []
    assert Retriever(Corpus([])).search("volcano") == []


def test_the_best_window_is_as_short_as_it_can_be(elements_of: Build) -> None:
    packet = elements_of([("n", {"text": "It rained. She won the race. She slept at the lake."})])
    windows = Retriever(Corpus(packet)).windows(words("She won the race and slept"), 0)
    best = max(windows, key=lambda window: window.alignment.coverage)
    assert best.passage.quote == "She won the race. She slept at the lake."


def test_answers_of_real_meetings_find_their_turns(
    meetings: list[dict[str, Any]], elements_of: Build
) -> None:
    """On the other half of these meetings the baseline is 77 % at one turn and 91 % at five."""
    first = five = ten = total = 0
    for meeting in meetings:
        packet = turns_of(meeting, elements_of)
        retriever = Retriever(Corpus(packet))
        for query in meeting["specific_queries"]:
            marked = {
                packet[turn].digest
                for low, high in query["turn_ranges"]
                for turn in range(low, min(high + 1, len(packet)))
            }
            for sentence in sentences(query["answer"]):
                hits = retriever.search(sentence, limit=10)
                found = [retriever.corpus.elements[hit.index].digest in marked for hit in hits]
                total += 1
                first += any(found[:1])
                five += any(found[:5])
                ten += any(found)
    assert total > 250
    assert first / total >= 0.70
    assert five / total >= 0.88
    assert ten / total >= 0.92


def test_an_index_of_600_turns_takes_milliseconds(
    meetings: list[dict[str, Any]], elements_of: Build
) -> None:
    packet = turns_of({"turns": meetings[0]["turns"][:600]}, elements_of)
    best = 1.0
    for _ in range(3):
        start = process_time()
        Retriever(Corpus(packet)).search("remote control")
        best = min(best, process_time() - start)
    assert best < 0.1, f"{best * 1000:.0f} ms of CPU"
