"""A user's function, called with parameters and slices by the names of its own parameters."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

from atelier.aggregate.calling import users_code
from atelier.isilon.names import did_you_mean
from atelier.kernel.errors import SetupError


@dataclass(frozen=True)
class Binding:
    """A function whose names are known to exist before anything is read."""

    function: Callable[..., Any]
    names: tuple[str, ...]
    place: str

    def call(self, values: Mapping[str, object], *first: object, element: object = "") -> Any:
        """What the function returns for these values; `element` names the one it is called for.

        Raises:
            SetupError: it raised.
        """
        with users_code(
            "packet.function",
            "A function of a packet failed.",
            field=self.place,
            element=element,
            next_step="Correct the function, or the evidence or parameter that it cannot take.",
        ):
            return self.function(*first, **{name: values[name] for name in self.names})

    def holds(self, values: Mapping[str, object], element: object, *, at: object = "") -> bool:
        """Whether the function says True of an element; `at` is where the element stood.

        Raises:
            SetupError: it raised, or returned something that is no bool.
        """
        found = self.call(values, element, element=at)
        if not isinstance(found, bool):
            raise SetupError(
                "packet.function",
                "A function of a packet returned no truth value.",
                facts={"field": self.place, "returned": type(found).__name__},
                next_step="Return True or False.",
            )
        return found


def bind(
    function: Callable[..., Any], known: Collection[str], *, place: str, leading: int = 0
) -> Binding:
    """The function with the names that it takes, past its leading arguments.

    A parameter with a default is left alone where nothing is called so.

    Raises:
        SetupError: it takes what no parameter or earlier slice is called.

    Example:
        >>> bind(lambda entry, student: True, {"student"}, place="where of journal", leading=1).names
        ('student',)
    """
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError) as error:
        raise _refused(place, f"{function!r} has no signature", "Write a function.") from error
    names: list[str] = []
    for index, parameter in enumerate(parameters):
        if index < leading and parameter.kind in _POSITIONAL:
            continue
        if parameter.kind not in _NAMED:
            why = f"it takes `{parameter}`"
            raise _refused(place, why, "Take each value by its own name.")
        if parameter.name in known:
            names.append(parameter.name)
        elif parameter.default is Parameter.empty:
            why = f"it takes `{parameter.name}`, which is no parameter and no earlier slice"
            raise _refused(place, why, did_you_mean(parameter.name, known))
    if len(parameters) < leading:
        raise _refused(place, "it takes no element", "Take the element as first parameter.")
    return Binding(function, tuple(names), place)


_POSITIONAL = frozenset({Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD})
_NAMED = frozenset({Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY})


def _refused(place: str, why: str, next_step: str) -> SetupError:
    return SetupError(
        "packet.function",
        "A function of a packet cannot be called.",
        facts={"field": place, "why": why},
        next_step=next_step,
    )
