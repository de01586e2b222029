"""What may stand nowhere in a file: names, values of parameters, words of the packet."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from re import compile as pattern
from typing import Any, cast

from atelier.aggregate.element import texts_of
from atelier.observatory.bundle.contents import Contents, texts_within
from atelier.observatory.bundle.masks import Masks, joined, names_mask, words_mask
from atelier.observatory.bundle.options import Options, Redact
from atelier.observatory.bundle.rewriting import still
from atelier.observatory.reading.claims import CitationView
from atelier.observatory.reading.packet_record import PacketContent

EVIDENCE, PROMPTS, ANSWERS = "⟦evidence⟧", "⟦prompt⟧", "⟦answer⟧"
SUBJECT, PARAMETERS, UNCITED = "⟦subject⟧", "⟦parameters⟧", "⟦uncited⟧"
_LABELS = {
    Redact.EVIDENCE: EVIDENCE,
    Redact.PROMPTS: PROMPTS,
    Redact.ANSWERS: ANSWERS,
    Redact.SUBJECT: SUBJECT,
    Redact.PARAMETERS: PARAMETERS,
}

_APART = pattern(r"[\s._,;/@-]+")
# A smaller number counts something as likely as not.
_LARGE = 10_000


def masks_of(packet: PacketContent | None, contents: Contents, options: Options) -> Masks:
    """What is looked for in every value of a run, as far as it is withheld."""
    names = names_mask(_named(contents, options))
    if packet is None:
        return names
    quotes = names_mask(_cut_quotes(packet, contents, names))
    return joined(joined(quotes, names), _words(packet, contents, options))


def labels_of(parameters: Iterable[str], options: Options) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What is withheld, each by its name, with the labels of which one stands where it was."""
    for part in options.withheld:
        named = [f"⟦{name}⟧" for name in parameters if part is Redact.PARAMETERS]
        yield part.value, (_LABELS[part], *named)
    if options.only_cited:
        yield "uncited", (UNCITED,)
    yield from ((name, (f"⟦{name}⟧",)) for name in options.hidden)


def names_of(subject: str) -> list[str]:
    """The names that somebody is known by: the whole, and each by itself.

    Of an address, what stands before its sign.

    Example:
        >>> names_of("Anne-Marie O'Brien"), names_of("m.lind@school.example")[1:]
        (["Anne-Marie O'Brien", 'Anne', 'Marie', "O'Brien"], ['m', 'lind'])
    """
    said = [part for part in _APART.split(subject.partition("@")[0]) if part]
    return list(dict.fromkeys([subject, *said]))


def citations_of(contents: Contents) -> Iterator[CitationView]:
    """Every citation that a file shows."""
    yield from contents.claims.citations
    for view in contents.artefacts:
        yield from view.citations
    for review in contents.reviews:
        yield from review.citations


def _named(contents: Contents, options: Options) -> Iterator[tuple[str, str]]:
    """Names with their labels: who was named to be hidden, what was given, whom it is about."""
    run, parts = contents.run, options.withheld
    if Redact.SUBJECT in parts and run.subject:
        yield from ((text, SUBJECT) for text in names_of(run.subject))
    if Redact.PARAMETERS in parts:
        yield from (
            (text, f"⟦{name}⟧") for name, value in run.parameters.items() for text in _values(value)
        )
    labels = (f"⟦{name}⟧" for name in options.hidden)
    yield from zip(options.hide, labels, strict=True)


def _values(value: Any) -> Iterator[str]:
    """The texts of a parameter, and its large numbers."""
    match value:
        case int() | float() if abs(value) >= _LARGE:
            yield str(value)
        case dict():
            for item in cast("dict[str, Any]", value).values():
                yield from _values(item)
        case list():
            for item in cast("list[Any]", value):
                yield from _values(item)
        case _:
            yield from texts_within(value)


def _cut_quotes(
    packet: PacketContent, contents: Contents, masks: Masks
) -> Iterator[tuple[str, str]]:
    """Quotes that begin or end within a name: wherever one stands, its part of the name goes."""
    for one in citations_of(contents) if masks else ():
        text = _cited_text(packet, one)
        if text is None or one.start is None or one.end is None:
            continue
        found = masks.stretches(text)
        if any(each.start < place < each.end for each in found for place in (one.start, one.end)):
            clipped = [replace(each, start=max(each.start, one.start)) for each in found]
            yield one.quote, still(text[: one.end], one.start, clipped)


def _cited_text(packet: PacketContent, one: CitationView) -> str | None:
    part = packet.slices.get(one.slice)
    if part is None or one.position is None:
        return None
    return dict(texts_of(part.elements[one.position])).get(one.pointer)


def _words(packet: PacketContent, contents: Contents, options: Options) -> Masks:
    """What the packet says, as far as it is withheld: no run of its words may stand anywhere."""
    said = [
        ((name, position), text)
        for name, part in packet.slices.items()
        for position, element in enumerate(part.elements)
        for text in texts_within(element)
    ]
    if Redact.EVIDENCE in options.withheld:
        quotes = (one.quote for one in citations_of(contents))
        return words_mask([*(text for _, text in said), *quotes], EVIDENCE)
    if options.only_cited:
        cited = {(one.slice, one.position) for one in citations_of(contents)}
        # What the artefact says itself stays, also where an element says it too.
        spare = [text for place, text in said if place in cited]
        spare += [line.text for view in contents.artefacts for line in view.lines]
        return words_mask(
            (text for place, text in said if place not in cited), UNCITED, spare=spare
        )
    return Masks()
