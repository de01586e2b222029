"""A talk and a journal as a packet, and a draft about them: what models are asked to judge."""

from pydantic import BaseModel

from atelier import Packet


class Turn(BaseModel):
    speaker: str
    text: str


class Entry(BaseModel):
    day: str
    text: str


class Session(Packet):
    student: str
    transcript: list[Turn]
    journal: list[Entry]


class Draft(BaseModel):
    text: str


SENT = "I finally sent the methods chapter over to Henrik after lunch."
