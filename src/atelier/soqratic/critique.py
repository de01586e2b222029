"""What a model proposes for a review: findings and a question, none of them believed yet."""

from typing import Literal

from pydantic import BaseModel, Field


class Quoted(BaseModel):
    """Words of the evidence, copied letter for letter, and the handle of their element."""

    handle: str
    quote: str


class Proposal(BaseModel):
    """One thing that the draft leaves out or overstates, or that the sources do not agree on."""

    kind: Literal["conflict", "overreach", "omission"]
    statement: str = Field(min_length=1)
    evidence: list[Quoted]
    claims: list[str] = []


class Follow(BaseModel):
    """A question, and the number of the finding that raises it: 1 is the first."""

    text: str
    finding: int


class Critique(BaseModel):
    """What the review adds to the findings of the rules."""

    findings: list[Proposal]
    question: Follow | None = None
