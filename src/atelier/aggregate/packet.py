"""The packet: everything that one run may rest on, as a bare and frozen value."""

from typing import Any
from warnings import catch_warnings, filterwarnings

from pydantic import BaseModel, ConfigDict
from pydantic._internal._model_construction import ModelMetaclass


class _FreeNames(ModelMetaclass):
    """Lets a field be called `json` or `copy`: pydantic warns, but the field wins on instances."""

    def __new__(
        cls, cls_name: str, bases: tuple[type[Any], ...], namespace: dict[str, Any], **options: Any
    ) -> type:
        with catch_warnings():
            filterwarnings("ignore", message="Field name .* shadows an attribute")
            return super().__new__(cls, cls_name, bases, namespace, **options)


class Packet(BaseModel, metaclass=_FreeNames):
    """A user's packet derives from this; its fields are parameters and slices, in reading order.

    It has no methods of its own: `digests`, `elements` and `diff` are functions, so that every
    field name is free.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
