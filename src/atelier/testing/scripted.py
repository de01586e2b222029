"""A model that answers by a script: for tests of stages that ask, without a network."""

from collections.abc import Callable, Iterable

from atelier.kernel.canonical import canonical, read
from atelier.kernel.errors import ExhaustedError, StageError
from atelier.models import Request, Response, Usage

Answer = str | StageError


class ScriptedModel:
    """Answers from a list, in order, or by a function of the request; keeps what it was sent.

    A `StageError` in the script is raised. Tokens are the characters of what was said, so that
    sums can be asserted. Its receipts are small JSON, so any of them can be read by any of its kind.

    Example:
        >>> import asyncio
        >>> model, request = ScriptedModel(['{"text": "hello"}']), Request({}, (), {})
        >>> receipt = asyncio.run(model.send(request))
        >>> asyncio.run(model.read(request, receipt)).text
        '{"text": "hello"}'
        >>> len(model.requests)
        1
    """

    def __init__(self, script: Iterable[Answer] | Callable[[Request], Answer]) -> None:
        self._next = _function(script)
        self.requests: list[Request] = []

    async def send(self, request: Request, /) -> bytes:
        """The receipt of the next answer.

        Raises:
            StageError: the script says so, or it is at its end.
        """
        self.requests.append(request)
        answer = self._next(request)
        if isinstance(answer, StageError):
            raise answer
        said = sum(len(turn.text) for turn in request.messages)
        return canonical({"text": answer, "input": said, "output": len(answer)})

    async def read(self, request: Request, receipt: bytes, /) -> Response:  # noqa: ARG002 - the protocol's
        """The answer that a receipt holds."""
        told = read(receipt)
        return Response(
            text=told["text"],
            model="scripted",
            usage=Usage(input_tokens=told["input"], output_tokens=told["output"]),
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
