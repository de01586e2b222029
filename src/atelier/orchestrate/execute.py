"""Executing a stage once: values in, canonical bytes out, everything it cites verified."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from atelier.cache.parts import Unseen
from atelier.cache.watch import watching
from atelier.kernel.canonical import canonical
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import RejectedError
from atelier.kernel.evidence import Citation, GroundedClaim
from atelier.kernel.form import faults
from atelier.ledger.rows import Supply
from atelier.models import Binding
from atelier.orchestrate.ask import Asker
from atelier.orchestrate.checks import Checks
from atelier.orchestrate.gateway import Sender
from atelier.orchestrate.handed import Handed
from atelier.orchestrate.prepare import Prepared
from atelier.orchestrate.question import Desk
from atelier.orchestrate.recipes import binding_for, stand_in
from atelier.orchestrate.record import Asked, Execution
from atelier.orchestrate.shown import Shown
from atelier.orchestrate.stage import Aside, is_async
from atelier.orchestrate.state import RunState

STOOD_IN = "run again once the bound model answers"
ASKED_ANEW = "run again, and it is asked for anew"


@dataclass(slots=True)
class Job:
    """One execution: a stage as prepared, or one element of a mapped stage."""

    state: RunState
    prepared: Prepared
    element: bytes | None = None
    element_digest: str | None = None
    asker: Asker | None = None

    @property
    def asked(self) -> Asked:
        """What was asked so far."""
        if self.asker is None:
            return Asked()
        return Asked(tuple(self.asker.attempts), tuple(self.asker.resolved.values()))

    async def execute(self) -> Execution:
        """Do it once.

        Raises:
            StageError: what the stage raised, an output that does not fit its annotation, a
                citation that does not stand.
        """
        node = self.prepared.node
        binding = binding_for(node, self.state.runtime)
        offline = binding is not None and binding.offline
        function = stand_in(node) if offline else node.stage.function
        asks = node.stage.model is not None and not offline
        began = self.state.runtime.clock.seconds()
        work = self._on_loop(function, binding if asks else None, asks=asks)
        if not is_async(function):
            work = self._in_thread(function)
        done = await self.state.runtime.engine.call(work, node.stage)
        return Execution(
            data=done.data,
            output=digest_bytes(done.data),
            seconds=self.state.runtime.clock.seconds() - began,
            evidence=done.evidence,
            aside=canonical(done.aside) if done.aside else None,
            unseen=_each_once((*self.prepared.recipe.unseen, *done.unseen, *self._passing())),
            asked=self.asked,
        )

    def _passing(self) -> Sequence[Unseen]:
        """Why what was asked serves this run only.

        Another model answered in place of the bound one, or the stage went on without an answer.
        """
        if self.asker is None:
            return ()
        where = f"stage {self.prepared.node.name}"
        codes = dict.fromkeys(error.code for error in self.asker.failed)
        found = [Unseen(f"the answer that failed with {code}", where, ASKED_ANEW) for code in codes]
        if self.asker.stood_in:
            found.append(Unseen(f"fallback: {self.asker.stood_in} answered", where, STOOD_IN))
        return found

    def _in_thread(self, function: Callable[..., Any]) -> Callable[[], Any]:
        def work() -> _Done:
            # Validators of what goes in and comes out are the user's code too.
            with watching() as seen:
                given, aside = self._given()
                value, data = self._encoded(function(**given))
            return self._done(value, data, aside=aside, unseen=seen.unseen)

        return work

    def _on_loop(
        self, function: Callable[..., Any], binding: Binding | None, *, asks: bool
    ) -> Callable[[], Any]:
        async def work() -> _Done:
            with watching() as seen:
                given, aside = self._given()
                if binding is not None:
                    self.asker = Asker(self._desk(binding, given))
                asking = {"ask": self.asker} if asks else {}
                value, data = self._encoded(await function(**asking, **given))
            return self._done(value, data, aside=aside, unseen=seen.unseen)

        return work

    def _given(self) -> tuple[dict[str, Any], Aside]:
        aside: Aside = {}
        given = {item.wire.parameter: self._value(item) for item in self.prepared.handed}
        if self.prepared.node.aside:
            given["aside"] = aside
        return given, aside

    def _value(self, item: Handed) -> Any:
        if item.wire.supply is Supply.PACKET:
            return self.state.packet()
        if item.wire.each is not None and self.element is not None:
            return item.wire.form.decode(self.element)
        return self.state.hands.value(item)

    def _encoded(self, value: Any) -> tuple[Any, bytes]:
        """The output as it is declared, and its canonical bytes."""
        node = self.prepared.node
        try:
            checked = node.returns.check(value)
            return checked, node.returns.encode(checked)
        except ValidationError as error:
            raise RejectedError(
                "stage.output",
                f"Stage {node.name!r} returned something other than it declares.",
                facts={"declared": node.returns.annotation, "why": faults(error)},
                next_step="Return the annotated type, or annotate what is returned.",
            ) from error

    def _done(self, value: Any, data: bytes, *, aside: Aside, unseen: Sequence[Unseen]) -> "_Done":
        return _Done(data, self._checks.evidence(value), aside, tuple(unseen))

    @property
    def _checks(self) -> Checks:
        return Checks(self.state, self.prepared.node)

    def _desk(self, binding: Binding, given: Mapping[str, Any]) -> Desk:
        node, state = self.prepared.node, self.state
        prompt = state.prompts[node.name]
        if prompt is None or node.asks is None:  # the declaration was checked
            raise AssertionError(node.name)
        runtime, checks = state.runtime, self._checks
        return Desk(
            sender=self._sender(),
            scope=runtime.scope,
            lines=[runtime.line(each) for each in runtime.standing(binding)],
            flights=runtime.flights,
            prompt=prompt,
            form=node.asks,
            tries=node.stage.tries,
            refresh=node.name in state.options.refresh,
            evidence=self._slices(given),
            objections=checks.objections,
            door=lambda answer: checks.door(answer, given),
        )

    def _sender(self) -> Sender:
        state = self.state
        return Sender(
            run=state.id,
            stage=self.prepared.node.name,
            element=self.element_digest,
            clock=state.runtime.clock,
            caps=state.caps,
            commit=state.commit,
            read_blob=state.runtime.content.read,
            numbers=state.attempt_numbers[self.prepared.node.name, self.element_digest],
            warn=state.warn,
            purse=state.runtime.purse,
        )

    def _slices(self, given: Mapping[str, Any]) -> dict[str, tuple[Any, list[Shown]]]:
        """The slices as handed, with their elements: what is fenced under handles."""
        node, state = self.prepared.node, self.state
        mapped = {wire.parameter for wire in node.wires if wire.each is not None}
        return {
            # A mapped stage is shown its one element.
            name: (
                given[name],
                state.shown_of(node, name, self.element_digest or "") if name in mapped else items,
            )
            for name, items in state.shown_to(node).items()
        }


@dataclass(frozen=True, slots=True)
class _Done:
    data: bytes
    evidence: Sequence[Citation | GroundedClaim]
    aside: Aside
    unseen: tuple[Unseen, ...]


def _each_once(unseen: Sequence[Unseen]) -> tuple[Unseen, ...]:
    """What was not seen, each by the first place that reads it."""
    found: dict[str, Unseen] = {}
    for item in unseen:
        found.setdefault(item.what, item)
    return tuple(found.values())
