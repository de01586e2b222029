"""The built-in stage that grounds a draft; it stands on the public interface alone."""

import asyncio
from inspect import Parameter, Signature
from typing import Any

from atelier.aggregate import Packet, elements, shape
from atelier.orchestrate.stage import Aside, Ask, OptionalModelStage, Stage, stage
from atelier.terra.checks import RULES
from atelier.terra.grounded import Grounded, Prose, ground_text
from atelier.terra.judgement import Judgement
from atelier.terra.judging import JUDGING, Judge

MODEL = "grounder"


def ground(
    upstream: Stage[..., Any], *, name: str = "grounded"
) -> OptionalModelStage[..., Grounded]:
    """A stage over the output of `upstream`, which has a field `text`.

    It is a pass over the whole packet by rule; equal claims and evidence give an equal value. Where
    the model class `grounder` is bound, each claim that the rules leave open is put to it, with the
    evidence near it and nothing else. A workflow that grounds two outputs gives the second stage a
    `name` of its own.
    """

    async def grounded(
        ask: Ask[Judgement] | None, packet: Packet, aside: Aside, **draft: Prose
    ) -> Grounded:
        prose, evidence, known = draft[upstream.name], elements(packet), _parameters(packet)
        claims = await asyncio.to_thread(
            ground_text, prose.text, evidence, prose.cites, known=known, aside=aside
        )
        if ask is not None:
            claims = await Judge(evidence, known).judge(ask, claims, aside=aside)
        return Grounded(text=prose.text, claims=claims)

    parameters = [
        Parameter("ask", Parameter.POSITIONAL_OR_KEYWORD, annotation=Ask[Judgement] | None),
        Parameter(upstream.name, Parameter.KEYWORD_ONLY, annotation=Prose),
        Parameter("packet", Parameter.KEYWORD_ONLY, annotation=Packet),
        Parameter("aside", Parameter.KEYWORD_ONLY, annotation=Aside),
    ]
    vars(grounded)["__signature__"] = Signature(parameters, return_annotation=Grounded)
    return stage(
        name=name,
        model=MODEL,
        required=False,
        prompt="prompts/judge.md",
        slots=("claim", "passages"),
        rules=f"{RULES} {JUDGING}",
    )(grounded)


def _parameters(packet: Packet) -> list[str]:
    fields = shape(type(packet)).parameters
    return [str(getattr(packet, field.name)) for field in fields]
