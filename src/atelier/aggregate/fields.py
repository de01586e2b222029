"""The shape of a packet type: its parameters and slices in order, checked before anything is read."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import GenericAlias
from typing import Any, cast

from pydantic.fields import FieldInfo

from atelier.aggregate.annotation import Reading, is_source, read_annotation
from atelier.aggregate.binding import Binding, bind
from atelier.aggregate.markers import Derived, Obligation, Subject
from atelier.aggregate.packet import Packet
from atelier.isilon import FileSource, Source
from atelier.isilon.names import did_you_mean, owner_of
from atelier.kernel.canonical import ValueRefusedError
from atelier.kernel.digest import record_digest
from atelier.kernel.errors import SetupError
from atelier.kernel.form import Form, form_of


@dataclass(frozen=True)
class Parameter:
    """A field that is given by the caller, or derived."""

    name: str
    annotation: Any
    info: FieldInfo
    derived: Binding | None = None
    is_subject: bool = False

    @property
    def form(self) -> Form[Any]:
        """The form of the parameter's value."""
        return form_of(self.annotation)

    @property
    def is_required(self) -> bool:
        """Whether a caller must give it."""
        return self.derived is None and self.info.is_required()


@dataclass(frozen=True)
class Slice:
    """A field that is read from a source, or handed in."""

    name: str
    annotation: Any
    info: FieldInfo
    is_list: bool
    element: Any
    optional: bool
    source: Source | None = None
    where: Binding | None = None
    key: str = ""
    obligation: Obligation | None = None
    when: Binding | None = None

    @property
    def form(self) -> Form[Any]:
        """The form of the whole slice."""
        return form_of(self.annotation)

    @property
    def elements_form(self) -> Form[list[Any]]:
        """The form of the elements, without what binds the whole list."""
        return form_of(GenericAlias(list, (self.element,)))


@dataclass(frozen=True)
class Shape:
    """The fields of a packet type, in the order in which they are read."""

    packet: type[Packet]
    fields: tuple[Parameter | Slice, ...]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, in order."""
        return tuple(field for field in self.fields if isinstance(field, Parameter))

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """The slices, in order."""
        return tuple(field for field in self.fields if isinstance(field, Slice))

    @cached_property
    def subject(self) -> str:
        """The name of the parameter that names the subject, or empty."""
        return next((field.name for field in self.parameters if field.is_subject), "")

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The contract as JSON: what each field holds, and the markers that bind."""
        return {
            "parameters": {
                field.name: {"schema": field.form.schema, "subject": field.is_subject}
                for field in self.parameters
            },
            "slices": {
                field.name: {
                    "key": field.key,
                    "obligation": field.obligation is not None,
                    "optional": field.optional,
                    "schema": field.form.schema,
                }
                for field in self.slices
            },
        }

    @cached_property
    def digest(self) -> str:
        """The digest of the contract."""
        return record_digest("packet-schema", self.schema)


def encode_field(field: Parameter | Slice, value: Any) -> bytes:
    """The canonical bytes of a field's value.

    Raises:
        ValueRefusedError: the value has no canonical form; the path begins with the field.
    """
    try:
        return field.form.encode(value)
    except ValueRefusedError as error:
        path = error.facts["path"]
        raise ValueRefusedError(
            error.code,
            error.sentence,
            facts={**error.facts, "path": f"/{field.name}{path if path.startswith('/') else ''}"},
            next_step=error.next_step,
        ) from error


def shape(packet_type: type[Packet]) -> Shape:
    """The shape of a packet type.

    Raises:
        SetupError: a marker does not fit its field, or a function or path takes a name that no
            parameter and no earlier slice has.
    """
    return _shape(cast("Any", packet_type))


@lru_cache(maxsize=256)
def _shape(packet_type: Any) -> Shape:
    if not packet_type.__pydantic_complete__ and not packet_type.model_rebuild(raise_errors=False):
        why = "an annotation names a type that does not exist where the packet is defined"
        raise _refused(packet_type.__name__, why, "Define or import the type at module level.")
    readings = {
        name: (read_annotation(info.annotation, info.metadata), info)
        for name, info in packet_type.model_fields.items()
    }
    given = {name for name, (reading, _) in readings.items() if _is_given(reading)}
    fields: list[Parameter | Slice] = []
    for name, (reading, info) in readings.items():
        if info.alias or info.validation_alias or info.serialization_alias:
            raise _refused(name, "it has an alias", "Call the field by one name.")
        known = given | {field.name for field in fields}
        fields.append(_field(name, reading, info, known=known))
    subjects = [field.name for field in fields if isinstance(field, Parameter) and field.is_subject]
    if len(subjects) > 1:
        raise _refused(subjects[1], "it is the second subject", "Mark one parameter as Subject.")
    return Shape(packet_type, tuple(fields))


def _is_given(reading: Reading) -> bool:
    return _is_parameter(reading) and not _marker(reading, Derived)


def _is_parameter(reading: Reading) -> bool:
    if any(is_source(marker) for marker in reading.markers):
        return False
    return reading.is_scalar or any(
        isinstance(marker, Derived | Subject) for marker in reading.markers
    )


def _marker(reading: Reading, kind: type) -> Any:
    return next((marker for marker in reading.markers if isinstance(marker, kind)), None)


def _field(
    name: str, reading: Reading, info: FieldInfo, *, known: Collection[str]
) -> Parameter | Slice:
    for marker in reading.markers:
        if isinstance(marker, type):
            why = f"its marker is the class {marker.__name__}"
            raise _refused(name, why, f"Write `{marker.__name__}(...)`.")
    if _is_parameter(reading):
        return _parameter(name, reading, info, known=known)
    return _slice(name, reading, info, known=known)


def _parameter(
    name: str, reading: Reading, info: FieldInfo, *, known: Collection[str]
) -> Parameter:
    if _marker(reading, Obligation):
        raise _refused(name, "it is a parameter with an Obligation", "Mark slices only.")
    derived = _marker(reading, Derived)
    return Parameter(
        name,
        reading.bare,
        info,
        derived=bind(derived.function, known, place=f"{name}, Derived") if derived else None,
        is_subject=_marker(reading, Subject) is not None,
    )


def _slice(name: str, reading: Reading, info: FieldInfo, *, known: Collection[str]) -> Slice:
    if _marker(reading, Derived) or _marker(reading, Subject):
        raise _refused(name, "it is a slice with a parameter's marker", "Remove the marker.")
    sources = [marker for marker in reading.markers if is_source(marker)]
    if len(sources) > 1:
        raise _refused(name, "it has two sources", "Give it one source.")
    if not info.is_required() and info.get_default() is not None:
        raise _refused(name, "a slice has a default", "Use `... | None = None`, or none at all.")
    source = sources[0] if sources else None
    obligation: Obligation | None = _marker(reading, Obligation)
    where, key = getattr(source, "where", None), getattr(source, "key", "")
    is_list = reading.element is not None
    _check_source(name, source, is_list=is_list, is_narrowed=bool(where or key))
    _check_names(name, source, known)
    when = obligation.when if obligation else None
    return Slice(
        name,
        reading.bare,
        info,
        is_list=is_list,
        element=reading.element if is_list else reading.inner,
        optional=reading.is_optional,
        source=source,
        where=bind(where, known, place=f"{name}, where", leading=1) if where else None,
        key=key,
        obligation=obligation,
        when=bind(when, known, place=f"{name}, when", leading=1) if when else None,
    )


def _check_source(name: str, source: Any, *, is_list: bool, is_narrowed: bool) -> None:
    if is_list or source is None:
        return
    if is_narrowed:
        raise _refused(name, "`where` and `key` are for lists", "Declare the slice as a list.")
    if isinstance(source, FileSource) and source.gives_lists:
        raise _refused(name, f"a {source.name} file holds a list", "Declare `list[...]`.")
    if isinstance(source, FileSource) and source.is_glob:
        raise _refused(name, "its path is a pattern of many files", "Declare `list[...]`.")


def _check_names(name: str, source: Any, known: Collection[str]) -> None:
    for taken in getattr(source, "names", ()):
        if not owner_of(taken, known):
            why = f"its source takes `{taken}`, which is no parameter and no earlier slice"
            raise _refused(name, why, did_you_mean(taken, known))


def _refused(name: str, why: str, next_step: str) -> SetupError:
    return SetupError(
        "packet.field",
        "A field of a packet is declared in a way that cannot be read.",
        facts={"field": name, "why": why},
        next_step=next_step,
    )
