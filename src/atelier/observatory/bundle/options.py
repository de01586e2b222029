"""What of a run a file leaves out, and the file that was made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from re import compile as pattern

from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError

_UNFIT = pattern(r"[^0-9A-Za-z_-]+")


class Redact(StrEnum):
    """A part of a run that can be withheld."""

    EVIDENCE = "evidence"
    PROMPTS = "prompts"
    ANSWERS = "answers"
    SUBJECT = "subject"
    PARAMETERS = "parameters"


# What repeats a part word for word cannot stay where that part goes.
_CARRIED_BY: dict[Redact, frozenset[Redact]] = {
    Redact.EVIDENCE: frozenset({Redact.PROMPTS, Redact.ANSWERS}),
    Redact.ANSWERS: frozenset({Redact.PROMPTS}),
}
_TOLD = {
    Redact.EVIDENCE: "the words of the evidence, its quotes, and every passage that repeats them",
    Redact.PROMPTS: "prompts: their files, and what was sent",
    Redact.ANSWERS: "answers as they were received, what stages made of them, and how they failed",
    Redact.SUBJECT: "whom or what the run is about, wherever it is named",
    Redact.PARAMETERS: "the values of the parameters, wherever they stand",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What is withheld, and whether evidence that nothing rests on is left out."""

    redact: frozenset[Redact] = frozenset()
    only_cited: bool = False

    @property
    def withheld(self) -> tuple[Redact, ...]:
        """All that is withheld: what was asked for, and what would repeat it.

        Example:
            >>> [part.value for part in Options(frozenset({Redact.ANSWERS})).withheld]
            ['prompts', 'answers']
        """
        found = set(self.redact)
        for part in self.redact:
            found |= _CARRIED_BY.get(part, frozenset())
        if self.only_cited:  # what is sent shows all of a slice
            found.add(Redact.PROMPTS)
        return tuple(part for part in Redact if part in found)

    @property
    def told(self) -> tuple[tuple[str, str], ...]:
        """What is withheld, each by its name and as words for a reader."""
        parts = [(part.value, _TOLD[part]) for part in self.withheld]
        left_out = [("uncited", "evidence that nothing rests on")] if self.only_cited else []
        return (*parts, *left_out)


def parse_redactions(names: Iterable[str]) -> frozenset[Redact]:
    """Parts by their names.

    Raises:
        SetupError: one of them is no part.
    """
    known = {part.value: part for part in Redact}
    wanted = list(names)
    strange = [name for name in wanted if name not in known]
    if strange:
        raise SetupError(
            "export.redact",
            "This is nothing that a file can withhold.",
            facts={"given": ", ".join(strange), "known": ", ".join(known)},
            next_step="Name one of these parts.",
        )
    return frozenset(known[name] for name in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One run as one file. `asked` is the run that was named, where it was served from `run`."""

    run: str
    asked: str
    data: bytes = field(repr=False)
    withheld: tuple[str, ...] = ()
    only_cited: bool = False

    @property
    def digest(self) -> str:
        """The digest of the file: equal runs and options give equal bytes."""
        return digest_bytes(self.data)

    @property
    def name(self) -> str:
        """A name for the file; a copied ledger may hold an id that is no part of a path."""
        return f"run-{_UNFIT.sub('', self.run)[:64]}.html"
