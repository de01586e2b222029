"""A coaching session, synthesized: what moved, what was agreed, where the sources disagree.

Run it from anywhere: `atelier run examples/coaching`, or with `student=tomas session=s6`.
"""

from typing import Annotated

from contested import contested
from crosscheck import crosscheck
from extract import extract
from prose import Prose
from session import (
    Commitment,
    Entry,
    Note,
    Program,
    Turn,
    Week,
    before_session,
    is_open,
    week_of,
)
from synthesis import Synthesis, fill

from atelier import (
    Artefact,
    Ask,
    Derived,
    Obligation,
    Packet,
    Subject,
    Workflow,
    soqratic,
    stage,
    terra,
)
from atelier.isilon import Markdown, Sql, WebVtt, Yaml

JOURNAL = """
select id, day, text from journal
where student = :student and day between :week_start and :week_end
order by day, id
"""


class Session(Packet):
    """Everything that one synthesis may rest on."""

    student: Annotated[str, Subject()]
    session: str
    program: Annotated[Program, Yaml("programs/{student}.yaml")]
    week: Annotated[Week, Derived(week_of)]
    transcript: Annotated[list[Turn], WebVtt("students/{student}/{session}.vtt")]
    prior_sessions: Annotated[
        list[Note], Markdown("students/{student}/notes/*.md", where=before_session)
    ]
    commitments: Annotated[
        list[Commitment], Yaml("students/{student}/commitments.yaml"), Obligation(when=is_open)
    ]
    journal: Annotated[list[Entry], Sql(JOURNAL, database="journal")]


@stage(model="writer", prompt="prompts/draft.md", offline=extract)
async def draft(  # noqa: PLR0917 - a stage has a parameter for each of its inputs
    ask: Ask[Prose], transcript: list[Turn], program: Program, commitments: list[Commitment]
) -> Prose:
    """What moved and what was agreed, as it was said."""
    return await ask(transcript=transcript, program=program, commitments=commitments)


@stage(model="writer", prompt="prompts/synthesis.md", offline=fill)
async def synthesis(  # noqa: PLR0917 - as above
    ask: Ask[Synthesis],
    contested: terra.Grounded,
    crosschecked: terra.Grounded,
    review: soqratic.Review,
    program: Program,
    session: str,
) -> Synthesis:
    """The page that the coach reads."""
    return await ask(
        contested=contested,
        crosschecked=crosschecked,
        review=review,
        program=program,
        session=session,
    )


grounded = terra.ground(draft)
crosschecked = terra.ground(crosscheck, name="crosschecked")

synthesize = Workflow(
    "synthesize-session",
    packet=Session,
    stages=[
        draft,
        crosscheck,
        grounded,
        crosschecked,
        contested,
        soqratic.review(contested),
        synthesis,
    ],
    artefact=Artefact(synthesis, "artefacts/{student}/{session}.md"),
)
