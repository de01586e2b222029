"""The built-in stage that grounds a draft; it stands on the public interface alone."""

from inspect import Parameter, Signature
from typing import Any

from atelier.aggregate import Packet, elements, shape
from atelier.orchestrate.stage import Aside, Stage, stage
from atelier.terra.checks import RULES
from atelier.terra.grounded import Grounded, Prose, ground_text


def ground(upstream: Stage[..., Any], *, name: str = "grounded") -> Stage[..., Grounded]:
    """A stage over the output of `upstream`, which has a field `text`.

    It is a pure pass over the whole packet; equal claims and evidence give an equal value. A
    workflow that grounds two outputs gives the second stage a `name` of its own.
    """

    def grounded(packet: Packet, aside: Aside, **draft: Prose) -> Grounded:
        prose = draft[upstream.name]
        known = _parameters(packet)
        claims = ground_text(prose.text, elements(packet), prose.cites, known=known, aside=aside)
        return Grounded(text=prose.text, claims=claims)

    parameters = [
        Parameter(upstream.name, Parameter.KEYWORD_ONLY, annotation=Prose),
        Parameter("packet", Parameter.KEYWORD_ONLY, annotation=Packet),
        Parameter("aside", Parameter.KEYWORD_ONLY, annotation=Aside),
    ]
    vars(grounded)["__signature__"] = Signature(parameters, return_annotation=Grounded)
    return stage(name=name, rules=RULES)(grounded)


def _parameters(packet: Packet) -> list[str]:
    fields = shape(type(packet)).parameters
    return [str(getattr(packet, field.name)) for field in fields]
