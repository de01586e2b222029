"""The coach's page, and its stand-in: the grounded statements laid out under their headings."""

from collections.abc import Iterator

from pydantic import BaseModel
from session import Program, spoken_date

from atelier import Passage, soqratic, terra
from atelier.kernel.evidence import ClaimKind, GroundedClaim


class Synthesis(BaseModel):
    """One page: a title, and passages that name the claims they rest on."""

    title: str
    passages: list[Passage]


def fill(  # noqa: PLR0917 - it has the inputs of the stage that it stands in for
    contested: terra.Grounded,
    crosschecked: terra.Grounded,
    review: soqratic.Review,
    program: Program,
    session: str,
) -> Synthesis:
    """The page by template: every statement as it was grounded, and the review's question."""
    day = program.sessions[session]
    return Synthesis(
        title=f"{program.name}, session {session}, {spoken_date(day)} {day.year}",
        passages=[*sections_of(contested), *sections_of(crosschecked), *_asked(review)],
    )


def sections_of(prose: terra.Grounded) -> Iterator[Passage]:
    """A passage for each heading of a text: a list with an item for each of its paragraphs."""
    heading = ""
    items: list[list[GroundedClaim]] = []
    end = 0
    for claim in prose.claims:
        if claim.claim.kind is ClaimKind.HEADING:
            yield from _section(heading, items)
            heading, items = claim.claim.text, []
        elif items and "\n" not in prose.text[end : claim.claim.span.start]:
            items[-1].append(claim)
        else:
            items.append([claim])
        end = claim.claim.span.end
    yield from _section(heading, items)


def _section(heading: str, items: list[list[GroundedClaim]]) -> Iterator[Passage]:
    if items:
        lines = [" ".join(claim.claim.text for claim in item) for item in items]
        claims = tuple(claim.claim.id for item in items for claim in item)
        yield Passage(heading=heading, text="\n".join(f"- {line}" for line in lines), claims=claims)


def _asked(review: soqratic.Review) -> Iterator[Passage]:
    if review.question:
        yield Passage(heading="The next question", text=review.question.text)
