"""The plot: five months of a coach and her students, with what changed, failed and was mended."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta

from atelier.demo.cast import Student, read_cast
from atelier.demo.events import Copy, Event, Jot, Judge, Mishap, Replace, RunSession, Serve, Write
from atelier.demo.scenes import Scene, intake, program
from atelier.demo.turns import changes, incidents, words

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


def whole_history() -> list[Event]:
    """Everything that happens, in order."""
    events = [*changes(), *incidents(), *words()]
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
        for event in (*changes(), *incidents(), *words())
        if event.at.date() >= _SMALL_FROM or isinstance(event, Serve) or not _is_felt(event)
        if not isinstance(event, RunSession | Judge) or event.student in _SMALL
    ]
    return _in_order([*lives, *others])


def _is_felt(event: Event) -> bool:
    """Whether an early event costs a small history a run, or a process of its own."""
    return isinstance(event, RunSession | Replace) or not isinstance(event, Write)


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda one: one.at)


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


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def _number(scene: Scene) -> int:
    """The number of a scene's first journal entry: a block for each student and session."""
    names = [student.id for student in read_cast()]
    return 1000 * (names.index(scene.student.id) + 1) + 10 * scene.place + 1
