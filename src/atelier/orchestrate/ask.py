"""What `ask` does: fill the prompt, and bring its question to an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_jsonable_python

from atelier.cache.watch import unwatched
from atelier.kernel.canonical import canonical
from atelier.kernel.errors import SetupError, StageError
from atelier.ledger.rows import Attempt
from atelier.orchestrate.excerpt import Excerpt, Excerpts
from atelier.orchestrate.prompt import fence
from atelier.orchestrate.question import Desk, Question, Resolved


@dataclass(slots=True)
class Asker:
    """One stage's `ask`; it knows what was sent, and what each call came to.

    A stage may ask many things at once: each is a question of its own.
    """

    desk: Desk
    questions: list[Question] = field(default_factory=list[Question])
    resolved: dict[str, Resolved] = field(default_factory=dict[str, Resolved])
    failed: list[StageError] = field(default_factory=list[StageError])

    @property
    def attempts(self) -> list[Attempt]:
        """What was sent so far, question by question."""
        dialogues = [dialogue for one in self.questions for dialogue in one.dialogues]
        return [attempt for dialogue in dialogues for attempt in dialogue.attempts]

    @property
    def stood_in(self) -> str:
        """The model that answered in place of the bound one, or empty."""
        return next((one.stood_in for one in self.questions if one.stood_in), "")

    async def __call__(self, **slots: object) -> Any:
        """The first answer that passes every rule, as it is committed under its call key.

        An answer that only the door check refuses is asked for again, and handed on after the
        last try: what it invents is printed flagged.

        Raises:
            StageError: no acceptable answer came.
        """
        with unwatched():  # what asking reads and reaches is recorded as attempts
            text = self.desk.prompt.fill(self._filled(slots))
            question = Question(self.desk, self.resolved, _excerpts(slots))
            self.questions.append(question)
            try:
                return await question.ask(text)
            except StageError as error:
                self.failed.append(error)
                raise

    def _filled(self, slots: Mapping[str, object]) -> dict[str, str]:
        missing = [name for name in self.desk.prompt.slots if name not in slots]
        if missing:
            raise SetupError(
                "prompt.unfilled",
                f"Stage {self.desk.sender.stage!r} asks without filling a slot of its prompt.",
                facts={"slot": missing[0], "given": ", ".join(slots)},
                next_step=f"Pass it: ask({missing[0]}=...).",
            )
        return {name: self._slot(name, slots[name]) for name in self.desk.prompt.slots}

    def _slot(self, name: str, value: object) -> str:
        handed = self.desk.evidence.get(name)
        if handed is not None and handed[0] is value:
            return fence("\n".join(item.line for item in handed[1]), name)
        if isinstance(value, Excerpts):
            return fence(value.text, name)
        if isinstance(value, str):
            return value
        return canonical(to_jsonable_python(value, by_alias=True)).decode()


def _excerpts(slots: Mapping[str, object]) -> Sequence[Excerpt] | None:
    """What an answer may cite; None where nothing confines it."""
    given = [value for value in slots.values() if isinstance(value, Excerpts)]
    return [item for each in given for item in each.items] if given else None
