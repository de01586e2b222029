"""The evidence of one session, written from the strands that come up in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import yaml

from atelier.demo.cast import COACH, Strand, Student

_OPENINGS = (
    ("How are you arriving today?", "Tired, and better than last time."),
    ("How was the week?", "Long. Somebody moved all the chairs in the library."),
    ("Shall we begin with you?", "Yes. I made a list, which is a first."),
)
_CLOSINGS = (
    "That is a lot for two weeks. Which of these would you miss if it fell away?",
    "Good. Let us write down what you take on.",
    "We have ten minutes. What do you want to leave with?",
)
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A session in the life of a student: which strands come up, and how they stand."""

    student: Student
    place: int
    name: str
    day: date

    @property
    def strands(self) -> list[Strand]:
        """The strands that come up: told, told and disputed, put off."""
        strands = self.student.strands
        return [strands[(self.place + turn) % len(strands)] for turn in range(3)]

    @property
    def counts(self) -> dict[str, int]:
        """What is counted in this session, as it is said, and as it is disputed."""
        said = 3 + (self.place * 5 + len(self.student.id)) % 7
        return {"n": said, "m": max(1, said - 2)}

    @property
    def disputed(self) -> bool:
        """Whether the journal says something else than the student."""
        return self.place % 3 != 0

    def told(self, text: str) -> str:
        """A text of a strand with this session's counts in it."""
        return text.format(**self.counts)

    def transcript(self) -> str:
        """The session as WebVTT."""
        heading = f"NOTE Coaching session {self.name}, {self.day.isoformat()}. With consent."
        cues: list[str] = []
        at = 2.0
        for speaker, text in self._turns():
            end = at + 1.2 + 0.32 * len(text.split())
            cues.append(f"{_time(at)} --> {_time(end)}\n<v {speaker}>{text}")
            at = end + 0.6
        return "\n\n".join(["WEBVTT", heading, *cues]) + "\n"

    def _turns(self) -> Iterator[tuple[str, str]]:
        student, strands = self.student.first_name, self.strands
        asked, answered = _OPENINGS[self.place % len(_OPENINGS)]
        yield COACH, f"Session {self.name}. {asked}"
        yield student, answered
        for strand in strands[:2]:
            yield COACH, strand.ask
            yield student, f"{self.told(strand.say)} It felt like work, in a good way."
            yield COACH, "What made that possible?"
            yield student, "I closed the door. Nobody needed me for two hours."
        yield COACH, strands[2].ask
        yield student, f"Um, {strands[2].later}. It is not that I forgot."
        yield COACH, _CLOSINGS[self.place % len(_CLOSINGS)]
        yield student, f"I'll {_small(self.told(strands[0].agreed))} by the next session."
        yield COACH, "I'll send you the notes of today by tomorrow morning."

    def journal(self, first: int) -> list[tuple[int, str, str]]:
        """The week's entries, numbered from `first`; the last one is the one that may differ."""
        one, two, three = self.strands
        differs = two.differs if self.disputed else two.journal
        days = [self.day - timedelta(days=before) for before in (5, 3, 1)]
        texts = [one.journal, f"Thought about it on the way home. {three.ask}", differs]
        return [
            (first + turn, day.isoformat(), self.told(text))
            for turn, (day, text) in enumerate(zip(days, texts, strict=True))
        ]

    def note(self) -> str:
        """What the coach writes down after the session."""
        one, two, three = self.strands
        student = self.student.first_name
        meta = yaml.safe_dump(
            {"session": self.name, "date": self.day, "title": _title(one)}, sort_keys=False
        )
        return (
            f"---\n{meta}---\n\n"
            f"{student} on “{self.told(one.agreed)}”: {self.told(one.say)}\n\n"
            f"“{self.told(two.agreed)}” was asked about and answered. "
            f"“{self.told(three.agreed)}” was put off: {three.later}.\n"
        )

    def commitments(self) -> str:
        """What the student has taken on, as it stood before the session."""
        made = f"s{max(self.place + self.student.start - 1, 1)}"
        open_ones = {strand.agreed for strand in self.strands}
        return _yaml(
            [
                {
                    "id": f"c{number}",
                    "text": self.told(strand.agreed),
                    "made_in": made,
                    "due": self.day - timedelta(days=number),
                    "status": "open" if strand.agreed in open_ones else "done",
                }
                for number, strand in enumerate(self.student.strands, start=1)
            ]
        )


def intake(student: Student) -> str:
    """What the coach wrote down before the first session."""
    day = student.days[0] - timedelta(days=6)
    meta = yaml.safe_dump(
        {"session": "s0", "date": day, "title": "A first conversation"}, sort_keys=False
    )
    wishes = " ".join(f"{strand.agreed.format(n='some', m='some')}." for strand in student.strands)
    return f"---\n{meta}---\n\n{student.first_name} came with a list. {wishes}\n"


def program(student: Student) -> str:
    """A student's program: the sessions, and what has to happen by when."""
    last = student.days[-1]
    states = ("on track", "late", "not started", "on track")
    return _yaml(
        {
            "student": student.name,
            "coach": "Ruth Amsel",
            "degree": student.degree,
            "thesis": student.thesis,
            "supervisor": student.supervisor,
            "sessions": {name: day for _, name, day in student.iter_sessions()},
            "milestones": [
                {
                    "id": f"m{number}",
                    "title": _title(strand),
                    "due": last + timedelta(days=14 * number),
                    "status": state,
                }
                for number, (strand, state) in enumerate(
                    zip(student.strands, states, strict=False), start=1
                )
            ],
        }
    )


def _title(strand: Strand) -> str:
    return strand.agreed.partition(",")[0].format(n="some", m="some")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _yaml(value: Sequence[object] | dict[str, object]) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)


def _time(seconds: float) -> str:
    minutes, rest = divmod(seconds, _MINUTE)
    return f"{int(minutes) // _MINUTE:02}:{int(minutes) % _MINUTE:02}:{rest:06.3f}"
