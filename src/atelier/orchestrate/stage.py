"""`@stage`: a function, the names it is wired by, and what it is allowed to need."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, cast, overload

from atelier.kernel.errors import SetupError

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T_co = TypeVar("T_co", covariant=True)

Aside = dict[str, Any]
RESERVED = frozenset({"ask", "packet", "aside"})


class Ask(Protocol[T_co]):
    """What a model stage asks with: fills the prompt's slots, returns a validated answer.

    The answer is the committed one: schema and citations were checked, and a rejected answer
    was asked for again with the reason.
    """

    async def __call__(self, **slots: object) -> T_co:
        """Ask once.

        Raises:
            StageError: no acceptable answer came.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage(Generic[P, R_co]):
    """A stage as declared; `P` is its inputs without `ask`, `R_co` its output (of one element)."""

    name: str
    function: Callable[..., Any]
    model: str | None = None
    prompt: Path | None = None
    offline: Callable[..., Any] | None = None
    required: bool = True
    each: str | None = None
    formerly: tuple[str, ...] = ()
    rules: str | None = None
    tries: int = 3
    slots: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its history: today's first."""
        return (self.name, *self.formerly)

    def __repr__(self) -> str:
        return f"<stage {self.name}>"


class PureStage(Stage[P, R_co]):
    """A stage without `ask`: its key holds all that can matter."""

    def call(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function as it was written, outside any run."""
        return cast("R_co", self.function(*args, **kwargs))


class AsyncStage(Stage[P, R_co]):
    """A pure stage that is `async def`."""

    async def call(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function as it was written, outside any run."""
        return cast("R_co", await self.function(*args, **kwargs))


class ModelStage(Stage[P, R_co]):
    """A stage that asks a model class."""

    async def call(self, ask: Ask[Any], /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function with an `ask` of your own, outside any run."""
        return cast("R_co", await self.function(ask, *args, **kwargs))


class OptionalModelStage(Stage[P, R_co]):
    """A stage that asks a model class where it is bound, and does without it elsewhere."""

    async def call(self, ask: Ask[Any] | None, /, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function with an `ask` of your own, or with None, outside any run."""
        return cast("R_co", await self.function(ask, *args, **kwargs))


class _Decorator(Protocol):
    """`@stage(...)` without a model."""

    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, function: Callable[P, Awaitable[R]], /
    ) -> AsyncStage[P, R]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> PureStage[P, R]: ...


class _ModelDecorator(Protocol[P, R]):
    """`@stage(model=...)` with a stand-in: the stage has its inputs and its output."""

    def __call__(
        self, function: Callable[Concatenate[Ask[Any], P], Awaitable[R]], /
    ) -> ModelStage[P, R]: ...


class _BareModelDecorator(Protocol):
    """`@stage(model=...)` without a stand-in."""

    def __call__(
        self, function: Callable[Concatenate[Ask[Any], P], Awaitable[R]], /
    ) -> ModelStage[P, R]: ...


class _OptionalModelDecorator(Protocol):
    """`@stage(model=..., required=False)`: `ask` is None while the class is unbound."""

    def __call__(
        self, function: Callable[Concatenate[Ask[Any] | None, P], Awaitable[R]], /
    ) -> OptionalModelStage[P, R]: ...


@overload
def stage(  # type: ignore[overload-overlap]
    function: Callable[P, Awaitable[R]], /
) -> AsyncStage[P, R]: ...
@overload
def stage(function: Callable[P, R], /) -> PureStage[P, R]: ...
@overload
def stage(
    *,
    name: str | None = None,
    each: str | None = None,
    formerly: tuple[str, ...] = (),
    rules: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> _Decorator: ...
@overload
def stage(
    *,
    model: str,
    prompt: str,
    offline: Callable[P, Awaitable[R]],
    name: str | None = None,
    each: str | None = None,
    formerly: tuple[str, ...] = (),
    tries: int = 3,
    slots: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> _ModelDecorator[P, R]: ...
@overload
def stage(
    *,
    model: str,
    prompt: str,
    offline: Callable[P, R],
    name: str | None = None,
    each: str | None = None,
    formerly: tuple[str, ...] = (),
    tries: int = 3,
    slots: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> _ModelDecorator[P, R]: ...
@overload
def stage(
    *,
    model: str,
    prompt: str,
    name: str | None = None,
    each: str | None = None,
    formerly: tuple[str, ...] = (),
    tries: int = 3,
    slots: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> _BareModelDecorator: ...
@overload
def stage(
    *,
    model: str,
    required: bool,
    prompt: str,
    name: str | None = None,
    each: str | None = None,
    formerly: tuple[str, ...] = (),
    rules: str | None = None,
    tries: int = 3,
    slots: tuple[str, ...] = (),
    options: Mapping[str, Any] | None = None,
) -> _OptionalModelDecorator: ...
def stage(function: Callable[..., Any] | None = None, /, **declared: Any) -> Any:
    """Declare a stage: `@stage` for a pure function, `@stage(model=..., prompt=...)` for an asking one.

    Args:
        function: The function, when the decorator is used bare.
        **declared: `name` (default: the function's), `model` (a class that the install binds),
            `prompt` (a file, relative to the one that names it), `offline` (a deterministic
            stand-in with the same inputs and output), `each` (a slice, or `stage.field`, to map
            over), `formerly` (earlier names, whose history goes on), `rules` (an explicit version
            in place of the code's identity), `tries` (how often a rejected answer is asked for),
            `slots` (slots of the prompt that the stage fills with what it made itself),
            `options` (JSON that changes meaning, in the key).

    Raises:
        SetupError: the declaration contradicts itself.
    """
    if function is not None:
        return _declare(function)

    def decorate(function: Callable[..., Any], /) -> Stage[..., Any]:
        return _declare(function, **declared)

    return decorate


def _declare(function: Callable[..., Any], **declared: Any) -> Stage[..., Any]:
    if not callable(function):
        raise SetupError(
            "stage.not_a_function",
            "@stage decorates a function.",
            facts={"got": type(function).__name__},
            next_step="Put @stage above a def.",
        )
    name = declared.pop("name", None) or getattr(function, "__name__", "")
    if not name.isidentifier():
        raise SetupError(
            "stage.name",
            f"A stage cannot be called {name!r}.",
            facts={"at": where(function)},
            next_step="Give it a name that can be a parameter: stage(name=...).",
        )
    _check_model(name, function, declared)
    prompt = declared.pop("prompt", None)
    return _kind(function, declared)(
        name=name,
        function=function,
        prompt=folder_of(function) / prompt if prompt else None,
        options=dict(declared.pop("options", None) or {}),
        **declared,
    )


def _kind(function: Callable[..., Any], declared: Mapping[str, Any]) -> type[Stage[..., Any]]:
    if declared.get("model"):
        return ModelStage if declared.get("required", True) else OptionalModelStage
    return AsyncStage if is_async(function) else PureStage


def _check_model(name: str, function: Callable[..., Any], declared: Mapping[str, Any]) -> None:
    asks = "ask" in function.__code__.co_varnames if hasattr(function, "__code__") else False
    if declared.get("model") is None and declared.get("prompt") is not None:
        problem, step = "names a prompt but no model class", 'Add model="<class>".'
    elif declared.get("model") is not None and not is_async(function):
        problem, step = "asks a model but is not `async def`", "Declare it with `async def`."
    elif declared.get("model") is None and asks and first_parameter(function) == "ask":
        problem, step = (
            "takes `ask` but names no model class",
            'Add model="<class>", prompt="<file>".',
        )
    elif declared.get("model") is not None and declared.get("prompt") is None:
        problem, step = "asks a model but names no prompt", 'Add prompt="<file>".'
    elif declared.get("model") is not None and first_parameter(function) != "ask":
        problem, step = (
            "asks a model but does not take `ask` first",
            "Make `ask` its first parameter.",
        )
    else:
        return
    raise SetupError(
        "stage.model",
        f"Stage {name!r} {problem}.",
        facts={"at": where(function)},
        next_step=step,
    )


def first_parameter(function: Callable[..., Any]) -> str:
    """The name of a function's first parameter, or nothing."""
    code = getattr(function, "__code__", None)
    return code.co_varnames[0] if code is not None and code.co_argcount else ""


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling the function gives something to await."""
    code = getattr(function, "__code__", None)
    return code is not None and bool(code.co_flags & 0x80)


def where(function: Callable[..., Any]) -> str:
    """The place of a function for people: `flow.py:12`."""
    code = getattr(function, "__code__", None)
    return f"{Path(code.co_filename).name}:{code.co_firstlineno}" if code else repr(function)


def folder_of(function: Callable[..., Any]) -> Path:
    """The folder of the file that a function was written in."""
    code = getattr(function, "__code__", None)
    return Path(code.co_filename).parent if code else Path()
