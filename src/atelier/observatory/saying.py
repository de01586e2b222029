"""The artefacts that may say a sentence, of any age, as the index knows them."""

from collections.abc import Iterator
from itertools import islice

from atelier.ledger.rows import ArtefactRow
from atelier.observatory.index.index import Index
from atelier.observatory.index.search import Hit
from atelier.observatory.index.words import phrase
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.sentence import newest

# Of the outputs that hold the words of a sentence, and of the runs of one output.
_OUTPUTS = 200
_RUNS = 20
_AT_ONCE = 20


def artefacts_saying(index: Index, archive: Archive, sentence: str) -> Iterator[ArtefactRow]:
    """The emissions of the runs with an output that holds the words of a sentence, the newest first.

    Where the index has not read the whole ledger, the newest emissions follow, whatever they say.
    """
    seen: set[str] = set()
    for hits in _pages(index, phrase(sentence)):
        runs = {
            run.start.run
            for output in {hit.output for hit in hits if hit.output}
            for run in islice(archive.ledger.iter_runs_with(output), _RUNS)
        }
        for run in sorted(runs - seen, reverse=True):
            yield from archive.ledger.iter_artefacts(run=run)
        seen |= runs
    if index.standing().behind:
        yield from newest(archive, sentence)


def _pages(index: Index, asked: str) -> Iterator[tuple[Hit, ...]]:
    before = 0
    for _ in range(_OUTPUTS // _AT_ONCE):
        found = index.search(asked, kinds=("output",), before=before, limit=_AT_ONCE)
        yield found.hits
        before = found.before
        if not before:
            return
