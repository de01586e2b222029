"""A run as its ledger recorded it: its rows, its packet, and what it printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atelier.aggregate import Collected, Packet, digests, packet_from_record
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import read as parse
from atelier.kernel.errors import IntegrityError, SetupError
from atelier.ledger.rows import Row, RunRecord
from atelier.ledger.store import LedgerStore

Read = Callable[[str], bytes | None]


@dataclass(frozen=True, slots=True)
class Recording:
    """What a ledger holds of one run; `rows` are those of its stages, also where it was served.

    `runs` are the runs in which its values were made: its own first, then the newest.
    """

    run: RunRecord
    rows: Mapping[str, Row]
    runs: tuple[str, ...]
    ledger: LedgerStore
    read: Read

    def collected(self, packet: type[Packet]) -> Collected[Any]:
        """The run's packet, built again from the ledger: no source is read.

        Raises:
            SetupError: it is not there any more, or the packet's type refuses it now.
        """
        record = self.ledger.find_packet(self.run.start.packet)
        manifest = self.read(record.manifest) if record is not None else None
        if record is None or manifest is None:
            raise self._without_packet()
        found = packet_from_record(packet, parse(manifest)["of"], self._slice)
        origins = parse(self.read(record.origins) or b"{}")
        places = {
            name: lambda told=told: [Origin.from_json(one) for one in told]
            for name, told in origins.items()
        }
        return Collected(found, digests(found), places)

    @property
    def artefact(self) -> str | None:
        """The digest of what it printed; None where it printed nothing."""
        printed = self.run.served_from or self.run.start.run
        row = next(self.ledger.iter_artefacts(run=printed), None)
        return row.digest if row is not None else None

    def made(self, row: Row) -> Row:
        """The row in which a row's value was made: itself, unless it was served."""
        source = self.ledger.find_row(row.served_from) if row.served_from is not None else None
        return row if source is None else source

    def _slice(self, digest: str) -> bytes:
        data = self.read(digest)
        if data is None:
            raise IntegrityError(
                "replay.slice",
                "A recorded slice is missing or damaged.",
                facts={"run": self.run.start.run, "digest": digest},
                next_step="Restore `blobs/` and the ledger from a backup, then do it again.",
            )
        return data

    def _without_packet(self) -> SetupError:
        return SetupError(
            "replay.no_packet",
            "The packet of this run is not in the ledger.",
            facts={"run": self.run.start.run, "packet": self.run.start.packet},
            next_step="Choose a run whose packet is kept: `atelier packet show RUN` tells.",
        )


def find_recording(run: RunRecord, ledger: LedgerStore, read: Read) -> Recording:
    """The recording of a run that a ledger holds."""
    rows = {row.stage: row for row in ledger.iter_stage_rows(run.start.run)}
    sources = [ledger.find_row(row.served_from) for row in rows.values() if row.served_from]
    made = {row.run for row in sources if row is not None} - {run.start.run}
    runs = (run.start.run, *sorted(made, reverse=True))  # an id begins with its moment
    return Recording(run, rows, runs, ledger, read)


def get_recording(run: str, ledger: LedgerStore, read: Read) -> Recording:
    """The recording of a run by its id, or by a prefix that only one id has.

    Raises:
        SetupError: there is no such run.
    """
    found = ledger.find_run(run)
    if found is None:
        raise SetupError(
            "replay.no_run",
            f"No run is called {run!r}.",
            next_step="Give an id that `atelier runs` lists.",
        )
    return find_recording(found, ledger, read)
