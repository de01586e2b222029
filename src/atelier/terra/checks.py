"""The single checks of a claim: each looks at one thing and says what it saw."""

from collections.abc import Iterable, Sequence

from atelier.kernel.evidence import Check, CheckOutcome
from atelier.terra.corpus import Corpus, merged
from atelier.terra.lexicon import CONDITIONS, HEDGES, MODALS, NEGATIONS
from atelier.terra.marks import quotations
from atelier.terra.names import initials, names
from atelier.terra.numbers import amounts
from atelier.terra.quotes import find_quote
from atelier.terra.words import stem, words

RULES = "terra: rules@1"


def check(name: str, outcome: CheckOutcome, detail: str = "") -> Check:
    """One check made by these rules."""
    return Check(name=name, outcome=outcome, detail=detail, by=RULES)


def number_check(text: str, corpus: Corpus) -> Check | None:
    """Whether every number, date and time of a claim occurs in the packet; None where it has none."""
    stated = amounts(text)
    if not stated:
        return None
    missing = stated.missing_from(corpus.amounts)
    return _found("number", missing)


def name_check(text: str, corpus: Corpus) -> Check | None:
    """Whether every name of a claim occurs in the packet; None where it has none.

    A word that starts a sentence may be no name, so its absence only warns.
    """
    found = names(text)
    if not found:
        return None
    absent = [name for name in found if not knows(corpus, name.folded)]
    missing = [name.text for name in absent if not name.initial]
    if missing or not absent:
        return _found("name", missing)
    detail = f"{absent[0].text} is not in the packet, if it is a name"
    return check("name", CheckOutcome.WARN, detail)


def knows(corpus: Corpus, name: str) -> bool:
    """Whether a folded name, each part of it, is in the packet; initials of known names count."""
    parts = words(name.replace("-", " "))
    return name in corpus.acronyms or all(
        part in corpus.vocabulary or stem(part) in corpus.postings for part in parts
    )


def _found(name: str, missing: Sequence[str]) -> Check:
    if not missing:
        return check(name, CheckOutcome.PASS)
    detail = f"nowhere in the packet: {', '.join(dict.fromkeys(missing))}"
    return check(name, CheckOutcome.FAIL, detail)


def negation_check(claim: Iterable[str], window: Iterable[str]) -> Check | None:
    """A warning where one side denies and the other does not; alone it decides nothing."""
    here = sum(word in NEGATIONS for word in claim)
    there = sum(word in NEGATIONS for word in window)
    if here % 2 == there % 2:
        return check("negation", CheckOutcome.PASS) if here else None
    side = "the claim" if here % 2 else "the evidence"
    return check("negation", CheckOutcome.WARN, f"only {side} is negated")


def modality_check(claim: Iterable[str], window: Iterable[str]) -> Check | None:
    """A warning where the evidence is hedged or conditional and the claim is not."""
    soft = MODALS | HEDGES | CONDITIONS
    hedged = [word for word in window if word in soft]
    if not hedged:
        return None
    if soft.intersection(claim):
        return check("modality", CheckOutcome.PASS)
    return check("modality", CheckOutcome.WARN, f"the evidence says {hedged[0]!r}")


def absent(sentence: str, evidence: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The numbers, dates, names and quotes of a sentence that none of some texts holds.

    `known` are words that need no evidence, such as a packet's parameters. For the sentence that
    an artefact prints and the quotes of the claims that it names.

    Example:
        >>> absent("Maya slept 5 hours: “I slept well”.", ["I slept four hours"], ["maya"])
        ['5 hour', '“I slept well”']
    """
    vocabulary = {stem(word) for text in (*evidence, *known) for word in words(text)}
    acronyms = {letters for text in evidence for letters in initials(text.split())}
    there = merged([amounts(text) for text in (*evidence, *known)])
    return [
        *amounts(sentence).missing_from(there),
        *(
            name.text
            for name in names(sentence)
            if not name.initial
            if name.folded not in acronyms
            if not vocabulary.issuperset(map(stem, words(name.folded.replace("-", " "))))
        ),
        *(
            f"“{quotation.text}”"
            for quotation in quotations(sentence)
            if quotation.is_claim and not any(find_quote(quotation.text, text) for text in evidence)
        ),
    ]
