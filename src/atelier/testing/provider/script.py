"""The script: which behaviour each request gets."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from atelier.testing.provider.answers import Answer, Text
from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.obedient import ObedientModel

Line = Behaviour | str | Mapping[str, Any] | list[Any]
Script = Line | Iterable[Line] | Callable[[Asked], Line] | None


class ScriptEndedError(LookupError):
    """A request came after the last line of the script."""


def played(script: Script) -> Callable[[Asked], Behaviour]:
    """The script as a function of the request.

    A behaviour, a text or a JSON object is for every request; a sequence has one line for each, in
    order of arrival; without a script, an obedient model answers.

    Example:
        >>> play = played(["Hello.", {"text": "Bye."}])
        >>> asked = Asked(dialect="anthropic", model="m", prompt="")
        >>> play(asked), play(asked)
        (Text(text='Hello.'), Answer(value={'text': 'Bye.'}))
    """
    if script is None:
        return lambda _: ObedientModel()
    if isinstance(script, Behaviour | str | Mapping):
        line = _behaviour(cast("Line", script))
        return lambda _: line
    if callable(script):
        return lambda asked: _behaviour(script(asked))
    lines = iter(script)

    def following(_: Asked) -> Behaviour:
        for line in lines:
            return _behaviour(line)
        message = "the script of the fake provider has no line left for this request"
        raise ScriptEndedError(message)

    return following


def _behaviour(line: Line) -> Behaviour:
    if isinstance(line, Behaviour):
        return line
    return Text(line) if isinstance(line, str) else Answer(line)
