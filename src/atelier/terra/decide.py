"""The fixed rules: what the evidence says of a unit, or that these rules cannot say.

Every quantity that a verdict or a choice of citation rests on is measured inside one window of
evidence, or asks whether anything at all in the packet matches. So evidence that shares nothing
with a claim cannot change what is decided on it; BM25 scores, which it can change, are not used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from atelier.kernel.evidence import (
    Check,
    CheckOutcome,
    Citation,
    Claim,
    FoundBy,
    GroundedClaim,
    Role,
    Verdict,
    flag_of,
)
from atelier.terra.align import left_over
from atelier.terra.attribution import attributed, without_frame
from atelier.terra.checks import check, modality_check, name_check, negation_check, number_check
from atelier.terra.corpus import Corpus
from atelier.terra.facts import Fact, affirms, denies, fact_of, facts_of
from atelier.terra.lexicon import HARMLESS
from atelier.terra.names import names
from atelier.terra.numbers import amounts
from atelier.terra.quoted import Finding, judge_quotes
from atelier.terra.retrieve import Retriever, Window
from atelier.terra.segment import Unit
from atelier.terra.words import content, words

SUPPORTED_SUBSEQUENCE = 0.95
SUPPORTED_BIGRAMS = 0.6
# Of a short claim so few pairs could stand apart in a long window by chance.
SHORT_BIGRAMS = 0.8
_LONG = 12
UNSUPPORTED_COVERAGE = 0.25
NEAR_COVERAGE = 0.5
_MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Sides:
    """Evidence that states the claim's amounts or polarity, and evidence that denies them."""

    supports: tuple[Citation, ...]
    contradicts: tuple[Citation, ...]


class Rules:
    """The rules over one packet's evidence."""

    def __init__(self, corpus: Corpus, declared: Sequence[Citation] = ()) -> None:
        self.corpus = corpus
        self.declared = tuple(declared)
        self._retriever = Retriever(corpus)
        self._known_facts: dict[int, list[Fact]] = {}

    def decide(self, unit: Unit, claim: Claim) -> tuple[GroundedClaim, dict[str, Any]]:
        """The verdict on a unit, and the scores behind it, which are no part of the value."""
        quoted = judge_quotes(unit, self.corpus, self.declared)
        if not claim.kind.needs_support:
            verdict = quoted.verdict or Verdict.OUT_OF_SCOPE
            return _grounded(claim, Finding(verdict, quoted.citations, quoted.checks)), {}
        claim_stems = content(unit.text)
        candidates = self._retriever.candidates(claim_stems)
        sides = self._sides(unit.text, candidates)
        if quoted.verdict in {Verdict.SUPPORTED, Verdict.PARTIAL}:
            return _grounded(claim, _weighed(quoted, sides)), {}
        if quoted.verdict is not None:  # a quote that does not stand settles the unit
            return _grounded(claim, quoted), {}
        window = self._best(unit.text, candidates)
        finding = self._judged(unit, window, has_content=bool(claim_stems))
        return _grounded(claim, _weighed(finding, sides)), _scores(window)

    def _judged(self, unit: Unit, window: Window | None, *, has_content: bool) -> Finding:
        absent = [
            found
            for found in (number_check(unit.text, self.corpus), name_check(unit.text, self.corpus))
            if found is not None
        ]
        near = self._near(window)
        if any(found.outcome is CheckOutcome.FAIL for found in absent):
            return Finding(Verdict.UNSUPPORTED, near, tuple(absent))
        if window is None or window.alignment.coverage < UNSUPPORTED_COVERAGE:
            verdict = Verdict.UNSUPPORTED if has_content else Verdict.UNVERIFIED
            low = check("coverage", CheckOutcome.FAIL, "no passage holds a quarter of its words")
            return Finding(verdict, (), (*absent, low) if has_content else tuple(absent))
        checks = (*absent, *self._checks(unit.text, window))
        if self._is_copy(unit.text, window) and all(
            found.outcome is CheckOutcome.PASS for found in checks
        ):
            return Finding(Verdict.SUPPORTED, (self._cited(window, Role.SUPPORTS),), checks)
        return Finding(Verdict.UNVERIFIED, near, checks)

    def _checks(self, text: str, window: Window) -> list[Check]:
        """The checks of a claim against its own window."""
        claim, evidence = words(text), words(window.passage.quote)
        found = [negation_check(claim, evidence), modality_check(claim, evidence)]
        speakers = attributed(text, self.corpus.speakers)
        speaker = window.passage.element.speaker
        if speakers and speaker:
            outcome = CheckOutcome.PASS if speaker in speakers else CheckOutcome.FAIL
            detail = "" if speaker in speakers else f"{speaker} says so, not {speakers[0]}"
            found.append(check("speaker", outcome, detail))
        return [item for item in found if item is not None]

    def _is_copy(self, text: str, window: Window) -> bool:
        """Whether the window says the claim in the claim's own words and order."""
        body = without_frame(text)
        claim = words(body)
        align = window.alignment if body == text else self._aligned(body, window)
        quote = window.passage.quote
        spoken = {*words(quote), *words(window.passage.element.speaker)}
        return (
            len(claim) >= _MIN_WORDS
            and align.subsequence >= SUPPORTED_SUBSEQUENCE
            and align.bigrams >= (SUPPORTED_BIGRAMS if len(claim) >= _LONG else SHORT_BIGRAMS)
            and align.coverage == 1.0
            and HARMLESS.issuperset(left_over(claim, words(quote)))
            and not amounts(text).missing_from(amounts(quote))
            and all(spoken.issuperset(words(name.text)) for name in names(text))
        )

    def _aligned(self, body: str, window: Window) -> Any:
        found = self._retriever.windows(words(body), window.index)
        same = [item for item in found if item.passage == window.passage]
        return same[0].alignment

    def _best(self, text: str, candidates: Sequence[int]) -> Window | None:
        claim = words(without_frame(text))
        windows = [
            (window, order)
            for order, index in enumerate(candidates)
            for window in self._retriever.windows(claim, index)
        ]
        if not windows:
            return None
        return max(windows, key=lambda item: (*self._rank(item[0]), -item[1]))[0]

    def _rank(self, window: Window) -> tuple[float, ...]:
        alignment = window.alignment
        is_declared = any(map(window.passage.is_cited_by, self.declared))
        length = window.passage.span.end - window.passage.span.start
        return (
            alignment.coverage,
            alignment.subsequence,
            alignment.bigrams,
            is_declared,
            -length,
        )

    def _cited(self, window: Window, role: Role) -> Citation:
        by_stage = any(map(window.passage.is_cited_by, self.declared))
        found_by = FoundBy.STAGE if by_stage else FoundBy.RETRIEVAL
        return window.passage.citation(role=role, found_by=found_by)

    def _near(self, window: Window | None) -> tuple[Citation, ...]:
        """The closest passage, where it is close: shown beside the claim, not said to support it."""
        if window is None or window.alignment.coverage < NEAR_COVERAGE:
            return ()
        return (self._cited(window, Role.QUALIFIES),)

    def _facts(self, index: int) -> list[Fact]:
        if index not in self._known_facts:
            self._known_facts[index] = list(facts_of(self.corpus, index))
        return self._known_facts[index]

    def _sides(self, text: str, candidates: Sequence[int]) -> _Sides:
        claim = fact_of(text, self.corpus.speakers)
        supports: list[Citation] = []
        contradicts: list[Citation] = []
        for index in sorted(candidates):
            for fact in self._facts(index):
                if fact.passage is None:
                    continue
                if denies(claim, fact):
                    contradicts.append(fact.passage.citation(role=Role.CONTRADICTS))
                elif affirms(claim, fact):
                    supports.append(fact.passage.citation())
        return _Sides(tuple(supports[-1:]), tuple(contradicts[-1:]))


def _weighed(finding: Finding, sides: _Sides) -> Finding:
    """The finding with the other side's evidence taken in: contradicted, or contested."""
    if not sides.contradicts:
        return finding
    supports = tuple(citation for citation in finding.citations if citation.role is Role.SUPPORTS)
    supported = finding.verdict in {Verdict.SUPPORTED, Verdict.PARTIAL}
    cited = supports if supported else sides.supports
    if cited:
        return Finding(Verdict.CONTESTED, (*cited, *sides.contradicts), finding.checks)
    return Finding(Verdict.CONTRADICTED, sides.contradicts, finding.checks)


def _grounded(claim: Claim, finding: Finding) -> GroundedClaim:
    verdict = finding.verdict or Verdict.UNVERIFIED
    return GroundedClaim(
        claim=claim,
        verdict=verdict,
        citations=finding.citations,
        checks=finding.checks,
        flag=flag_of(verdict),
    )


def _scores(window: Window | None) -> dict[str, Any]:
    if window is None:
        return {}
    alignment = window.alignment
    return {
        "window": window.passage.element.handle,
        "coverage": round(alignment.coverage, 3),
        "subsequence": round(alignment.subsequence, 3),
        "bigrams": round(alignment.bigrams, 3),
    }
