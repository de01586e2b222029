"""A model that answers by a script: for tests of stages that ask, without a network."""

from collections.abc import Callable, Iterable

from atelier.kernel.errors import ExhaustedError, StageError
from atelier.models import Request, Response

Answer = str | StageError


class ScriptedModel:
    """Answers from a list, in order, or by a function of the request; keeps what it was sent.

    A `StageError` in the script is raised. Tokens are the characters of what was said, so that
    sums can be asserted.

    Example:
        >>> import asyncio
        >>> model = ScriptedModel(['{"text": "hello"}'])
        >>> asyncio.run(model.send(Request({}, (), {}))).text
        '{"text": "hello"}'
        >>> len(model.requests)
        1
    """

    def __init__(self, script: Iterable[Answer] | Callable[[Request], Answer]) -> None:
        self._next = _function(script)
        self.requests: list[Request] = []

    async def send(self, request: Request, /) -> Response:
        """The next answer.

        Raises:
            StageError: the script says so, or it is at its end.
        """
        self.requests.append(request)
        answer = self._next(request)
        if isinstance(answer, StageError):
            raise answer
        return Response(
            text=answer,
            model="scripted",
            input_tokens=sum(len(turn.text) for turn in request.messages),
            output_tokens=len(answer),
        )


def _function(
    script: Iterable[Answer] | Callable[[Request], Answer],
) -> Callable[[Request], Answer]:
    if callable(script):
        return script
    answers = iter(script)

    def following(_: Request) -> Answer:
        return next(answers, None) or ExhaustedError(
            "testing.script_ended",
            "The scripted model has no answer left.",
            next_step="Give the script one answer for each request that the stage makes.",
        )

    return following
