"""Packets as files and as ledger records: out, and back with the same digests."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from atelier.aggregate.collection import build_packet
from atelier.aggregate.fields import Parameter, Slice, shape
from atelier.aggregate.identity import PacketDigests, digests
from atelier.aggregate.keys import check_keys
from atelier.aggregate.packet import Packet
from atelier.aggregate.parameters import check_parameter
from atelier.isilon import Document, Origin
from atelier.isilon.names import did_you_mean
from atelier.isilon.strict_json import Fragment, parse_json
from atelier.kernel.canonical import canonical, read
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import IntegrityError, SetupError
from atelier.kernel.form import faults

P = TypeVar("P", bound=Packet)


def packet_to_json(packet: Packet, *, known: PacketDigests | None = None) -> bytes:
    """The canonical JSON of a packet: an object of its parameters and slices.

    Raises:
        ValueRefusedError: a value has no canonical form.
    """
    found = known or digests(packet)
    slices = {name: read(data) for name, data in found.data.items()}
    return canonical({**found.parameters, **slices})


def packet_from_json(packet_type: type[P], data: bytes, *, name: str = "packet") -> P:
    """The packet that a JSON text holds, read as strictly as any evidence.

    A derived parameter that is left out is computed. `name` is what errors call the text.

    Raises:
        EvidenceError: the text is not strict JSON.
        SetupError: a field is unknown, missing or of another type; the pointer says which.
    """
    document = Document(name, data)
    value = parse_json(Fragment(document, document.text))
    if not isinstance(value, dict):
        raise _refused(
            name,
            "/",
            why="it is not an object",
            next_step="Write `{...}` with the packet's fields.",
        )
    encoded = {field: canonical(item) for field, item in value.items()}
    return _built(packet_type, encoded, name=name)


def packet_from_record(
    packet_type: type[P], record: Mapping[str, Any], read_blob: Callable[[str], bytes]
) -> P:
    """The packet of a record (`PacketDigests.record`), its slices read by digest.

    Raises:
        IntegrityError: a slice's bytes are not what its digest says.
        SetupError: the packet type has changed since, in a way that refuses the recorded values.
    """
    encoded = {name: canonical(value) for name, value in record["parameters"].items()}
    for name, identity in record["slices"].items():
        data = read_blob(identity)
        if digest_bytes(data) != identity:
            raise IntegrityError(
                "packet.damaged",
                "A recorded slice is not what was written.",
                facts={"slice": name, "digest": identity},
                next_step="Run `atelier verify`.",
            )
        encoded[name] = data
    return _built(packet_type, encoded, name="the record")


def subject_of(packet: Packet) -> str | None:
    """Whom a packet is about: the value of its Subject parameter, if it has one."""
    name = shape(type(packet)).subject
    value = packet.__dict__[name] if name else None
    return None if value is None else str(value)


def _built(packet_type: type[P], given: Mapping[str, bytes], *, name: str) -> P:
    """A packet of canonical bytes, field by field."""
    form = shape(packet_type)
    declared = [field.name for field in form.fields]
    for field_name in given:
        if field_name not in declared:
            hint = did_you_mean(field_name, declared)
            raise _refused(name, f"/{field_name}", why="no field is called so", next_step=hint)
    values: dict[str, Any] = {}
    for field in form.fields:
        if field.name in given:
            values[field.name] = _decoded(field, given[field.name], name=name)
        else:
            values[field.name] = _absent(field, values, name=name)
    return build_packet(packet_type, values)


def _decoded(field: Parameter | Slice, data: bytes, *, name: str) -> Any:
    try:
        decoded = field.form.decode(data)
    except ValidationError as error:
        why = faults(error)
        raise _refused(name, f"/{field.name}", why=why, next_step="Correct the value.") from error
    if isinstance(field, Slice) and field.key and decoded is not None:
        origins = [Origin(file=f"{name}#/{field.name}/{index}") for index in range(len(decoded))]
        check_keys(field, decoded, origins)
    return decoded


def _absent(field: Parameter | Slice, values: Mapping[str, Any], *, name: str) -> Any:
    if isinstance(field, Parameter) and field.derived:
        return check_parameter(field, field.derived.call(values))
    if field.info.is_required():
        raise _refused(name, f"/{field.name}", why="it is missing", next_step="Add the field.")
    return field.info.get_default(call_default_factory=True, validated_data={})


def _refused(name: str, path: str, *, why: str, next_step: str) -> SetupError:
    return SetupError(
        "packet.json",
        "A JSON text is not a packet of this type.",
        facts={"at": name, "pointer": path, "why": why},
        next_step=next_step,
    )
