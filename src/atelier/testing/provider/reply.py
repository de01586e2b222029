"""What a model says, before a dialect writes it: the answer, why it ended, what it used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    FILTER = "filter"
    REFUSAL = "refusal"
    TOOL = "tool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Inclusive counts: `cached` is part of `input`, `reasoning` is part of `output`."""

    input: int
    output: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a tool; the arguments are JSON text, which may be wrong."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Told:
    """The usage that a response tells instead of the truth, by the fields of `Tokens`.

    An empty mapping tells nothing; None is an explicit null; the values may be any JSON.
    """

    fields: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; `tokens` are what is billed, `told` is what the response says of them."""

    text: str = ""
    call: ToolCall | None = None
    finish: Finish = Finish.STOP
    tokens: Tokens | None = None
    told: Told | None = None
    model: str = ""
    fingerprint: str = "fp_fake"

    @property
    def said(self) -> str:
        """The words of the answer: its text, or the arguments of its tool call."""
        return self.call.arguments if self.call else self.text


def count_tokens(text: str) -> int:
    """The tokens of a text, by a rule that anyone can check: four bytes of UTF-8 make one.

    Example:
        >>> count_tokens(""), count_tokens("five!"), count_tokens("é")
        (0, 2, 1)
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


def usage_member(
    reply: Reply, name: str, render: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """The member of a response that tells the usage, or none, as `reply.told` has it.

    Example:
        >>> usage_member(Reply(told=Told(None)), "usage", dict)
        {'usage': None}
        >>> usage_member(Reply(told=Told({})), "usage", dict)
        {}
    """
    if reply.told is not None and reply.told.fields is None:
        return {name: None}
    told = told_usage(reply)
    return {name: render(told)} if told else {}


def told_usage(reply: Reply) -> Mapping[str, Any]:
    """The usage that the response tells, by the fields of `Tokens`; empty where it tells none."""
    if reply.told is not None:
        return reply.told.fields or {}
    spent = reply.tokens or Tokens(input=0, output=0)
    return {
        "input": spent.input,
        "output": spent.output,
        "cached": spent.cached,
        "reasoning": spent.reasoning,
    }


def less(whole: Any, part: Any) -> Any:
    """A count without a part of it, where both are counts; else as it was told.

    Example:
        >>> less(5, 2), less("many", 2), less(5, 9)
        (3, 'many', 5)
    """
    if isinstance(whole, int) and isinstance(part, int) and whole >= part:
        return whole - part
    return whole


def plus(*parts: Any) -> Any:
    """The sum of what are numbers; a total that nobody can check is told all the same."""
    return sum(part for part in parts if isinstance(part, int))
