"""`atelier packet`: the evidence of a run, and what differs between two."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from atelier.aggregate import Content, PacketDiff, SliceDiff, collect, diff
from atelier.cli.archive import LATEST, Archive, opened
from atelier.cli.blob import get_digest
from atelier.cli.console import as_text, emit_json, fields, one_line, safe, say, short, table
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.cli.prefix import get_whole
from atelier.cli.streams import users_output
from atelier.cli.target import load_given
from atelier.isilon.origin import Origin
from atelier.kernel.canonical import Json, canonical, read
from atelier.kernel.digest import digest as digest_of
from atelier.kernel.errors import SetupError
from atelier.observatory.reading.packet_record import SliceRecord, find_packet

_FILES = 3


@dataclass(frozen=True, slots=True)
class PacketShown:
    """A packet as it was collected now, or as the ledger has it."""

    digest: str
    parameters: Mapping[str, Json]
    slices: list[SliceRecord] = field(default_factory=list[SliceRecord])

    def as_json(self) -> dict[str, Any]:
        """What `packet show --json` prints."""
        return {
            "packet": self.digest,
            "parameters": dict(self.parameters),
            "slices": [
                {
                    "slice": item.name,
                    "digest": item.digest,
                    "count": len(item.elements),
                    "obligations": list(item.obliged),
                    "elements": [
                        {
                            "digest": digest_of(value),
                            "origin": item.origin(index).as_json(),
                            "value": value,
                        }
                        for index, value in enumerate(item.elements)
                    ],
                }
                for item in self.slices
            ],
        }

    def content(self) -> bytes:
        """The packet as `atelier run --packet FILE` takes it."""
        slices = {item.name: item.value for item in self.slices}
        return canonical({**self.parameters, **slices})


@click.group()
def packet() -> None:
    """Show a packet, or what differs between two."""


@packet.command(cls=Command)
@click.argument("what", metavar="TARGET|RUN|DIGEST")
@click.argument("parameters", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--slice", "only", metavar="NAME", help="List the elements of one slice.")
@click.option("--content", is_flag=True, help="Print the packet as `run --packet FILE` takes it.")
@json_option
@project_option
def show(
    what: str,
    parameters: tuple[str, ...],
    *,
    only: str | None,
    content: bool,
    as_json: bool,
    project: Path | None,
) -> None:
    """Show the slices of a packet: how many elements, from where, with which digest.

    Of a TARGET the packet is collected now and not kept; of a RUN (an id, a prefix, `latest`) or a
    packet's DIGEST it is read from the ledger.
    """
    shown = _find(what, parameters, project)
    if content:
        say(safe(shown.content().decode()))
    elif as_json:
        emit_json(shown.as_json())
    else:
        for line in _slice_lines(shown, only) if only else _packet_lines(shown):
            say(line)


@packet.command("diff", cls=Command)
@click.argument("earlier", metavar="A")
@click.argument("later", metavar="B")
@json_option
@project_option
def diff_command(earlier: str, later: str, *, as_json: bool, project: Path | None) -> None:
    """Show what differs between the packets of two runs (or two packet digests), by element."""
    with opened(get_place(project)) as archive:
        old, new = (_recorded(archive, name) for name in (earlier, later))
    found = diff(_content(old), _content(new))
    if as_json:
        emit_json({"earlier": old.digest, "later": new.digest, **found.as_json()})
        return
    for line in diff_lines(found) or ["The packets are equal."]:
        say(line)


def _find(what: str, parameters: tuple[str, ...], project: Path | None) -> PacketShown:
    if _names_recorded(what):
        if parameters:
            raise click.UsageError("Parameters are for a TARGET; a run has its own.")
        with opened(get_place(project)) as archive:
            return _recorded(archive, what)
    given = load_given(what, parameters, project=project)
    with users_output():
        found = collect(given.workflow.packet, given.parameters, substrate=given.project.substrate)
    obliged = found.digests.record["obligations"]
    return PacketShown(
        found.digests.packet,
        found.digests.parameters,
        [
            SliceRecord(
                name,
                digest,
                read(found.digests.data[name]),
                found.origins.get(name, ()),
                obliged.get(name, ()),
            )
            for name, digest in found.digests.slices.items()
        ],
    )


def _names_recorded(what: str) -> bool:
    """Whether a word means a run or a digest, and not a target."""
    if what == LATEST or what.startswith("sha256:"):
        return True
    return what[:1].isdigit() and what.isalnum() and not Path(what).exists()


def _recorded(archive: Archive, name: str) -> PacketShown:
    is_digest = name.startswith("sha256:")
    digest = (
        get_whole(archive, get_digest(name)) if is_digest else archive.get_run(name).start.packet
    )
    found = find_packet(archive, digest)
    if found is None or not found.is_whole:
        raise SetupError(
            "cli.no_packet",
            "The ledger has no such packet, or its record is damaged.",
            facts={"packet": digest},
            next_step="Take one from `atelier show RUN`.",
        )
    for item in found.slices.values():
        if item.is_missing:
            raise SetupError(
                "cli.no_slice",
                f"The content of slice {item.name!r} is gone from the store.",
                facts={"digest": item.digest},
                next_step="Run the workflow again over the same evidence: it is kept anew.",
            )
    return PacketShown(found.digest, found.parameters, list(found.slices.values()))


def _packet_lines(shown: PacketShown) -> Iterator[str]:
    yield f"packet {shown.digest}"
    yield from fields((name, as_text(value)) for name, value in shown.parameters.items())
    rows = [
        (safe(item.name), _count(item), short(item.digest), _files(item.origins))
        for item in shown.slices
    ]
    yield from table(rows, ("slice", "elements", "digest", "from"))


def _count(item: SliceRecord) -> str:
    obliged = f" ({len(item.obliged)} obliged)" if item.obliged else ""
    return f"{len(item.elements)}{obliged}"


def _files(origins: Sequence[Origin]) -> str:
    names = list(dict.fromkeys(origin.file for origin in origins if origin.file))
    more = f" and {len(names) - _FILES} more" if len(names) > _FILES else ""
    return safe(", ".join(names[:_FILES]) + more) or "-"


def _slice_lines(shown: PacketShown, only: str) -> Iterator[str]:
    for item in shown.slices:
        if item.name == only:
            yield from table(
                [
                    (str(index), short(digest_of(value)), safe(item.origin(index)), _value(value))
                    for index, value in enumerate(item.elements)
                ],
                ("at", "digest", "origin", "value"),
            )
            return
    known = ", ".join(item.name for item in shown.slices)
    raise click.UsageError(f"The packet has no slice {only!r}; it has {known}.")


def _content(shown: PacketShown) -> Content:
    slices = {item.name: item.value for item in shown.slices}
    return Content(shown.parameters, slices, {})


def diff_lines(found: PacketDiff) -> list[str]:
    """A difference between two packets as a person reads it."""
    lines = [
        f"{difference.pointer}  {_sides(difference.as_json())}" for difference in found.parameters
    ]
    for item in found.slices:
        lines.append(safe(item.slice))
        lines += [f"  {line}" for line in _slice_diff(item)]
    return lines


def _slice_diff(item: SliceDiff) -> Iterator[str]:
    for part in item.removed:
        yield click.style(f"- /{part.position}  {_value(part.value)}", fg="red")
    for part in item.added:
        yield click.style(f"+ /{part.position}  {_value(part.value)}", fg="green")
    for change in item.changed:
        yield f"~ /{change.later.position}"
        for difference in change.differences:
            yield f"    {safe(difference.pointer) or '/'}  {_sides(difference.as_json())}"
    for earlier, later in item.moved:
        yield f"  /{earlier.position} moved to /{later.position}"
    for difference in item.differences:
        yield f"{safe(difference.pointer) or '/'}  {_sides(difference.as_json())}"


def _sides(found: Mapping[str, Json]) -> str:
    sides = [_value(found[name]) if name in found else "(absent)" for name in ("earlier", "later")]
    return " → ".join(sides)


def _value(value: Json) -> str:
    return one_line(canonical(value).decode(), 120)
