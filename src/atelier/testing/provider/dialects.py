"""The dialects that the fake provider speaks, by name and by path."""

from re import Match

from atelier.testing.provider.anthropic import Anthropic
from atelier.testing.provider.dialect import Dialect
from atelier.testing.provider.google import Google
from atelier.testing.provider.openai_chat import OpenAIChat
from atelier.testing.provider.openai_responses import OpenAIResponses

_SPOKEN: tuple[Dialect, ...] = (OpenAIChat(), OpenAIResponses(), Anthropic(), Google())
DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in _SPOKEN}
# What a client library takes as its base address, by the name of its extra.
BASES = {"openai": "/v1", "anthropic": "", "google": ""}


def find_dialect(path: str) -> tuple[Dialect, Match[str]] | None:
    """The dialect that is spoken at a path, or None.

    Example:
        >>> found = find_dialect("/v1beta/models/gemini-3-pro:generateContent")
        >>> found[0].name, found[1]["model"]
        ('google', 'gemini-3-pro')
    """
    for dialect in _SPOKEN:
        route = dialect.route.fullmatch(path)
        if route is not None:
            return dialect, route
    return None
