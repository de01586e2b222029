"""What of a run a file leaves out, and the file that was made."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from re import compile as pattern

from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError
from atelier.observatory.bundle.masks import SHORTEST, is_looked_for

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
    """What is withheld: parts, texts, and whether evidence that nothing rests on is left out."""

    redact: frozenset[Redact] = frozenset()
    only_cited: bool = False
    hide: tuple[str, ...] = ()

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
        if self.only_cited:
            parts.append(("uncited", "evidence that nothing rests on"))
        named = [
            (name, "a text that was named to be hidden, wherever it stands") for name in self.hidden
        ]
        return (*parts, *named)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The texts that are hidden, each by a name that does not tell it.

        Example:
            >>> Options(hide=("maya@school.example",)).hidden, Options(hide=("Maya", "Lind")).hidden
            (('hidden',), ('hidden 1', 'hidden 2'))
        """
        if len(self.hide) == 1:
            return ("hidden",)
        return tuple(f"hidden {number}" for number, _ in enumerate(self.hide, start=1))


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


def parse_hidden(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts that are to be hidden, each once.

    Raises:
        SetupError: one is so short that it would be found in every other word.
    """
    wanted = tuple(dict.fromkeys(texts))
    if not all(is_looked_for(text) for text in wanted):
        raise SetupError(
            "export.hide",
            "This is too short to be looked for.",
            facts={"shortest": f"{SHORTEST} letters"},
            next_step="Name the words around it, or withhold the part that it stands in.",
        )
    return wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One run as one file. `asked` is the run that was named, where it was served from `run`.

    `hidden` counts the texts that were named; `unfound` tells what was to be withheld and stands
    nowhere in the run.
    """

    run: str
    asked: str
    data: bytes = field(repr=False)
    withheld: tuple[str, ...] = ()
    only_cited: bool = False
    hidden: int = 0
    unfound: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """The digest of the file: equal runs and options give equal bytes."""
        return digest_bytes(self.data)

    @property
    def name(self) -> str:
        """A name for the file; a copied ledger may hold an id that is no part of a path."""
        return f"run-{_UNFIT.sub('', self.run)[:64]}.html"
