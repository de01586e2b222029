"""What the writing stages return: prose under headings, and the words that it cites."""

from collections.abc import Sequence

from pydantic import BaseModel

from atelier import Cite
from atelier.kernel.digest import digest
from atelier.kernel.evidence import handles


class Prose(BaseModel):
    """Markdown prose, and for every quotation in it the element that it is taken from."""

    text: str
    cites: list[Cite] = []


def handles_of(name: str, elements: Sequence[BaseModel]) -> list[str]:
    """The handle of each element of a slice: the names by which a prompt shows them to a model."""
    return handles([(name, digest(element.model_dump(mode="json"))) for element in elements])
