"""A week of evidence, and passages that state what it carries."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from atelier.artefact.passage import Passage
from atelier.kernel.digest import digest
from atelier.kernel.evidence import (
    Address,
    Citation,
    Claim,
    ClaimKind,
    GroundedClaim,
    Role,
    Span,
    Verdict,
    claim_ids,
    flag_of,
)

S, P, X = Role.SUPPORTS, Role.QUALIFIES, Role.CONTRADICTS
WEEK: dict[str, tuple[str, Verdict, tuple[tuple[Role, str], ...]]] = {
    "slept": (
        "Maya slept four hours before the exam on Tuesday.",
        Verdict.SUPPORTED,
        ((S, "I got, um, four hours before the exam on Tuesday"),),
    ),
    "ran": (
        "She ran 5 km with Noah on Saturday.",
        Verdict.SUPPORTED,
        ((S, "Noah and I did five kilometres on Saturday and it felt easy, we ran slowly"),),
    ),
    "sent": (
        "Maya sent the methods chapter to Henrik.",
        Verdict.CONTRADICTED,
        ((X, "I still haven't sent Henrik the methods chapter."),),
    ),
    "pages": (
        "The draft has 40 pages.",
        Verdict.CONTESTED,
        ((S, "forty pages of draft now"), (X, "The draft is thirty-two pages long.")),
    ),
    "calmer": ("She feels calmer about the defence.", Verdict.UNVERIFIED, ()),
    "call": (
        "Maya said: “I keep putting the phone call off.”",
        Verdict.SUPPORTED,
        ((S, "Honestly I keep putting the phone call off."),),
    ),
    "wrote": (
        "She wrote every morning for two weeks.",
        Verdict.PARTIAL,
        ((S, "I wrote most mornings, two weeks in a row"), (P, "not at the weekend though")),
    ),
    "form": (
        "The scholarship form is due on 14 March 2026.",
        Verdict.SUPPORTED,
        ((S, "The scholarship form is due 14 March 2026."),),
    ),
    "emails": (
        "Henrik has not answered her last two emails.",
        Verdict.SUPPORTED,
        ((S, "he hasn't answered my last two emails, Henrik"),),
    ),
    "rent": (
        "Rent takes 60% of her stipend.",
        Verdict.SUPPORTED,
        ((S, "sixty percent of my stipend goes to rent"),),
    ),
    "rest": ("Rest is the ground that good work grows on.", Verdict.OUT_OF_SCOPE, ()),
}


@dataclass(frozen=True)
class Week:
    """Claims by id, and the way from a short name to an id."""

    claims: dict[str, GroundedClaim]
    ids: dict[str, str]

    def passage(self, text: str, *names: str, heading: str = "") -> Passage:
        return Passage(text=text, claims=tuple(self.ids[name] for name in names), heading=heading)

    def text(self, name: str) -> str:
        return self.claims[self.ids[name]].claim.text


def _grounded(number: int, claim_id: str) -> GroundedClaim:
    text, verdict, cited = list(WEEK.values())[number]
    return GroundedClaim(
        claim=Claim(id=claim_id, span=Span(start=0, end=len(text)), text=text, kind=ClaimKind.FACT),
        verdict=verdict,
        citations=tuple(
            Citation(
                address=Address(slice="transcript", element=digest(quote), pointer="/text"),
                quote=quote,
                role=role,
            )
            for role, quote in cited
        ),
        flag=flag_of(verdict),
    )


@pytest.fixture(scope="session")
def week() -> Week:
    ids = claim_ids([text for text, _, _ in WEEK.values()])
    claims = {claim_id: _grounded(number, claim_id) for number, claim_id in enumerate(ids)}
    return Week(claims, dict(zip(WEEK, ids, strict=True)))


@pytest.fixture(scope="session")
def good(week: Week) -> list[Passage]:
    """Passages without a fault: verbatim, reworded, merged, flagged, asked, advised."""
    p = week.passage
    return [
        p(f"{week.text('slept')} {week.text('ran')}", "slept", "ran", heading="Body"),
        p("Before the exam on Tuesday, Maya slept only four hours.", "slept"),
        p("On Saturday she ran 5 km with Noah, and it felt easy.", "ran"),
        p("She slept four hours before the exam and ran 5 km with Noah.", "ran", "slept"),
        p(f"{week.text('sent')} {week.text('pages')}", "sent", "pages", heading="The thesis"),
        p("Maya wrote every morning for two weeks, and feels calmer.", "wrote", "calmer"),
        p(week.text("calmer"), "calmer", "slept"),
        p(week.text("wrote"), "wrote"),
        p("Henrik hasn't answered two of her emails.\n\nHe is silent?", "emails"),
        p(week.text("call"), "call", heading="What Maya avoids"),
        p("She keeps “putting the phone call off”.", "call"),
        p("What would make the phone call easier for Maya?", "call"),
        p("Consider asking Noah to sit beside you.", "ran"),
        p(f"- {week.text('form')}\n- {week.text('rent')}", "form", "rent", heading="Next"),
        p("The form for the scholarship is due on 2026-03-14.", "form"),
        p("60 percent of her stipend goes to rent.", "rent"),
    ]


@pytest.fixture(scope="session")
def origin() -> Callable[[Address], str]:
    return lambda address: f"maya/s12.vtt:{int(address.element[7:9], 16)} · Maya · 00:12:31"
