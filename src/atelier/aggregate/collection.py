"""Collection: each source read once, in the order of the packet's fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from atelier.aggregate.fields import Parameter, Shape, encode_field, shape
from atelier.aggregate.identity import PacketDigests, digests, identify_packet
from atelier.aggregate.memo import CollectionMemo
from atelier.aggregate.packet import Packet
from atelier.aggregate.parameters import check_parameter, check_parameters
from atelier.aggregate.reading import SliceReader
from atelier.isilon import Origin, Substrate
from atelier.kernel.errors import SetupError
from atelier.kernel.form import faults

P = TypeVar("P", bound=Packet)


@dataclass(frozen=True)
class Collected(Generic[P]):
    """A packet, its digests, and where each element stood."""

    packet: P
    digests: PacketDigests
    places: Mapping[str, Callable[[], list[Origin]]] = field(repr=False, compare=False)

    @cached_property
    def origins(self) -> dict[str, list[Origin]]:
        """The origin of each element, by slice, in the order of the elements."""
        return {name: place() for name, place in self.places.items()}


def collect(
    packet_type: type[P],
    parameters: Mapping[str, object],
    *,
    substrate: Substrate,
    memo: CollectionMemo | None = None,
) -> Collected[P]:
    """The packet for these parameters: what was read is what is hashed.

    Raises:
        SetupError: the packet type or a parameter is wrong; nothing was read then.
        EvidenceError: a source is missing, malformed, or holds another type than its slice.
    """
    form = shape(packet_type)
    _refuse_sourceless(form)
    state = _State(form, check_parameters(form, parameters))
    with substrate.visit() as visit:
        for declared in form.fields:
            if isinstance(declared, Parameter):
                state.derive(declared)
                continue
            reader = SliceReader(declared, state.values, state.encoded)
            taken = reader.read(visit.look(state.values), memo)
            state.values[declared.name] = taken.value
            state.encoded[declared.name] = taken.data
            state.places[declared.name] = taken.origins
    return state.collected(packet_type)


class _State:
    """What a collection has so far."""

    def __init__(self, form: Shape, values: dict[str, Any]) -> None:
        self.form = form
        self.values = values
        self.encoded: dict[str, bytes] = {}
        self.places: dict[str, Callable[[], list[Origin]]] = {}
        for declared in form.parameters:
            if declared.name in values:
                self.encoded[declared.name] = encode_field(declared, values[declared.name])

    def derive(self, declared: Parameter) -> None:
        """Compute a derived parameter from what is there."""
        if declared.derived is None:
            return
        value = check_parameter(declared, declared.derived.call(self.values))
        self.values[declared.name] = value
        self.encoded[declared.name] = encode_field(declared, value)

    def collected(self, packet_type: type[P]) -> Collected[P]:
        """The packet, validated as a whole."""
        packet = build_packet(packet_type, self.values)
        return Collected(packet, self._digests(packet), self.places)

    def _digests(self, packet: Packet) -> PacketDigests:
        """The digests, from bytes that exist already unless the packet's validators changed it."""
        data = {declared.name: self.encoded[declared.name] for declared in self.form.slices}
        if has_validators(type(packet)):
            return digests(packet)
        return identify_packet(self.form, packet.__dict__, data, places=self.places)


def build_packet(packet_type: type[P], values: Mapping[str, Any]) -> P:
    """A packet of values that are validated already; what is left are rules across fields.

    Raises:
        SetupError: a validator of the packet refuses it.
    """
    if not has_validators(packet_type):
        return packet_type.model_construct(_fields_set=set(values), **values)
    try:
        return packet_type.model_validate(dict(values))
    except ValidationError as error:
        raise SetupError(
            "packet.invalid",
            "A packet breaks a rule of its type.",
            facts={"packet": packet_type.__name__, "why": faults(error)},
            next_step="Correct the evidence, or the rule.",
        ) from error


def has_validators(packet_type: type[Packet]) -> bool:
    """Whether a packet type has rules of its own, which may also change values."""
    found = packet_type.__pydantic_decorators__
    own = packet_type.model_post_init is not Packet.model_post_init
    return bool(found.field_validators or found.model_validators or found.validators or own)


def _refuse_sourceless(form: Shape) -> None:
    missing = [declared.name for declared in form.slices if declared.source is None]
    if missing:
        raise SetupError(
            "packet.source",
            "A slice has no source to be collected from.",
            facts={"slice": ", ".join(missing), "packet": form.packet.__name__},
            next_step="Annotate it with a source, or hand in a whole packet.",
        )
