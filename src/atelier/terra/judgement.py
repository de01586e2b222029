"""What a model says of one claim: a verdict, and the words that it rests on."""

from typing import Literal, Self

from pydantic import BaseModel, model_validator

from atelier.kernel.evidence import Cite, Role


class JudgedCite(Cite):
    """Words of the evidence, and what they do for the claim."""

    role: Role


class Judgement(BaseModel):
    """What the evidence says of the claim."""

    cites: list[JudgedCite]
    verdict: Literal["supported", "partial", "contradicted", "unsupported"]

    @model_validator(mode="after")
    def _cites_what_it_says(self) -> Self:
        roles = {cite.role for cite in self.cites}
        needed = {
            "supported": Role.SUPPORTS,
            "partial": Role.SUPPORTS,
            "contradicted": Role.CONTRADICTS,
        }.get(self.verdict)
        if needed is not None and needed not in roles:
            message = f"{self.verdict!r} needs a cite that {needed.value} the claim"
            raise ValueError(message)
        if self.verdict == "unsupported" and roles - {Role.QUALIFIES}:
            message = "'unsupported' cites nothing that supports or contradicts the claim"
            raise ValueError(message)
        return self
