"""What the writing stages return: prose under headings, and the words that it cites."""

from pydantic import BaseModel

from atelier.kernel.evidence import Cite


class Prose(BaseModel):
    """Markdown prose; every statement quotes, or cites the element that it rests on."""

    text: str
    cites: list[Cite] = []
