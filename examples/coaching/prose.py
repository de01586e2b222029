"""What the writing stages return: prose under headings, and the words that it cites."""

from pydantic import BaseModel

from atelier import Cite


class Prose(BaseModel):
    """Markdown prose, and for every quotation in it the element that it is taken from."""

    text: str
    cites: list[Cite] = []
