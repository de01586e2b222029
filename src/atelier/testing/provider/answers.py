"""What a model says: in words, in a form, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.obedient import in_form, text_in_form
from atelier.testing.provider.reply import Finish, Reply, Tokens, Told, ToolCall


@dataclass(frozen=True, slots=True)
class Text(Behaviour):
    """Says these words, whatever form was asked for."""

    text: str

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, text=self.text, call=None, finish=Finish.STOP)


@dataclass(frozen=True, slots=True)
class Answer(Behaviour):
    """Gives this value where the request wants its answer: as JSON text, or to its tool."""

    value: Any

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return in_form(asked, reply, self.value)


@dataclass(frozen=True, slots=True)
class RawAnswer(Behaviour):
    """Gives this text where the request wants its answer, be it JSON or not."""

    text: str

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return text_in_form(asked, reply, self.text)


@dataclass(frozen=True, slots=True)
class Alternating(Behaviour):
    """Answers equal requests differently: one behaviour after the other, then from the start."""

    answers: tuple[Behaviour, ...]

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return self.answers[asked.repeat % len(self.answers)].reply(asked, reply)


@dataclass(frozen=True, slots=True)
class ToolUse(Behaviour):
    """Calls a tool, also where text was asked for."""

    name: str = "search"
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        called = replace(asked, wanted=replace(asked.wanted, kind="tool", name=self.name))
        return in_form(called, reply, dict(self.arguments))


@dataclass(frozen=True, slots=True)
class EmptyAnswer(Behaviour):
    """Says nothing, and ends as if all were well."""

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, text="", call=None, finish=Finish.STOP)


@dataclass(frozen=True, slots=True)
class Refusal(Behaviour):
    """Refuses, in the field that the dialect has for it, or by its reason to end."""

    text: str = "I cannot help with that."

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, text=self.text, call=None, finish=Finish.REFUSAL)


@dataclass(frozen=True, slots=True)
class ContentFilter(Behaviour):
    """Is stopped by the provider's filter after this text."""

    text: str = ""

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, text=self.text, call=None, finish=Finish.FILTER)


@dataclass(frozen=True, slots=True)
class LengthLimit(Behaviour):
    """Runs out of tokens after a share of the answer."""

    share: float = 0.5

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        said = reply.said[: int(len(reply.said) * self.share)]
        if reply.call:
            call = ToolCall(reply.call.name, said)
            return replace(reply, call=call, finish=Finish.LENGTH)
        return replace(reply, text=said, finish=Finish.LENGTH)


@dataclass(frozen=True, slots=True)
class Served(Behaviour):
    """Names another model than was asked, or another fingerprint, as the one that answered."""

    model: str = ""
    fingerprint: str = "fp_fake"

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, model=self.model, fingerprint=self.fingerprint)


@dataclass(frozen=True, slots=True)
class Usage(Behaviour):
    """Uses exactly these tokens, and is billed for them."""

    tokens: Tokens

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, tokens=self.tokens)


@dataclass(frozen=True, slots=True)
class UsageTold(Behaviour):
    """Tells this usage instead of the truth; what is billed stays the truth.

    `fields` are those of `Tokens`, with any JSON as their values; without any, nothing is told;
    None is an explicit null.
    """

    fields: Mapping[str, Any] | None

    def reply(self, _asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return replace(reply, told=Told(self.fields))
