"""The built-in stage that reviews a grounded draft; it stands on the public interface alone."""

from inspect import Parameter, Signature
from typing import Any

from atelier.aggregate import Packet, elements
from atelier.orchestrate.stage import Aside, Stage, stage
from atelier.soqratic.finding import Review
from atelier.soqratic.reviewed import RULES, review_text
from atelier.terra.checks import RULES as TERRA
from atelier.terra.grounded import Grounded


def review(upstream: Stage[..., Grounded], *, name: str = "review") -> Stage[..., Review]:
    """A stage over the output of a grounding stage; a second one takes a `name` of its own."""

    def review(packet: Packet, aside: Aside, **grounded: Any) -> Review:
        return review_text(grounded[upstream.name], elements(packet), aside=aside)

    parameters = [
        Parameter(upstream.name, Parameter.KEYWORD_ONLY, annotation=Grounded),
        Parameter("packet", Parameter.KEYWORD_ONLY, annotation=Packet),
        Parameter("aside", Parameter.KEYWORD_ONLY, annotation=Aside),
    ]
    vars(review)["__signature__"] = Signature(parameters, return_annotation=Review)
    # What the rules of Terra see in the packet decides here too.
    return stage(name=name, rules=f"{RULES} over {TERRA}")(review)
