"""The page on artefacts shows what is really printed."""

from pathlib import Path
from re import DOTALL, search

from atelier.artefact.door import check
from atelier.artefact.markdown import render
from atelier.artefact.passage import Passage
from atelier.kernel.digest import digest
from atelier.kernel.evidence import (
    Address,
    Citation,
    Claim,
    GroundedClaim,
    Role,
    Span,
    Verdict,
    flag_of,
)

PAGE = Path(__file__).parents[2] / "docs/explanation/artefact.md"
PLACES = {
    "he hasn't answered my last two emails": "maya/s12.vtt:118 · Maya · 00:12:31",
    "I still haven't sent Henrik the methods chapter.": "maya/s12.vtt:131 · Maya · 00:14:02",
    "forty pages of draft now": "maya/s12.vtt:140 · Maya · 00:14:55",
    "The draft is thirty-two pages long.": "maya/notes/s11.md:9",
    "I keep putting the phone call off": "maya/s12.vtt:155 · Maya · 00:16:20",
}


def grounded(claim_id: str, text: str, verdict: Verdict, *cited: tuple[Role, str]) -> GroundedClaim:
    return GroundedClaim(
        claim=Claim(id=claim_id, span=Span(start=0, end=len(text)), text=text),
        verdict=verdict,
        citations=tuple(
            Citation(address=Address(slice="t", element=digest(quote)), quote=quote, role=role)
            for role, quote in cited
        ),
        flag=flag_of(verdict),
    )


def test_page_shows_a_real_artefact() -> None:
    quotes = list(PLACES)
    supports, contradicts = Role.SUPPORTS, Role.CONTRADICTS
    claims = [
        grounded("00000001", "Henrik has not answered her last two emails.", Verdict.SUPPORTED,
                 (supports, quotes[0])),
        grounded("00000002", "Maya sent the methods chapter to Henrik.", Verdict.CONTRADICTED,
                 (contradicts, quotes[1])),
        grounded("00000003", "The draft has 40 pages.", Verdict.CONTESTED,
                 (supports, quotes[2]), (contradicts, quotes[3])),
        grounded("00000004", "Maya keeps putting the phone call off.", Verdict.SUPPORTED,
                 (supports, quotes[4])),
    ]  # fmt: skip
    by_id = {claim.claim.id: claim for claim in claims}
    stated = " ".join(claim.claim.text for claim in claims[:3])
    passages = [
        Passage(heading="The thesis", text=f"{stated} She is thriving.", claims=tuple(by_id)[:3]),
        Passage(text="What would make the phone call easier?", claims=("00000004",)),
    ]
    faults = check(passages, by_id, also=["maya", "s12"], title="Maya, session 12")
    assert [fault.sentence for fault in faults] == ["She is thriving."]
    origins = {digest(quote): place for quote, place in PLACES.items()}
    done = render(
        "Maya, session 12",
        passages,
        by_id,
        origin=lambda address: origins[address.element],
        faults=faults,
        notes=["Without review: rate limited"],
    )
    shown = search(r"```markdown\n(.*?)```", PAGE.read_text(), DOTALL)
    assert shown is not None
    assert shown[1] == done.text
