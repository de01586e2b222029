"""The obedient model: a pure function of the request that answers in the form it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from atelier.kernel.digest import digest_bytes
from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.dialect import written
from atelier.testing.provider.evidence import schema_in
from atelier.testing.provider.reply import Finish, Reply, ToolCall
from atelier.testing.provider.schema import Maker, Say, Whole

_SAID = (
    ("quiet", "early", "plain", "steady", "open", "late", "warm", "clear"),
    ("river", "morning", "letter", "garden", "harbour", "meadow", "window", "road"),
)


@dataclass(frozen=True, slots=True)
class ObedientModel(Behaviour):
    """Answers the schema that a request asks for with a valid instance; without one, in a sentence.

    Equal prompts are answered equally in every dialect, as a stream and at once; different ones
    mostly differently.
    """

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        return in_form(asked, reply, instance(asked, phrase_of(asked)))


@dataclass(frozen=True, slots=True)
class ChangingModel(Behaviour):
    """Answers like the obedient model, and says something else each time that it is asked again."""

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        again = replace(asked, prompt=f"{asked.prompt}\n\n{asked.repeat}")
        return in_form(asked, reply, instance(asked, phrase_of(again)))


def instance(asked: Asked, say: Say, known: Whole | None = None) -> Any:
    """A valid instance of what a request asks for, or a sentence where it asks for no form."""
    schema = asked.wanted.schema or schema_in(asked.prompt)
    if schema is None:
        return {} if asked.wanted.kind == "json" else say("answer")
    return Maker(schema, say, known or _unknown).instance(schema)


def in_form(asked: Asked, reply: Reply, value: Any) -> Reply:
    """A value as the request wants it: the arguments of its tool, JSON, or plain text."""
    text = value if isinstance(value, str) and not asked.wanted.schema else written(value)
    return text_in_form(asked, reply, text)


def text_in_form(asked: Asked, reply: Reply, text: str) -> Reply:
    """A text where the request wants its answer."""
    if asked.wanted.kind == "tool":
        call = ToolCall(asked.wanted.name, text)
        return replace(reply, text="", call=call, finish=Finish.TOOL)
    return replace(reply, text=text, call=None, finish=Finish.STOP)


def phrase_of(asked: Asked) -> Say:
    """Texts without numbers and names, made from the request and the name of a field.

    Example:
        >>> phrase_of(Asked(dialect="anthropic", model="m", prompt="Hello."))("title")
        'The title of a steady morning.'
    """
    digits = digest_bytes(asked.prompt.encode("utf-8", "surrogatepass")).removeprefix("sha256:")
    word, thing = (_of(words, digits[4 * place :]) for place, words in enumerate(_SAID))

    def phrase(name: str) -> str:
        return f"The {name.replace('_', ' ')} of a {word} {thing}."

    return phrase


def _of(words: tuple[str, ...], digits: str) -> str:
    return words[int(digits[:4], 16) % len(words)]


def _unknown(_: Mapping[str, Any]) -> dict[str, Any]:
    return {}
