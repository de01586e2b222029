"""What every engine promises, as tests: inherit, and say how to make one."""

# ruff: noqa: D102 - the name of a test is what it claims

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

import pytest

from atelier.kernel.errors import ExhaustedError, StageError
from atelier.ledger.rows import Outcome
from atelier.orchestrate.engine import Assignment, Engine
from atelier.orchestrate.outcome import StageResult
from atelier.orchestrate.stage import Stage, stage

_seen: ContextVar[str] = ContextVar("_seen", default="")


@stage
def _declared() -> int:
    return 1


def _done() -> StageResult:
    return StageResult(stage="_declared", outcome=Outcome.RAN, reason="")


class EngineContract(ABC):
    """An engine brings stages to their end and calls user code, wherever that is."""

    @abstractmethod
    def make(self) -> Engine:
        """A new engine; the suite closes it."""
        ...

    def call(self, function: Callable[[], Any]) -> Any:
        """What the engine gives for user code."""
        return self._with(lambda engine: engine.call(function, _stage()))

    def _with(self, work: Callable[[Engine], Coroutine[Any, Any, Any]]) -> Any:
        engine = self.make()
        try:
            return asyncio.run(work(engine))
        finally:
            engine.close()

    def test_an_assignment_ends_with_the_result_of_its_work(self) -> None:
        async def work() -> StageResult:
            return _done()

        assignment = Assignment("run", "_declared", "key")
        assert self._with(lambda engine: engine.execute(assignment, work)) == _done()

    def test_a_plain_function_runs_off_the_loop_s_thread(self) -> None:
        assert self.call(threading.get_ident) != threading.get_ident()

    def test_a_coroutine_function_is_awaited(self) -> None:
        async def function() -> int:
            await asyncio.sleep(0)
            return 7

        assert self.call(function) == 7

    def test_a_plain_function_sees_the_context_of_its_caller(self) -> None:
        async def work(engine: Engine) -> str:
            _seen.set("caller")
            return str(await engine.call(_seen.get, _stage()))

        assert self._with(work) == "caller"

    def test_the_loop_goes_on_while_a_plain_function_runs(self) -> None:
        free = threading.Event()

        async def work(engine: Engine) -> bool:
            asyncio.get_running_loop().call_soon(free.set)
            return bool(await engine.call(lambda: free.wait(10), _stage()))

        assert self._with(work)

    def test_an_exception_becomes_a_failure_of_its_stage_with_its_place(self) -> None:
        def broken() -> int:
            message = "out of cheese"
            raise ValueError(message)

        with pytest.raises(StageError) as caught:
            self.call(broken)
        assert caught.value.code == "stage.raised"
        assert caught.value.facts["message"] == "out of cheese"
        assert caught.value.facts["at"].startswith("engine_contract.py:")

    def test_a_failure_that_has_its_type_keeps_it(self) -> None:
        quota = ExhaustedError("models.quota", "The quota is used up.", next_step="Raise it.")

        def exhausted() -> int:
            raise quota

        with pytest.raises(ExhaustedError) as caught:
            self.call(exhausted)
        assert caught.value is quota


def _stage() -> Stage[..., Any]:
    return _declared
