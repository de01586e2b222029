"""What an annotation says: its markers, whether it may be None, whether it is a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NewType, Union, get_args, get_origin
from uuid import UUID

from atelier.aggregate.markers import Derived, Obligation, Subject

# bool is an int, datetime is a date.
_SCALARS = (str, int, float, date, time, Decimal, Enum, UUID)


@dataclass(frozen=True)
class Reading:
    """An annotation taken apart; `bare` is what pydantic validates, without our markers."""

    bare: Any
    inner: Any
    markers: tuple[Any, ...]
    is_optional: bool

    @property
    def element(self) -> Any:
        """The type of an element, where the annotation is a list; else None."""
        origin, arguments = get_origin(self.inner), get_args(self.inner)
        if origin in (list, Sequence) or self.inner is list:
            return arguments[0] if arguments else Any
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
            return arguments[0]
        return None

    @property
    def is_scalar(self) -> bool:
        """Whether a value fits on one line: text, a number, a date, one of a few."""
        members = get_args(self.inner) if _is_union(self.inner) else (self.inner,)
        return all(_is_scalar(member) for member in members)


def read_annotation(annotation: Any, metadata: Sequence[Any] = ()) -> Reading:
    """An annotation taken apart; markers may stand on either side of `| None`.

    Example:
        >>> read_annotation(Annotated[list[str] | None, Subject()]).element
        <class 'str'>
    """
    annotation, found = _peel(annotation)
    markers = [*found, *metadata]
    kept = [marker for marker in markers if not is_marker(marker)]
    inner, is_optional = _without_none(annotation)
    inner, below = _peel(inner)
    markers.extend(below)
    kept_below = [marker for marker in below if not is_marker(marker)]
    if is_optional and below:
        annotation = Union[_with(inner, kept_below), None]  # noqa: UP007 - of a value, not a type
    return Reading(
        bare=_with(annotation, kept),
        inner=inner,
        markers=tuple(marker for marker in markers if is_marker(marker)),
        is_optional=is_optional,
    )


def is_source(marker: Any) -> bool:
    """Whether a marker is a source, or the class of one."""
    return callable(getattr(marker, "read", None))


def is_marker(marker: Any) -> bool:
    """Whether a piece of metadata speaks to us, and not to pydantic."""
    ours = (Derived, Obligation, Subject)
    return isinstance(marker, ours) or marker in ours or is_source(marker)


def _with(annotation: Any, metadata: Sequence[Any]) -> Any:
    return Annotated[(annotation, *metadata)] if metadata else annotation


def _peel(annotation: Any) -> tuple[Any, list[Any]]:
    """What stands within Annotated, a NewType or a named alias; and the metadata."""
    metadata: list[Any] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata.extend(more)
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation, metadata


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if not _is_union(annotation):
        return annotation, False
    members = [member for member in get_args(annotation) if member is not NoneType]
    is_optional = len(members) < len(get_args(annotation))
    return Union[tuple(members)] if members else NoneType, is_optional  # noqa: UP007 - a value


def _is_scalar(annotation: Any) -> bool:
    inner, _ = _peel(annotation)
    if get_origin(inner) is Literal:
        return True
    return isinstance(inner, type) and issubclass(inner, _SCALARS)
