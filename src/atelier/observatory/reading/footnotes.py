"""The evidence that a printed line's footnotes quote, where the line rests on no claim."""

from collections.abc import Iterator, Sequence
from re import compile as pattern

from atelier.artefact.escape import escape
from atelier.ledger.rows import CitationRow, RunRecord
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.evidence import Cited, Evidence
from atelier.observatory.reading.lineage import Step
from atelier.observatory.reading.recognised import Recognised

# A reference as it is printed; in quoted text the bracket is escaped.
_REFERENCE = pattern(r"(?<!\\)\[\^(\d+)\]")


def noted(
    archive: Archive, run: RunRecord, found: Recognised, *, line: int, steps: Sequence[Step]
) -> list[Cited]:
    """What the footnotes of an emitted line quote, in their order; of a footnote, what it quotes.

    A footnote keeps its words and its place; the citation itself is found in what the stages above
    the artefact put out.
    """
    wanted = list(_notes(found, line))
    if not wanted:
        return []
    evidence = Evidence(archive, run.start.packet)
    known = list(_citations(archive, steps))
    cited: list[Cited] = []
    for printed, quoted in wanted:
        same = [evidence.cited(row) for row in known if row.quote == quoted]
        here = [item for item in same if escape(str(item.origin)) in printed]
        cited.extend(item for item in (here or same)[:1] if item not in cited)
    return cited


def _notes(found: Recognised, line: int) -> Iterator[tuple[str, str]]:
    """Each footnote that a line refers to: as it is printed, and the words that it quotes."""
    printed = found.emitted.splitlines()
    entry = found.find_entry(line)
    if entry is None:
        return
    text = "\n".join(printed[entry["first"] - 1 : entry["last"]])
    numbers = _REFERENCE.findall(text)
    for note in found.lines:
        if note["part"] == "footnote":
            whole = "\n".join(printed[note["first"] - 1 : note["last"]])
            number = _REFERENCE.match(whole)
            if number is not None and number[1] in numbers:
                yield whole, note["sentence"]


def _citations(archive: Archive, steps: Sequence[Step]) -> Iterator[CitationRow]:
    seen: set[tuple[str, str, int, str, str]] = set()
    for step in reversed(steps):
        for row in archive.ledger.iter_citations(step.source.output or ""):
            place = (row.slice, row.element, row.occurrence, row.pointer, row.quote)
            if place not in seen:
                seen.add(place)
                yield row
