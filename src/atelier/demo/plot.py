"""The plot: five months of a coach and her students, with what changed, failed and was mended."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from atelier.demo.cast import Student, read_cast
from atelier.demo.events import Copy, Event, Jot, Mishap, Replace, RunSession, Serve, Write
from atelier.demo.scenes import Scene, intake, program
from atelier.demo.settings import settings

MINI, LARGE = "openai:gpt-5-mini", "openai:gpt-5"
# What happens to the first requests of a session's first run.
_MISHAPS: Mapping[tuple[str, str], tuple[Mishap, ...]] = {
    ("felix", "s3"): ("busy", "busy"),
    ("yuki", "s6"): ("garble",),
    ("maya", "s8"): ("rate", "reset"),
    ("amara", "s9"): ("forge",),
    ("ines", "s5"): ("busy",),
}
_SMALL = frozenset({"amara", "maya"})
# In a small history only what happens from here on, and only with some of the students.
_SMALL_FROM = date(2026, 2, 1)
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


def whole_history() -> list[Event]:
    """Everything that happens, in order."""
    events = [*_changes(), *_incidents()]
    for student in read_cast():
        events += _life_of(student)
    return _in_order(events)


def small_history() -> list[Event]:
    """A few weeks with two students: each kind of thing that happens, once."""
    lives = [
        event
        for student in read_cast()
        if student.id in _SMALL
        for event in _life_of(student)
        if not isinstance(event, RunSession) or event.at.date() >= _SMALL_FROM
    ]
    others = [
        event
        for event in (*_changes(), *_incidents())
        if event.at.date() >= _SMALL_FROM or isinstance(event, Serve) or not _is_felt(event)
        if not isinstance(event, RunSession) or event.student in _SMALL
    ]
    return _in_order([*lives, *others])


def _is_felt(event: Event) -> bool:
    """Whether an early event costs a small history a run, or a process of its own."""
    return isinstance(event, RunSession | Replace) or not isinstance(event, Write)


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda one: one.at)


def at(day: str, clock: str) -> datetime:
    """A moment of the story.

    Example:
        >>> at("2026-03-12", "17:40").isoformat()
        '2026-03-12T17:40:00+00:00'
    """
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=UTC)


def _life_of(student: Student) -> Iterator[Event]:
    """A student's sessions: the evidence comes in, the page is made, read again, made anew."""
    first = _noon(student.days[0]) - timedelta(days=6)
    if student.own:
        yield Write(at=first, path=f"programs/{student.id}.yaml", text=program(student))
        yield Write(at=first, path=f"students/{student.id}/notes/s0.md", text=intake(student))
    else:
        yield Copy(at=first, path=f"programs/{student.id}.yaml")
        yield Copy(at=first, path=f"students/{student.id}/notes")
    for place, name, day in student.iter_sessions():
        scene = Scene(student, place, name, day)
        yield from _of_example(scene) if name == student.last else _evidence(scene)
        yield from _runs(scene)


def _evidence(scene: Scene) -> Iterator[Event]:
    """What is written around a session; the last journal entry comes in two days late."""
    base = f"students/{scene.student.id}"
    evening = _noon(scene.day) + timedelta(hours=4)
    entries = scene.journal(_number(scene))
    yield Write(at=evening, path=f"{base}/{scene.name}.vtt", text=scene.transcript())
    yield Write(at=evening, path=f"{base}/commitments.yaml", text=scene.commitments())
    yield Jot(at=evening, student=scene.student.id, entries=entries[:2])
    late = evening + timedelta(days=2) if scene.disputed else evening
    yield Jot(at=late, student=scene.student.id, entries=entries[2:])
    if scene.student.own:
        note = f"{base}/notes/{scene.name}.md"
        yield Write(at=evening + timedelta(days=3), path=note, text=scene.note())


def _of_example(scene: Scene) -> Iterator[Event]:
    """The example's own session, with all of its evidence."""
    base, evening = f"students/{scene.student.id}", _noon(scene.day) + timedelta(hours=4)
    yield Copy(at=evening, path=f"{base}/{scene.name}.vtt")
    yield Copy(at=evening, path=f"{base}/commitments.yaml")
    yield Copy(at=evening, path=f"journal.csv#{scene.student.id}")


def _runs(scene: Scene) -> Iterator[Event]:
    """The page is made in the evening, read in the morning, and made anew where evidence came."""
    made = _noon(scene.day) + timedelta(hours=5, minutes=7 * (scene.place % 8) + 3)
    student, name = scene.student.id, scene.name
    mishaps = _MISHAPS.get((student, name), ())
    yield RunSession(at=made, student=student, session=name, mishaps=mishaps)
    if scene.place % 2 == 0 or name == scene.student.last:
        again = made + timedelta(hours=14, minutes=11)
        yield RunSession(at=again, student=student, session=name)
    if scene.disputed:
        after = made + timedelta(days=2, minutes=31)
        yield RunSession(at=after, student=student, session=name)
        if scene.place % 4 == 1:
            yield RunSession(at=after + timedelta(days=1), student=student, session=name)


def _changes() -> Iterator[Event]:
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


def _incidents() -> Iterator[Event]:
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


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _number(scene: Scene) -> int:
    """The number of a scene's first journal entry: a block for each student and session."""
    names = [student.id for student in read_cast()]
    return 1000 * (names.index(scene.student.id) + 1) + 10 * scene.place + 1
