"""Which of a passage's claims a sentence rests on: those that really carry its words."""

from collections.abc import Sequence
from dataclasses import dataclass

from atelier.artefact.wording import Wording, wording
from atelier.kernel.evidence import GroundedClaim
from atelier.terra.words import stem

# One claim carries a sentence alone when it holds this share of its content words; several
# together must hold more, since words from many places make a new statement more easily.
ALONE = 0.7
TOGETHER = 0.8
# The claims' own texts must hold this share: evidence alone is not what was grounded.
BY_TEXT = 1 / 3
# So many words a claim must add before it helps others to carry a sentence: one word of another
# claim, such as its verb, makes a statement that nobody made.
A_CLAUSE = 2
# A sentence restates a claim when it holds this share of what tells the claim apart.
RESTATED = 0.8


@dataclass(frozen=True, eq=False)
class Footing:
    """A claim with the wording of its text and quotes, and all that they hold together.

    Each is itself: claims are told apart by identity, which costs nothing.
    """

    claim: GroundedClaim
    said: Wording
    quoted: tuple[Wording, ...]
    held: frozenset[str]

    def covers(self, content: frozenset[str]) -> frozenset[str]:
        """The content words that the claim or its evidence holds."""
        return content & self.held


@dataclass(frozen=True, slots=True)
class Basis:
    """What a sentence rests on; `exact` where it is the text of each of these claims.

    A question or an advice states nothing: its passage's claims are its `occasion`.
    """

    claims: tuple[Footing, ...] = ()
    exact: bool = False
    occasion: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags of the claims that the sentence states, each once."""
        if self.occasion:
            return ()
        return tuple(dict.fromkeys(f.claim.flag for f in self.claims if f.claim.flag))


def footing_of(claim: GroundedClaim) -> Footing:
    """A claim, ready to be compared with sentences."""
    said = wording(claim.claim.text)
    quoted = tuple(wording(citation.quote) for citation in claim.citations)
    held = said.all.union(said.key, *(quote.all | quote.key for quote in quoted))
    return Footing(claim, said, quoted, held)


def basis_of(sentence: str, named: Sequence[Footing]) -> Basis:
    """The claims, of those that a passage names, that carry a sentence; none where none do.

    A claim of the same text carries it exactly. Otherwise the claim whose text shares most of
    its content words does, and each further one whose text adds a word, a name or a number; see
    `ALONE`, `TOGETHER`, `BY_TEXT`. A flagged claim that the sentence restates is always among
    them.
    """
    said = wording(sentence)
    exact = tuple(footing for footing in named if footing.said.plain == said.plain)
    if exact:
        return Basis(exact, exact=True)
    wanted = _meaning(said)
    chosen = _chosen(said, wanted, named)
    if not _is_carried(wanted, chosen, said):
        return Basis()
    flagged = (f for f in named if f.claim.flag and f not in chosen and restates(said, f.said))
    return Basis((*chosen, *flagged))


def restates(said: Wording, claim: Wording) -> bool:
    """Whether a sentence states what a claim states, in nearly its words.

    Example:
        >>> restates(wording("So Maya ran 7 km."), wording("Maya ran 7 km on Monday."))
        True
        >>> restates(wording("Maya ran 7 km."), wording("Maya did not run 7 km."))
        False
    """
    if said.plain == claim.plain:
        return True
    if said.negated != claim.negated or claim.amounts.missing_from(said.amounts):
        return False
    shared = len(said.key & claim.key)
    return shared > 0 and shared >= RESTATED * len(claim.key)


def similarity(said: Wording, claim: Wording) -> float:
    """How much two statements have in common, between 0 and 1."""
    one, other = said.key, claim.key
    return len(one & other) / (len(one | other) or 1)


def _meaning(said: Wording) -> frozenset[str]:
    """The content words; the one a sentence starts with may be a name, which has its own rule.

    An inflected word such as "Running" is none.
    """
    first = said.initial.casefold()
    return said.content - {first} if stem(first) == first else said.content


def _chosen(said: Wording, wanted: frozenset[str], named: Sequence[Footing]) -> tuple[Footing, ...]:
    """Claims from the one that says most of it, each adding something that the earlier lack."""
    demand = wanted | said.key
    ranked = sorted(
        named,
        key=lambda f: (
            len(wanted & f.said.all),
            len(f.covers(wanted)),
            len(f.covers(demand)),
            similarity(said, f.said),
        ),
        reverse=True,
    )
    first, *others = ranked or (None,)
    if first is None or not first.covers(demand):
        return ()
    chosen = [first]
    missing = demand - first.held
    for footing in others:
        gained = missing & (footing.said.all | footing.said.key)
        if gained:
            chosen.append(footing)
            missing -= gained
    return tuple(chosen)


def _is_carried(wanted: frozenset[str], chosen: Sequence[Footing], said: Wording) -> bool:
    if not chosen:
        return False
    if not wanted:  # names and numbers alone; their own rules look at them
        return bool(said.key) and chosen[0].held.issuperset(said.key)
    most = max(len(footing.covers(wanted)) for footing in chosen)
    by_text = wanted & frozenset[str]().union(*(footing.said.all for footing in chosen))
    enough = most >= ALONE * len(wanted) or len(_together(wanted, chosen)) >= TOGETHER * len(wanted)
    return enough and len(by_text) >= BY_TEXT * len(wanted)


def _together(wanted: frozenset[str], chosen: Sequence[Footing]) -> frozenset[str]:
    """The content words that several claims hold, each at least a clause of the sentence."""
    found = frozenset[str]()
    for footing in chosen:
        gained = (wanted & footing.said.all) - found
        if len(gained) >= A_CLAUSE:
            found |= gained
    return found
