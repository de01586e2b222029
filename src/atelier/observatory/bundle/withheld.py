"""A run's values without what is withheld: taken away where it stands, masked where it is repeated."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from atelier.cache.explain import ReasonKind
from atelier.isilon.origin import Origin
from atelier.observatory.bundle.closing import Closing, ids_of
from atelier.observatory.bundle.contents import Contents
from atelier.observatory.bundle.options import Options, Redact
from atelier.observatory.bundle.rewriting import masking, rewritten, textual
from atelier.observatory.bundle.wanted import (
    ANSWERS,
    EVIDENCE,
    PARAMETERS,
    PROMPTS,
    SUBJECT,
    UNCITED,
    masks_of,
)
from atelier.observatory.reading.archive import Archive
from atelier.observatory.reading.artefact import ArtefactView
from atelier.observatory.reading.attempts import AttemptView, Received, Sent, Turn
from atelier.observatory.reading.beside import ElementView, Piece, SliceView, TextPieces
from atelier.observatory.reading.changes import Altered
from atelier.observatory.reading.claims import CitationView, Claims, ClaimView
from atelier.observatory.reading.elements import ElementRun
from atelier.observatory.reading.packet_record import find_packet
from atelier.observatory.reading.review import DeclinedView, ObligationView, ReviewView
from atelier.observatory.reading.row import Component, Input, RowView
from atelier.observatory.reading.text import Text

# What a run says in our brackets is no word of ours.
_BRACKETS = str.maketrans({"⟦": "⟨U+27E6⟩", "⟧": "⟨U+27E7⟩"})
_OF_EVIDENCE = frozenset({"slice", "packet"})
# The form of an answer may describe what is asked.
_OF_PROMPTS = ("prompt", "schema")
_PROMPT_KINDS = frozenset({ReasonKind.PROMPT, ReasonKind.SCHEMA})


def withheld(archive: Archive, contents: Contents, options: Options) -> Contents:
    """The values of a run as a file may hold them; all of them, where nothing is withheld."""
    if not options.told:
        return contents
    packet = find_packet(archive, contents.run.packet)
    masks = masks_of(packet, contents, options)
    found = rewritten(contents, textual(lambda text: text.translate(_BRACKETS)))
    found = _Shears(options).contents(found)
    found = rewritten(found, masking(masks)) if masks else found
    kept: Contents = rewritten(found, textual(Closing(ids_of(packet, contents)).text))
    return kept


class _Shears:
    """Takes away what stands in a place of its own; the digest of what stood there stays."""

    def __init__(self, options: Options) -> None:
        self.parts = frozenset(options.withheld)
        self.only_cited = options.only_cited

    def contents(self, found: Contents) -> Contents:
        """Every value of a run."""
        run = found.run
        nodes = tuple(replace(node, error=self.error(node.error)) for node in run.graph.nodes)
        return replace(
            found,
            run=replace(
                run,
                subject=SUBJECT if run.subject and Redact.SUBJECT in self.parts else run.subject,
                parameters=self.parameters(run.parameters),
                errors=tuple(self.error(error) or {} for error in run.errors),
                graph=replace(run.graph, nodes=nodes),
            ),
            artefacts=tuple(self.artefact(view) for view in found.artefacts),
            claims=Claims(
                tuple(self.claim(claim) for claim in found.claims.claims),
                tuple(self.citation(one) for one in found.claims.citations),
            ),
            reviews=tuple(self.review(view) for view in found.reviews),
            rows=tuple(self.row(row) for row in found.rows),
        )

    def parameters(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Parameters by name alone."""
        if Redact.PARAMETERS in self.parts:
            return {name: f"⟦{name}⟧" for name in given}
        return given

    def error(self, error: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """An error without its facts: they may repeat what was answered."""
        if error is None or Redact.ANSWERS not in self.parts:
            return error
        return {**error, "facts": dict.fromkeys(error.get("facts", {}), ANSWERS)}

    def artefact(self, view: ArtefactView) -> ArtefactView:
        """An artefact: its sentences stay, and what they repeat of the evidence is masked."""
        return replace(
            view,
            subject=SUBJECT if view.subject and Redact.SUBJECT in self.parts else view.subject,
            parameters=self.parameters(view.parameters),
            text=None,
            claims=tuple(self.claim(claim) for claim in view.claims),
            citations=tuple(self.citation(one) for one in view.citations),
            evidence=tuple(self.slice(part) for part in view.evidence),
        )

    def claim(self, claim: ClaimView) -> ClaimView:
        """A claim: its checks may quote what they looked at."""
        if Redact.EVIDENCE not in self.parts:
            return claim
        checks = tuple(
            replace(check, detail=EVIDENCE if check.detail else "") for check in claim.checks
        )
        return replace(claim, checks=checks)

    def citation(self, citation: CitationView) -> CitationView:
        """A citation by its place."""
        if Redact.EVIDENCE not in self.parts:
            return citation
        return replace(citation, quote=EVIDENCE, origin=_bare(citation.origin))

    def slice(self, part: SliceView) -> SliceView:
        """A slice, with the elements that something rests on, or with all of them."""
        kept = [
            self.element(element)
            for element in part.elements
            if element.citations or not self.only_cited
        ]
        left_out = part.left_out + len(part.elements) - len(kept)
        return replace(part, elements=tuple(kept), left_out=left_out)

    def element(self, element: ElementView) -> ElementView:
        """An element by its digest; what rests on it still leads there."""
        if Redact.EVIDENCE not in self.parts:
            return element
        told = f"{EVIDENCE} {element.digest}"
        piece = Piece(0, told, element.citations, element.claims)
        return replace(
            element,
            texts=(TextPieces("", (piece,), len(told)),),
            values={},
            speaker="",
            time="",
            origin=_bare(element.origin),
        )

    def review(self, view: ReviewView) -> ReviewView:
        """A review: what was declined is an answer, what must be addressed is evidence."""
        declined = view.declined
        if Redact.ANSWERS in self.parts:
            declined = tuple(DeclinedView(ANSWERS, one.check) for one in declined)
        return replace(
            view,
            declined=declined,
            obligations=tuple(self.obligation(one) for one in view.obligations),
            claims=tuple(self.claim(claim) for claim in view.claims),
            citations=tuple(self.citation(one) for one in view.citations),
            evidence=(),
        )

    def obligation(self, one: ObligationView) -> ObligationView:
        """An element that must be addressed."""
        if Redact.EVIDENCE in self.parts:
            return replace(one, text=_said(EVIDENCE, one.element), origin=_bare(one.origin))
        if self.only_cited and not one.citations:
            return replace(one, text=_said(UNCITED, one.element))
        return one

    def row(self, row: RowView) -> RowView:
        """A row: what went in, what was asked, what came out."""
        has_answers = Redact.ANSWERS in self.parts
        return replace(
            row,
            error=self.error(row.error),
            inputs=tuple(self.input(one) for one in row.inputs),
            components=tuple(self.component(one) for one in row.components),
            explained=replace(
                row.explained, altered=[self.altered(one) for one in row.explained.altered]
            ),
            attempts=tuple(self.attempt(one) for one in row.attempts),
            elements=tuple(self.mapped(one) for one in row.elements),
            value=_said(ANSWERS, row.output) if has_answers and row.value else row.value,
            aside=_said(ANSWERS, "") if has_answers and row.aside else row.aside,
        )

    def input(self, one: Input) -> Input:
        """An input: a parameter, a value of another stage, or evidence."""
        origins = one.origins
        if Redact.EVIDENCE in self.parts:
            origins = tuple(_bare(origin) for origin in origins)
        if one.value is None:
            return replace(one, origins=origins)
        return replace(one, origins=origins, value=self.handed(one) or one.value)

    def handed(self, one: Input) -> Text | None:
        """What stands in place of an input's value; None where that stays."""
        parts = self.parts
        if one.supply in _OF_EVIDENCE and Redact.EVIDENCE in parts:
            return _said(EVIDENCE, one.digest)
        if one.supply in _OF_EVIDENCE and self.only_cited:
            return _said(UNCITED, one.digest)
        if one.supply == "stage" and Redact.ANSWERS in parts:
            return _said(ANSWERS, one.digest)
        # A packet's record holds its parameters.
        if one.supply in {"parameter", "packet"} and Redact.PARAMETERS in parts:
            return _said(PARAMETERS, "" if one.supply == "parameter" else one.digest)
        return None

    def component(self, part: Component) -> Component:
        """A part of the key: a prompt, and the form that describes an answer, by digest alone."""
        if Redact.PROMPTS in self.parts and part.text and part.label.startswith(_OF_PROMPTS):
            return replace(part, text=_said(PROMPTS, part.digest))
        return part

    def altered(self, one: Altered) -> Altered:
        """What had changed: an input by its places, a prompt by its name."""
        if one.reason.kind in _PROMPT_KINDS and Redact.PROMPTS in self.parts:
            return replace(one, text="", places=())
        is_shown = one.reason.kind is not ReasonKind.INPUT or not (
            self.parts & {Redact.ANSWERS, Redact.PARAMETERS} or self.only_cited
        )
        return replace(one, places=one.places if is_shown else ())

    def attempt(self, attempt: AttemptView) -> AttemptView:
        """A request and its answer, each by its digest."""
        sent, received = attempt.sent, attempt.received
        if Redact.PROMPTS in self.parts:
            sent = _unsent(sent)
        if received and Redact.ANSWERS in self.parts:
            received = _unreceived(received)
        return replace(attempt, sent=sent, received=received, error=self.error(attempt.error))

    def mapped(self, one: ElementRun) -> ElementRun:
        """An element of a mapped stage."""
        origin = _bare(one.origin) if Redact.EVIDENCE in self.parts else one.origin
        return replace(one, origin=origin, error=self.error(one.error))


def _unsent(sent: Sent) -> Sent:
    if sent.is_missing:
        return sent
    told = _said(PROMPTS, sent.digest)
    turns = tuple(Turn(turn.role, told) for turn in sent.turns)
    return replace(sent, system=told if sent.system else None, turns=turns, schema=None)


def _unreceived(received: Received) -> Received:
    body = _said(ANSWERS, received.digest) if received.body else None
    return replace(received, body=body, headers=None)


def _bare(origin: Origin) -> Origin:
    """Where an element stood, without who said it and when."""
    return replace(origin, speaker="", time="", key="")


def _said(label: str, digest: str | None) -> Text:
    text = f"{label} {digest}" if digest else label
    return Text(text, len(text))
