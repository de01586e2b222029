"""The parameters that a caller gives, checked against the packet's fields."""

from collections.abc import Mapping
from re import compile as pattern
from typing import Any

from pydantic import ValidationError

from atelier.aggregate.fields import Parameter, Shape
from atelier.isilon.names import did_you_mean
from atelier.kernel.errors import SetupError
from atelier.kernel.form import faults

_JSON_SCALAR = pattern(r"(?:true|false|null|-?\d+(?:\.\d+)?)\Z")


def check_parameters(shape: Shape, given: Mapping[str, object]) -> dict[str, Any]:
    """The values of the parameters that are not derived, defaults included.

    A text is read as the field's type, since a command line gives nothing else; any other value
    has to be of the type already.

    Raises:
        SetupError: a parameter is missing, unknown, derived, or of another type.
    """
    wanted = {field.name: field for field in shape.parameters if field.derived is None}
    for name in given:
        if name not in wanted:
            raise _unknown(shape, name, list(wanted))
    missing = [name for name, field in wanted.items() if name not in given and field.is_required]
    if missing:
        raise SetupError(
            "packet.parameter",
            "A parameter is missing.",
            facts={"missing": ", ".join(missing), "packet": shape.packet.__name__},
            next_step=f"Give `{missing[0]}=...`.",
        )
    return {
        name: check_parameter(field, given[name])
        if name in given
        else field.info.get_default(call_default_factory=True, validated_data={})
        for name, field in wanted.items()
    }


def check_parameter(field: Parameter, value: object) -> Any:
    """A value as the field's type.

    Raises:
        SetupError: it is of another type.
    """
    try:
        if isinstance(value, str) and field.derived is None:
            return _from_text(field, value)
        return field.form.adapter.validate_python(value, strict=field.derived is None)
    except ValidationError as error:
        raise SetupError(
            "packet.parameter",
            "A parameter is not of its type.",
            facts={"parameter": field.name, "given": repr(value)[:80], "why": faults(error)},
            next_step="Give a value of the type that the packet declares.",
        ) from error


def _from_text(field: Parameter, text: str) -> Any:
    """A text as a command line gives it: `2` is the number where the type takes no text."""
    try:
        return field.form.adapter.validate_strings(text)
    except ValidationError:
        if not _JSON_SCALAR.match(text):
            raise
        return field.form.adapter.validate_json(text)


def _unknown(shape: Shape, name: str, wanted: list[str]) -> SetupError:
    derived = {field.name for field in shape.parameters if field.derived}
    slices = {field.name for field in shape.slices}
    if name in derived:
        sentence, next_step = "A derived parameter was given.", "Leave it out: it is computed."
    elif name in slices:
        sentence = "A slice was given as a parameter."
        next_step = "Leave it out: it is read from its source. Or hand in a whole packet."
    else:
        sentence, next_step = "A parameter is unknown.", did_you_mean(name, wanted)
    return SetupError(
        "packet.parameter",
        sentence,
        facts={"parameter": name, "packet": shape.packet.__name__},
        next_step=next_step,
    )
