"""Passages: what the artefact stage returns, in printing order."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from atelier.kernel.canonical import Json
from atelier.kernel.evidence import Value


class Passage(Value):
    """One paragraph and the ids of the grounded claims that it rests on.

    A `heading` opens a section; passages without one belong to the section above them.
    """

    text: str
    claims: tuple[str, ...] = ()
    heading: str = ""


_FIELDS = frozenset(Passage.model_fields)


def passages_of(output: Json) -> list[Passage] | None:
    """The passages of an artefact stage's output, or None where it has none that can be read.

    A user's own fields beside `text`, `claims` and `heading` are left aside.

    Example:
        >>> passages_of({"passages": [{"text": "She ran.", "claims": ["0a1b2c3d"]}]})
        [Passage(text='She ran.', claims=('0a1b2c3d',), heading='')]
        >>> passages_of({"text": "She ran."}) is None
        True
    """
    if not isinstance(output, dict) or not isinstance(output.get("passages"), list):
        return None
    try:
        return [_passage(item) for item in output["passages"]]
    except ValidationError:
        return None


def title_of(output: Json) -> str:
    """The title of an artefact stage's output; empty where it has none.

    Example:
        >>> title_of({"title": "Week 3", "passages": []}), title_of([])
        ('Week 3', '')
    """
    title = output.get("title") if isinstance(output, dict) else None
    return title if isinstance(title, str) else ""


def has_passages(annotation: object) -> bool:
    """Whether a stage's return type can be printed: a model with `passages: list[Passage]`.

    Example:
        >>> class Synthesis(BaseModel):
        ...     passages: list[Passage]
        >>> has_passages(Synthesis), has_passages(str)
        (True, False)
    """
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return False
    field = annotation.model_fields.get("passages")
    if field is None or get_origin(field.annotation) not in {list, tuple}:
        return False
    items = [item for item in get_args(field.annotation) if item is not Ellipsis]
    return len(items) == 1 and isinstance(items[0], type) and issubclass(items[0], Passage)


def sections_of(passages: Sequence[Passage]) -> list[range]:
    """The passages of each section, by index: a section starts where a new heading stands.

    Example:
        >>> sections_of([Passage(text="a"), Passage(text="b", heading="B"), Passage(text="c")])
        [range(0, 1), range(1, 3)]
    """
    starts: list[int] = []
    heading = ""
    for index, passage in enumerate(passages):
        if not starts or passage.heading not in {"", heading}:
            starts.append(index)
            heading = passage.heading
    bounds = [*starts, len(passages)]
    return [range(start, end) for start, end in pairwise(bounds)]


def _passage(item: object) -> Passage:
    if not isinstance(item, Mapping):
        return Passage.model_validate(item)
    fields = cast("Mapping[str, Any]", item)
    return Passage.model_validate({name: fields[name] for name in fields if name in _FIELDS})
