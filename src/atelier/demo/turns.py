"""The turns of the story: what was changed, what happened to a run, and what the coach said of claims."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from atelier.demo.events import Event, Jot, Judge, Replace, RunSession, Serve, Write
from atelier.demo.settings import settings

MINI, LARGE = "openai:gpt-5-mini", "openai:gpt-5"
_LOCK = """\
["openai:gpt-5-mini"]
snapshot = "gpt-5-mini-2025-08-07"
policy = "pin"
"""
_GLASSWARE = (
    "Glassware all day. I did not send the methods chapter to Henrik on Monday. It sits in drafts, "
    "with the file attached. Slept six hours."
)
# A slip that a type checker would find: the session of a commitment is taken for its day.
_WHOLE, _BROKEN = (
    "{spoken_date(commitment.due)} is open",
    "{spoken_date(commitment.made_in)} is open",
)


def at(day: str, clock: str) -> datetime:
    """A moment of the story.

    Example:
        >>> at("2026-03-12", "17:40").isoformat()
        '2026-03-12T17:40:00+00:00'
    """
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=UTC)


def changes() -> Iterator[Event]:
    """What is changed in the project itself: bindings, prompts, helpers, the lock."""
    yield Write(at=at("2025-10-01", "08:00"), path="/atelier.toml", text=settings())
    yield Write(at=at("2025-11-17", "09:30"), path="/atelier.toml", text=settings({"writer": MINI}))
    yield Replace(
        at=at("2025-12-01", "10:10"),
        path="/prompts/house.md",
        old="- No praise, no diagnosis, no advice, no summary of the summary.",
        new="- No praise, no diagnosis, no advice, no summary of the summary.\n"
        "- A student who hesitates is quoted with the hesitation.",
    )
    yield Replace(
        at=at("2025-12-09", "11:20"), path="/crosscheck.py", old="TRACES = 2", new="TRACES = 3"
    )
    yield Replace(at=at("2025-12-17", "18:05"), path="/crosscheck.py", old=_WHOLE, new=_BROKEN)
    yield Replace(at=at("2025-12-18", "09:12"), path="/crosscheck.py", old=_BROKEN, new=_WHOLE)
    yield Write(
        at=at("2026-01-12", "09:00"),
        path="/atelier.toml",
        text=settings({"writer": MINI, "grounder": MINI}),
    )
    yield Serve(at=at("2026-01-20", "00:00"), alias="gpt-5-mini", served="gpt-5-mini-2025-08-07")
    yield Write(
        at=at("2026-01-26", "09:00"),
        path="/atelier.toml",
        text=settings({"writer": MINI, "grounder": MINI, "reviewer": MINI}),
    )
    yield Write(at=at("2026-02-02", "10:00"), path="/atelier.lock", text=_LOCK)
    yield Write(
        at=at("2026-02-16", "09:00"),
        path="/atelier.toml",
        text=settings({"writer": LARGE, "grounder": MINI, "reviewer": MINI}),
    )
    yield Replace(
        at=at("2026-03-04", "15:30"),
        path="/prompts/synthesis.md",
        old="- Every sentence repeats or shortens a claim",
        new="- Begin with what changed most.\n- Every sentence repeats or shortens a claim",
    )
    yield Replace(
        at=at("2026-03-04", "16:00"), path="/crosscheck.py", old="PASSAGE = 9", new="PASSAGE = 12"
    )
    yield Write(at=at("2026-03-20", "18:00"), path="/atelier.toml", text=settings())


def incidents() -> Iterator[Event]:
    """Runs that somebody had a reason for, and runs to which something happened."""
    yield RunSession(
        at=at("2025-11-17", "09:41"),
        student="amara",
        session="s2",
        refresh="draft",
        because="to see what the model makes of a session that we know",
    )
    yield RunSession(at=at("2025-12-01", "10:22"), student="yuki", session="s3")
    yield RunSession(at=at("2025-12-09", "11:31"), student="amara", session="s4")
    yield RunSession(at=at("2025-12-17", "18:22"), student="amara", session="s5")
    yield RunSession(at=at("2025-12-18", "09:20"), student="amara", session="s5")
    yield RunSession(
        at=at("2026-01-08", "12:00"),
        student="yuki",
        session="s6",
        refresh="draft",
        because="the coach found it too long",
    )
    yield RunSession(
        at=at("2026-01-15", "08:40"),
        student="amara",
        session="s7",
        refresh="draft",
        because="a sentence was attributed to the wrong person",
        mishaps=("forge", "forge", "forge"),
    )
    yield RunSession(
        at=at("2026-01-15", "09:15"),
        student="amara",
        session="s7",
        refresh="draft",
        because="once more after the answers were refused",
    )
    yield RunSession(
        at=at("2026-02-03", "19:30"),
        student="amara",
        session="s8",
        refresh="draft",
        because="before the supervision meeting",
        max_micros=900,
    )
    yield RunSession(
        at=at("2026-02-10", "19:05"),
        student="maya",
        session="s7",
        refresh="draft",
        because="asked for by Maya",
        stop="drained",
    )
    yield RunSession(
        at=at("2026-02-24", "09:30"),
        student="maya",
        session="s9",
        refresh="synthesis",
        because="the larger model may lay it out better",
        mishaps=("refuse",),
    )
    yield RunSession(
        at=at("2026-03-04", "15:44"),
        student="maya",
        session="s10",
        refresh="synthesis",
        because="to read the page under the new prompt",
        stop="killed",
    )
    yield RunSession(at=at("2026-03-04", "16:02"), student="maya", session="s10")
    yield Replace(
        at=at("2026-03-15", "20:10"),
        path="/artefacts/maya/s12.md",
        old="# Maya, session s12, 12 March 2026",
        new="# Maya, session s12, 12 March 2026 (with my notes)",
    )
    yield Jot(
        at=at("2026-03-16", "09:00"),
        student="maya",
        entries=[
            (
                113,
                "2026-03-10",
                _GLASSWARE,
            )
        ],
    )
    yield RunSession(at=at("2026-03-16", "09:05"), student="maya", session="s12")


def words() -> Iterator[Event]:
    """What the coach says of claims, weeks later or on the same evening."""
    told = (
        ("2026-01-09", "19:00", "yuki", "s6", "unverified", "supported", "She told me so herself."),
        (
            "2026-02-11",
            "20:15",
            "tomas",
            "s2",
            "partial",
            "supported",
            "The evidence is plain here.",
        ),
        (
            "2026-02-13",
            "08:20",
            "maya",
            "s8",
            "partial",
            "confirm",
            "Six wells, but not all figures.",
        ),
        (
            "2026-02-16",
            "08:20",
            "maya",
            "s8",
            "contested",
            "confirm",
            "Two are still in, I looked.",
        ),
        ("2026-03-13", "08:05", "maya", "s12", "contested", "confirm", "The mail sits in drafts."),
        ("2026-03-13", "08:09", "maya", "s12", "supported", "confirm", "As it was said."),
        (
            "2026-03-14",
            "18:30",
            "tomas",
            "s6",
            "contested",
            "supported",
            "Agnes signed afterwards.",
        ),
    )
    for day, clock, student, session, decided, verdict, reason in told:
        yield Judge(
            at=at(day, clock),
            student=student,
            session=session,
            decided=decided,
            verdict=verdict,
            reason=reason,
        )
