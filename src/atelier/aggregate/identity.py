"""The identity of a packet: a digest per parameter and slice, and one over all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atelier.aggregate.fields import Shape, Slice, encode_field, shape
from atelier.aggregate.packet import Packet
from atelier.isilon import Origin
from atelier.kernel.canonical import Json, read
from atelier.kernel.digest import digest, digest_bytes, record_digest

Places = Callable[[], list[Origin]]


@dataclass(frozen=True)
class PacketDigests:
    """What a packet is, by content; `record` is what `packet` is the digest of.

    From `record` and the slices' bytes the packet can be built again: `packet_from_record`.
    """

    packet: str
    parameters: dict[str, Json]
    parameter_digests: dict[str, str]
    slices: dict[str, str]
    data: dict[str, bytes]
    record: dict[str, Any]


def digests(packet: Packet) -> PacketDigests:
    """The identity of a packet, however it was made.

    Raises:
        ValueRefusedError: a value has no canonical form.
    """
    form = shape(type(packet))
    values = packet.__dict__
    data = {field.name: encode_field(field, values[field.name]) for field in form.slices}
    return identify_packet(form, values, data)


def identify_packet(
    form: Shape,
    values: Mapping[str, Any],
    data: dict[str, bytes],
    *,
    places: Mapping[str, Places] | None = None,
) -> PacketDigests:
    """The identity of a packet whose slices are encoded already; `places` help errors only."""
    encoded = {field.name: encode_field(field, values[field.name]) for field in form.parameters}
    parameters: dict[str, Json] = {name: read(value) for name, value in encoded.items()}
    slices = {name: digest_bytes(value) for name, value in data.items()}
    record: dict[str, Any] = {
        "schema": form.digest,
        "parameters": parameters,
        "slices": slices,
        "obligations": {
            field.name: _obliged_digests(
                field, values, data[field.name], places=(places or {}).get(field.name)
            )
            for field in form.slices
            if field.obligation
        },
    }
    return PacketDigests(
        packet=record_digest("packet", record),
        parameters=parameters,
        parameter_digests={name: digest_bytes(value) for name, value in encoded.items()},
        slices=slices,
        data=data,
        record=record,
    )


def elements_of(field: Slice, data: bytes) -> list[Json]:
    """The elements of an encoded slice: a list's items; else the one value, unless it is None."""
    value = read(data)
    if value is None:
        return []
    return value if field.is_list else [value]


def obliged(field: Slice, values: Mapping[str, Any], *, places: Places | None = None) -> list[bool]:
    """Whether each element of a slice must be addressed."""
    value = values[field.name]
    if value is None:
        return []
    elements = list(value) if field.is_list else [value]
    if not field.obligation:
        return [False] * len(elements)
    when = field.when
    return [
        when is None or when.holds(values, element, at=_Spot(field.name, index, places))
        for index, element in enumerate(elements)
    ]


@dataclass(frozen=True, slots=True)
class _Spot:
    """An element as an error names it; its origin is unpacked only then."""

    name: str
    index: int
    places: Places | None

    def __str__(self) -> str:
        origins = self.places() if self.places else []
        place = str(origins[self.index]) if self.index < len(origins) else ""
        return place or f"{self.name}[{self.index}]"


def _obliged_digests(
    field: Slice, values: Mapping[str, Any], data: bytes, *, places: Places | None
) -> list[str]:
    flags = obliged(field, values, places=places)
    if not any(flags):
        return []
    found = zip(elements_of(field, data), flags, strict=True)
    return [digest(element) for element, is_obliged in found if is_obliged]
