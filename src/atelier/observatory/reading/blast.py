"""The blast radius: what a change of evidence would run again, and what that took before.

All of it comes from what was recorded, so that it is known without a project, and before a run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from atelier.ledger.rows import Outcome, Row, RunRecord, Supply
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.elements import elements_of_row
from atelier.observatory.reading.packet import Reader, readers_of
from atelier.orchestrate.estimate import Estimate, estimate, together
from atelier.orchestrate.history import HISTORY


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A stage that a change reaches: for certain, or only where something above it comes out anew.

    `through` are the stages above it that the change reaches; a stage that reads the evidence
    itself has none. `is_lens` where it reads a part, so that the change may not touch it. Of a
    mapped stage, `elements` says how many elements it has, and the change of one runs one.
    """

    stage: str
    is_direct: bool
    is_lens: bool
    through: tuple[str, ...]
    expected: Estimate
    elements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Blast:
    """What a change of a slice, or of one element of it, would run again in the run's workflow.

    `least` is what the stages that read it took before, `most` that with all that rests on them.
    """

    slice: str
    position: int | None
    run: str
    stages: int
    struck: tuple[Struck, ...]
    spared: tuple[str, ...]
    least: Estimate
    most: Estimate


def blast_radius(
    archive: Archive, run: RunRecord, name: str, *, position: int | None = None
) -> Blast:
    """What a change of a slice of a run's packet would run again; of one element, by `position`."""
    archive = archive.remembering()
    rows = [_wired(archive, row) for row in archive.ledger.iter_stage_rows(run.start.run)]
    readers = {reader.stage: reader for reader in _widest(readers_of(rows, name))}
    struck: dict[str, Struck] = {}
    for row in rows:  # each stands behind what it read
        above = [item.source for item in row.consumed if item.supply is Supply.STAGE]
        through = tuple(stage for stage in dict.fromkeys(above) if stage in struck)
        reader = readers.get(row.stage)
        if reader is not None or through:
            struck[row.stage] = _struck(
                archive, run, row, reader=reader, through=through, one=position is not None
            )
    found = tuple(struck.values())
    return Blast(
        slice=name,
        position=position,
        run=run.start.run,
        stages=len(rows),
        struck=found,
        spared=tuple(row.stage for row in rows if row.stage not in struck),
        least=together(item.expected for item in found if item.is_direct and not item.is_lens),
        most=together(item.expected for item in found),
    )


def _wired(archive: Archive, row: Row) -> Row:
    """A row with what it consumed: of one that did not begin, as the stage did before."""
    if row.consumed:
        return row
    return replace(row, consumed=archive.original(row).consumed)


def _widest(readers: Iterator[Reader]) -> Sequence[Reader]:
    """The readers, so that of two ways of reading a slice the whole one comes last."""
    return sorted(readers, key=lambda reader: not reader.is_lens)


def _struck(
    archive: Archive,
    run: RunRecord,
    row: Row,
    *,
    reader: Reader | None,
    through: tuple[str, ...],
    one: bool,
) -> Struck:
    elements = len(elements_of_row(archive, run, row)) if row.manifest else 0
    alone = one and elements > 0 and reader is not None and not through
    return Struck(
        stage=row.stage,
        is_direct=reader is not None,
        is_lens=reader is not None and reader.is_lens,
        through=through,
        expected=_of_one(archive, row) if alone else _before(archive, run, row),
        elements=elements,
    )


def _before(archive: Archive, run: RunRecord, row: Row) -> Estimate:
    workflow = run.start.workflow
    return estimate(archive.ledger.find_candidates([row.stage], workflow=workflow, limit=HISTORY))


def _of_one(archive: Archive, row: Row) -> Estimate:
    """What one element of a mapped stage took, in the run that executed them."""
    source = archive.original(row)
    rows = archive.ledger.iter_element_rows(source.run, source.stage)
    return estimate([replace(one, element=None) for one in rows if one.outcome is Outcome.RAN])
