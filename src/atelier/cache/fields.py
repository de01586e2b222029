"""The fields of models and dataclasses as content."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from atelier.cache.sheet import Sheet
from atelier.kernel.canonical import Json

_VALUES = ("default", "default_factory")
# What a field, or the class, was told about the methods that are made from it.
_SETTINGS = ("init", "repr", "hash", "compare", "kw_only")


def fields_of(kind: type, sheet: Sheet, *, is_written: bool) -> Iterator[tuple[str, Json]]:
    """The fields of a model or dataclass that this class declares itself, by value.

    What a class statement says of them is in its tree; a class without one is asked for it.
    """
    own: Mapping[str, Any] = vars(kind).get("__annotations__", {})
    models: dict[str, Any] = vars(kind).get("__pydantic_fields__", {})
    sheet.witnesses.watch_names(models)
    for name, field in models.items():
        if name in own:
            yield name, sheet.encode(field)
    for name, field in vars(kind).get("__dataclass_fields__", {}).items():
        if name in own:
            told = () if is_written else _SETTINGS
            settings: dict[str, Json] = {each: repr(getattr(field, each)) for each in told}
            yield name, {**_dataclass_field(field, sheet), **settings}
    params: object = vars(kind).get("__dataclass_params__")
    if params is not None and not is_written:
        yield "dataclass", repr(params)
    private: Mapping[str, Any] = vars(kind).get("__private_attributes__") or {}
    for name, field in private.items():
        yield name, sheet.encode(field)


def _dataclass_field(field: dataclasses.Field[Any], sheet: Sheet) -> dict[str, Json]:
    values: dict[str, object] = {
        name: getattr(field, name)
        for name in _VALUES
        if getattr(field, name) is not dataclasses.MISSING
    }
    if field.metadata:
        values["metadata"] = field.metadata
    return {name: sheet.encode_watched(value) for name, value in values.items()}
