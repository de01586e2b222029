"""`atelier.lock`: which snapshot an alias of a model stands for, reviewed like any other file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from atelier.kernel.errors import SetupError
from atelier.models.binding import Binding
from atelier.models.section import Section

LOCK = "atelier.lock"
Policy = Literal["pin", "follow"]
_POLICIES = ("pin", "follow")
_HEAD = """\
# Which snapshot each alias of a model stands for. A changed snapshot is another model: what asks it
# is asked again. "pin" asks for the snapshot itself; "follow" asks for the alias, under its key.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An alias, the snapshot that it stood for when it was reviewed, and what is done with that."""

    alias: str
    snapshot: str
    policy: Policy = "pin"


@dataclass(frozen=True, slots=True)
class Lock:
    """The pins of a project, by alias, each written `provider:name`."""

    pins: Mapping[str, Pin] = field(default_factory=dict[str, Pin])


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A model that answered in place of the one that was reviewed."""

    alias: str
    expected: str
    served: str


def parse_lock(text: str) -> Lock:
    r"""The lock that a file's text describes.

    Raises:
        SetupError: it is not TOML, or has a setting that is unknown or of another type.

    Example:
        >>> lock = parse_lock('["openai:gpt-5"]\nsnapshot = "gpt-5-2026-03-01"')
        >>> lock.pins["openai:gpt-5"].policy
        'pin'
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SetupError(
            "models.lock",
            f"{LOCK} is not TOML.",
            facts={"why": error},
            next_step="Correct it, or restore it from your version control.",
        ) from error
    return Lock({alias: _parse_pin(alias, value) for alias, value in sorted(said.items())})


def render_lock(lock: Lock) -> str:
    """The text of a lock: sorted, one section a pin, and so the same for the same pins.

    Example:
        >>> pinned = Lock({"a:b": Pin(alias="a:b", snapshot="b-1")})
        >>> render_lock(pinned).splitlines()[-3]
        '["a:b"]'
        >>> parse_lock(render_lock(pinned)) == pinned
        True
    """
    parts = [_HEAD]
    for alias, pin in sorted(lock.pins.items()):
        parts.append(
            f"\n[{_quoted(alias)}]\nsnapshot = {_quoted(pin.snapshot)}\n"
            f"policy = {_quoted(pin.policy)}\n"
        )
    return "".join(parts)


def read_lock(path: Path) -> Lock:
    """The lock of a project; without the file, nothing is pinned.

    Raises:
        SetupError: the file cannot be used.
    """
    try:
        return parse_lock(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Lock()


def resolve(binding: Binding, lock: Lock) -> Binding:
    """A binding under its lock: the snapshot stands where its alias stood.

    A followed alias is asked for as it is; a key under it changes when the lock is brought up to
    date, and not when the provider moves it.

    Example:
        >>> lock = Lock({"openai:gpt-5": Pin(alias="openai:gpt-5", snapshot="gpt-5-2026-03-01")})
        >>> resolve(Binding("writer", "openai", "gpt-5"), lock).requested
        'openai:gpt-5-2026-03-01'
    """
    pin = lock.pins.get(binding.requested)
    if pin is None:
        return binding
    return replace(
        binding, model=pin.snapshot, alias=binding.model, followed=pin.policy == "follow"
    )


def drift(binding: Binding, served: str) -> Drift | None:
    """Whether another model answered than the one that is pinned; None where all is well.

    An install that pins nothing expects nothing. A provider may name the alias again: that says
    nothing of the snapshot, and is no drift.

    Example:
        >>> pinned = Binding("writer", "openai", "gpt-5-2026-03-01", alias="gpt-5")
        >>> drift(pinned, "gpt-5-2026-09-01").served
        'gpt-5-2026-09-01'
    """
    if not binding.alias or served in {"", binding.model, binding.alias}:
        return None
    alias = f"{binding.provider}:{binding.alias}"
    return Drift(alias=alias, expected=binding.model, served=served)


def moved(lock: Lock, found: Drift) -> Lock:
    """The lock after a drift was accepted: everything asked under the alias is asked again.

    Example:
        >>> lock = Lock({"a:b": Pin(alias="a:b", snapshot="b-1", policy="follow")})
        >>> moved(lock, Drift(alias="a:b", expected="b-1", served="b-2")).pins["a:b"].snapshot
        'b-2'
    """
    pin = lock.pins.get(found.alias, Pin(alias=found.alias, snapshot=found.served))
    return Lock({**lock.pins, found.alias: replace(pin, snapshot=found.served)})


def _parse_pin(alias: str, value: object) -> Pin:
    said: Mapping[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    section = Section(alias, said)
    if ":" not in alias or not isinstance(value, dict):
        raise section.wrong("(the section)", "it is no alias", ['["provider:name"]'])
    section.only({"snapshot", "policy"})
    snapshot = section.text("snapshot")
    if not snapshot:
        raise section.wrong("snapshot", "it names none", ["the name of a model"])
    policy = section.choice("policy", _POLICIES) or "pin"
    return Pin(alias=alias, snapshot=snapshot, policy=cast("Policy", policy))


def _quoted(text: str) -> str:
    r"""A basic string of TOML.

    Example:
        >>> _quoted('a"b')
        '"a\\"b"'
    """
    escaped = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char
        for char in text.replace("\\", "\\\\").replace('"', '\\"')
    )
    return f'"{escaped}"'
