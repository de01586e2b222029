"""The door check: by rule, nothing reaches an artefact that its claims do not carry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from atelier.artefact.alteration import exchanged
from atelier.artefact.basis import Basis, Footing, basis_of, footing_of, restates, similarity
from atelier.artefact.evidence import (
    Evidence,
    evidence_of,
    missing_amounts,
    missing_names,
    missing_quotations,
)
from atelier.artefact.passage import Passage, sections_of
from atelier.artefact.sentence import Sentence, sentences_of
from atelier.artefact.wording import Wording, wording
from atelier.kernel.evidence import GroundedClaim, Span
from atelier.terra.names import names
from atelier.terra.sentences import sentences
from atelier.terra.surface import kind_of, needs_support
from atelier.terra.words import words

# Words by which a sentence presents as settled what its claims leave open.
_SETTLED_WORDS = """
certainly clearly confirmed confirms definitely definitively established indeed obviously proven
proved proves settled undeniably undoubtedly undisputed unquestionably verified
"""
_SETTLED = frozenset(_SETTLED_WORDS.split())
_SHOWN = 200

Part = Literal["title", "heading", "text"]


@dataclass(frozen=True, slots=True)
class DoorFault:
    """One sentence that may not pass as it is: where it stands, the rule, and what is wrong.

    `passage` counts from 0 and is -1 for the title; `span` is in the text of the `part`.
    """

    passage: int
    sentence: str
    span: Span
    rule: str
    detail: str
    part: Part = "text"


def check(
    passages: Sequence[Passage],
    claims: Mapping[str, GroundedClaim],
    *,
    also: Sequence[str] = (),
    title: str = "",
) -> tuple[DoorFault, ...]:
    """What may not be printed as plain text, in printing order; empty where all may.

    Every id exists; every sentence that needs support rests on a claim that its passage names;
    its numbers, names, dates and quoted words stand in the evidence of those claims; it restates
    no flagged claim that it does not name. Headings, the title, questions and advice rest on the
    claims of their section. What equals a text in `also` (parameters, texts made by rule) passes.

    Example:
        >>> check([Passage(text="Maya is thriving.")], {})[0].rule
        'no-claim'
    """
    return tuple(_Door(passages, claims, also).faults(title))


def feedback(faults: Sequence[DoorFault]) -> str:
    """What is said to a model whose answer is asked again; empty where nothing is wrong.

    Example:
        >>> print(feedback(check([Passage(text="Maya is thriving.")], {})))
        1 sentence may not be printed:
        - passage 1, “Maya is thriving.”: names no claim; state only what a claim states
        Keep to the words of the claims that a passage names; leave out what they do not hold.
    """
    if not faults:
        return ""
    count = f"{len(faults)} sentence{'s' if len(faults) != 1 else ''} may not be printed:"
    lines = [f"- {_place(fault)}, “{_short(fault.sentence)}”: {fault.detail}" for fault in faults]
    advice = (
        "Keep to the words of the claims that a passage names; leave out what they do not hold."
    )
    return "\n".join([count, *lines, advice])


def _place(fault: DoorFault) -> str:
    if fault.part == "title":
        return "title"
    return f"{'heading of ' if fault.part == 'heading' else ''}passage {fault.passage + 1}"


def _short(sentence: str) -> str:
    line = " ".join(sentence.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


@dataclass(frozen=True)
class _Place:
    """A sentence at the door, with where it stands."""

    passage: int
    sentence: Sentence
    part: Part = "text"

    @cached_property
    def said(self) -> Wording:
        return wording(self.sentence.text)

    def fault(self, rule: str, detail: str) -> DoorFault:
        return DoorFault(
            self.passage, self.sentence.text, self.sentence.span, rule, detail, self.part
        )


def _whole(passage: int, text: str, part: Part = "text") -> _Place:
    return _Place(passage, Sentence(text, Span(start=0, end=max(1, len(text)))), part)


class _Door:
    def __init__(
        self,
        passages: Sequence[Passage],
        claims: Mapping[str, GroundedClaim],
        also: Sequence[str],
    ) -> None:
        self._passages = passages
        self._footings = {name: footing_of(claim) for name, claim in claims.items()}
        self._flagged = [footing for footing in self._footings.values() if footing.claim.flag]
        self._also = also
        self._free = {wording(text).plain for whole in also for text in (whole, *sentences(whole))}
        self._known = self._known_names()

    def _known_names(self) -> frozenset[str]:
        """The words that are names beyond doubt: capitalised where no sentence starts."""
        texts = list(self._also)
        for footing in self._footings.values():
            cited = (citation.quote for citation in footing.claim.citations)
            texts.extend((footing.claim.claim.text, *cited))
        sure = (name.text for text in texts for name in names(text) if not name.initial)
        return frozenset(part for name in sure for part in words(name))

    def faults(self, title: str) -> Iterator[DoorFault]:
        everything = self._named(range(len(self._passages)))
        yield from self._entitled(_whole(-1, title, "title"), everything)
        for section in sections_of(self._passages):
            named = self._named(section)
            heading = self._passages[section.start].heading
            yield from self._entitled(_whole(section.start, heading, "heading"), named)
            for index in section:
                yield from self._passage(index, named)

    def _named(self, indexes: range) -> list[Footing]:
        names = dict.fromkeys(name for index in indexes for name in self._passages[index].claims)
        return [self._footings[name] for name in names if name in self._footings]

    def _passage(self, index: int, section: Sequence[Footing]) -> Iterator[DoorFault]:
        passage = self._passages[index]
        unknown = [name for name in passage.claims if name not in self._footings]
        if unknown:
            detail = f"names {', '.join(map(ascii, unknown))}, which is no id of a claim"
            yield _whole(index, passage.text).fault("unknown-claim", detail)
        named = self._named(range(index, index + 1))
        for sentence in sentences_of(passage.text):
            place = _Place(index, sentence)
            if place.said.plain in self._free:
                continue
            if needs_support(sentence.text):
                yield from self._statement(place, named)
            else:
                yield from self._drawn(place, evidence_of(section, also=self._also))

    def _entitled(self, place: _Place, section: Sequence[Footing]) -> Iterator[DoorFault]:
        """A heading or a title: a short label, or a statement like any other."""
        if not place.said.plain or place.said.plain in self._free:
            return
        if kind_of(place.sentence.text, is_heading=True).needs_support:
            yield from self._statement(place, section)
        else:
            yield from self._drawn(place, evidence_of(section, also=self._also, parted=True))

    def _statement(self, place: _Place, named: Sequence[Footing]) -> Iterator[DoorFault]:
        if not named:
            yield place.fault("no-claim", "names no claim; state only what a claim states")
            return
        basis = basis_of(place.sentence.text, named)
        if not basis.claims:
            ids = ", ".join(footing.claim.claim.id for footing in named)
            yield place.fault("ungrounded", f"says what none of its claims ({ids}) says")
            return
        evidence = evidence_of(basis.claims, own_text=basis.exact)
        yield from self._drawn(place, evidence, names_also=self._also)
        yield from self._presented(place, basis)

    def _drawn(
        self, place: _Place, evidence: Evidence, *, names_also: Sequence[str] = ()
    ) -> Iterator[DoorFault]:
        """Numbers, names and quoted words that the evidence does not hold."""
        named = evidence
        if names_also:
            extra = evidence_of((), also=names_also)
            named = Evidence(evidence.texts, evidence.words | extra.words, evidence.amounts)
        amounts = missing_amounts(place.said, evidence)
        if amounts:
            yield place.fault("number", f"states {', '.join(amounts)}, which the evidence does not")
        called = missing_names(place.sentence.text, place.said, named, known=self._known)
        if called:
            yield place.fault("name", f"names {', '.join(called)}, which the evidence does not")
        quoted = missing_quotations(place.sentence.text, evidence)
        if quoted:
            shown = ", ".join(f"“{_short(text)}”" for text in quoted)
            yield place.fault("quote", f"quotes {shown}, which does not stand in the evidence")

    def _presented(self, place: _Place, basis: Basis) -> Iterator[DoorFault]:
        """What a sentence makes of its claims: their negation, their flags, their doubt."""
        said = place.said
        if not basis.exact and _is_turned(said, basis.claims):
            yield place.fault(
                "negation", "denies what its claims affirm, or affirms what they deny"
            )
        if not basis.exact:
            yield from _altered(place, basis)
        dropped = self._dropped(said, basis)
        if dropped is not None:
            claim = dropped.claim
            detail = f"restates claim {claim.claim.id} ({claim.flag}) without naming it"
            yield place.fault("flag", detail)
        settled = _SETTLED.intersection(said.all)
        if basis.flags and not any(settled <= footing.said.all for footing in basis.claims):
            shown = ", ".join(sorted(settled))
            yield place.fault("settled", f"presents a contested claim as settled ({shown})")

    def _dropped(self, said: Wording, basis: Basis) -> Footing | None:
        """The flagged claim that a sentence restates more closely than what it rests on."""
        nearest = max(similarity(said, footing.said) for footing in basis.claims)
        for footing in self._flagged:
            if (
                similarity(said, footing.said) > nearest
                and footing not in basis.claims
                and restates(said, footing.said)
            ):
                return footing
        return None


def _altered(place: _Place, basis: Basis) -> Iterator[DoorFault]:
    nearest = max(basis.claims, key=lambda footing: similarity(place.said, footing.said))
    held = frozenset[str]().union(*(footing.held for footing in basis.claims))
    pairs = exchanged(place.said, nearest.said, held=held)
    if pairs:
        shown = ", ".join(f"“{ours}” where its claim says “{theirs}”" for ours, theirs in pairs)
        yield place.fault("altered", f"says {shown}")


def _is_turned(said: Wording, claims: Sequence[Footing]) -> bool:
    """Whether a sentence negates what no claim negates, or leaves out the negation of each."""
    if said.negated:
        return not any(text.negated for f in claims for text in (f.said, *f.quoted))
    return all(
        footing.said.negated and len(said.key & footing.said.key) >= 0.8 * len(footing.said.key)
        for footing in claims
    )
