"""Footnotes: each citation once, numbered as it first appears."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from atelier.artefact.escape import escape
from atelier.kernel.evidence import Address, Citation, GroundedClaim, Role

_Key = tuple[Address, str, Role]


@dataclass(slots=True)
class Note:
    """One footnote: what it quotes, the claims it stands for, and where it was first needed."""

    number: int
    citation: Citation
    passage: int
    claims: list[str] = field(default_factory=list[str])
    is_labelled: bool = False


class Footnotes:
    """The footnotes of one artefact; equal citations share a number."""

    def __init__(self, origin: Callable[[Address], str]) -> None:
        self._origin = origin
        self._notes: dict[_Key, Note] = {}

    @property
    def notes(self) -> list[Note]:
        """The footnotes in the order of their numbers."""
        return list(self._notes.values())

    def refer(self, claims: Sequence[GroundedClaim], passage: int) -> str:
        """The references to all citations of these claims, as they stand behind a sentence."""
        numbers: list[int] = []
        for claim in claims:
            for citation in claim.citations:
                note = self._note(citation, passage)
                if claim.claim.id not in note.claims:
                    note.claims.append(claim.claim.id)
                note.is_labelled |= bool(claim.flag) or citation.role is not Role.SUPPORTS
                numbers.append(note.number)
        return "".join(f"[^{number}]" for number in dict.fromkeys(numbers))

    def cite(self, citations: Sequence[Citation], passage: int) -> str:
        """The references of a sentence that rests on citations and on no claim."""
        numbers = [self._note(citation, passage).number for citation in citations]
        return "".join(f"[^{number}]" for number in dict.fromkeys(numbers))

    def _note(self, citation: Citation, passage: int) -> Note:
        key = (citation.address, citation.quote, citation.role)
        found = self._notes.get(key)
        if found is None:
            found = self._notes[key] = Note(len(self._notes) + 1, citation, passage)
        return found

    def line(self, note: Note) -> str:
        """A footnote as it is printed; a contested claim's footnotes say which side they take."""
        side = f"{note.citation.role.value}: " if note.is_labelled else ""
        place = escape(self._origin(note.citation.address))
        tail = f" — {place}" if place else ""
        return f"[^{note.number}]: {side}“{escape(note.citation.quote)}”{tail}"
