"""Models that cite: one that cuts its quotes out of the evidence, and one that forges them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle
from typing import Any

from atelier.testing.provider.asked import Asked
from atelier.testing.provider.behaviour import Behaviour
from atelier.testing.provider.evidence import Shown, claims_in, shown_in
from atelier.testing.provider.obedient import in_form, instance, phrase_of
from atelier.testing.provider.reply import Reply

Cited = tuple[str, str]  # a handle, and a quote
_CITE = frozenset({"handle", "quote"})
_PASSAGE = frozenset({"text", "claims"})


class Forgery(StrEnum):
    """How a citation is false."""

    INVENTED = "words that stand nowhere"
    NO_HANDLE = "a handle that was not shown"
    WRONG_SOURCE = "the words of another element"
    STITCHED = "words of two elements, joined"
    ALTERED = "one word exchanged"
    NEGATED = "a negation slipped in"
    HOMOGLYPH = "a letter of another alphabet"
    INSTRUCTIONS = "the words of the prompt itself"


@dataclass(frozen=True, slots=True)
class CitingModel(Behaviour):
    """Answers the schema; every citation in it is cut out of the evidence that the prompt shows.

    A citation is an object with `handle` and `quote`. Texts are words of the evidence too, and
    objects with `text` and `claims` repeat claims that the prompt holds. Without evidence, this is
    the obedient model.
    """

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        shown = shown_in(asked.prompt)
        return _cited(asked, reply, shown=shown, cites=[(one.handle, one.quote) for one in shown])


@dataclass(frozen=True, slots=True)
class ForgingModel(Behaviour):
    """Answers the schema like the citing model, and forges every citation in it."""

    forgery: Forgery = Forgery.INVENTED

    def reply(self, asked: Asked, reply: Reply) -> Reply:
        """What the model says."""
        shown = shown_in(asked.prompt)
        forge = _FORGERIES[self.forgery]
        forged = [
            forge(one, shown[(place + 1) % len(shown)], asked) for place, one in enumerate(shown)
        ]
        return _cited(asked, reply, shown=shown, cites=forged)


def _cited(asked: Asked, reply: Reply, *, shown: list[Shown], cites: list[Cited]) -> Reply:
    if not shown and not claims_in(asked.prompt):
        return in_form(asked, reply, instance(asked, phrase_of(asked)))
    quotes = cycle(cites) if cites else None
    claims = claims_in(asked.prompt)
    following = cycle(claims) if claims else None
    words = claims[0][1] if claims else shown[0].quote

    def known(properties: Mapping[str, Any]) -> dict[str, Any]:
        if quotes and properties.keys() >= _CITE:
            handle, quote = next(quotes)
            return {"handle": handle, "quote": quote}
        if following and properties.keys() >= _PASSAGE:
            claim, text = next(following)
            return {"text": text, "claims": [claim]}
        return {}

    return in_form(asked, reply, instance(asked, lambda _: words, known))


Forge = Callable[[Shown, Shown, Asked], Cited]


def _quoting(quote: Callable[[Shown, Shown, Asked], str]) -> Forge:
    return lambda one, other, asked: (one.handle, quote(one, other, asked))


def _altered(one: Shown, _other: Shown, _asked: Asked) -> str:
    words = one.quote.split(" ")
    return " ".join([*words[:-1], "elsewhere."])


def _negated(one: Shown, _other: Shown, _asked: Asked) -> str:
    first, _, rest = one.quote.partition(" ")
    return f"{first} never {rest}"


_FORGERIES: dict[Forgery, Forge] = {
    Forgery.INVENTED: _quoting(
        lambda _one, _other, _asked: "Nobody has ever said these particular words."
    ),
    Forgery.NO_HANDLE: lambda one, _other, _asked: ("nowhere-00000000", one.quote),
    Forgery.WRONG_SOURCE: lambda one, other, _asked: (one.handle, other.quote),
    Forgery.STITCHED: _quoting(lambda one, other, _: f"{one.quote} {other.quote}"),
    Forgery.ALTERED: _quoting(_altered),
    Forgery.NEGATED: _quoting(_negated),
    Forgery.HOMOGLYPH: _quoting(lambda one, _other, _asked: one.quote.replace("e", "\u0435", 1)),
    Forgery.INSTRUCTIONS: _quoting(lambda _one, _other, asked: asked.prompt.splitlines()[0]),
}
