"""Asking a store once for what many tasks want in the same turn of their loop."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

V = TypeVar("V")


class Batched(Generic[V]):
    """A question of many keys, asked key by key.

    Every look into a database that others write to takes a snapshot of its own, which costs more
    than the look. In a crowd, what is asked for in one turn of the loop is answered from one; who
    is alone is answered at once.
    """

    def __init__(
        self, ask: Callable[[Sequence[str]], Mapping[str, V]], is_crowded: Callable[[], bool]
    ) -> None:
        self._ask = ask
        self._is_crowded = is_crowded
        self._waiting: WeakKeyDictionary[
            asyncio.AbstractEventLoop, list[tuple[str, asyncio.Future[V | None]]]
        ] = WeakKeyDictionary()

    def __call__(self, key: str) -> asyncio.Future[V | None]:
        """What is found under a key; it is not asked for where nobody waits for it any more.

        Raises:
            Exception: what the store raised, for every key that was asked for with this one.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[V | None] = loop.create_future()
        if not self._is_crowded():
            future.set_result(self._ask([key]).get(key))
            return future
        waiting = self._waiting.get(loop)
        if waiting is None:
            waiting = self._waiting[loop] = []
            loop.call_soon(self._answer, loop)
        waiting.append((key, future))
        return future

    def _answer(self, loop: asyncio.AbstractEventLoop) -> None:
        waiting = [(key, future) for key, future in self._waiting.pop(loop) if not future.done()]
        if not waiting:
            return
        try:
            found = self._ask([key for key, _ in waiting])
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait
            for _, future in waiting:
                future.set_exception(error)
            return
        for key, future in waiting:
            future.set_result(found.get(key))
