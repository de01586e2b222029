"""The recipe of a stage: all that it does, apart from what it is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from atelier.cache.parts import Closure, Unseen
from atelier.kernel.canonical import Json, canonical
from atelier.kernel.digest import digest, digest_bytes, record_digest


@dataclass(frozen=True, slots=True)
class Component:
    """One thing that a recipe depends on; the text is kept so that `why` can show a difference."""

    digest: str
    text: str | None


@dataclass(frozen=True)
class Recipe:
    """The digest of a recipe, with its components as the explanation.

    Labels carry paths and so stand beside the digest, never in it.
    """

    digest: str
    components: Mapping[str, Component]
    unseen: tuple[Unseen, ...]
    libraries_recorded: Mapping[str, str]

    @cached_property
    def digests(self) -> dict[str, str]:
        """The components as they are compared: label to digest."""
        return {label: component.digest for label, component in self.components.items()}

    @cached_property
    def record(self) -> tuple[str, dict[str, bytes]]:
        """The digest of the components' record, and the blobs that it is and refers to.

        Every execution of a recipe has this one record, so that `why` needs no sources.
        """
        blobs: dict[str, bytes] = {}
        entries: dict[str, Json] = {}
        for label, component in self.components.items():
            entry = {"digest": component.digest}
            if component.text is not None:
                text = component.text.encode()
                entry["text"] = digest_bytes(text)
                blobs[entry["text"]] = text
            entries[label] = entry
        data = canonical(entries)
        return digest_bytes(data), {**blobs, digest_bytes(data): data}


def recipe_of(  # noqa: PLR0913 - a recipe is these things, each named
    *,
    scope: str,
    code: Closure,
    prompts: Mapping[str, bytes],
    schema: Json,
    binding: Json,
    stand_in: Closure | None,
    options: Mapping[str, Json],
    schemes: Mapping[str, int],
    pure: bool,
    rules: str | None = None,
) -> Recipe:
    """The recipe of one stage.

    `scope` only explains: it stands in the stage key beside the recipe. `prompts` is in order of
    inclusion; its contents are keyed and its paths are not. `rules`, a built-in stage's rule
    version such as `terra: rules@4`, stands in place of its code. Library versions are keyed for a
    pure stage, which is cheap to run again, and recorded for every stage.
    """
    closures = [closure for closure in (None if rules else code, stand_in) if closure]
    reached = dict(
        sorted(item for each in (code, stand_in) if each for item in each.libraries.items())
    )
    # The interpreter is recorded and not keyed: a home is shared by the Pythons of a team, and the
    # form of the code is the same for each.
    libraries = {name: version for name, version in reached.items() if name != "python"}
    keyed = libraries if pure and not rules else {}
    payload: Json = {
        "code": {"rules": rules} if rules else {"closure": code.digest},
        "prompts": [digest_bytes(data) for data in prompts.values()],
        "schema": schema,
        "model": binding,
        "stand_in": stand_in.digest if stand_in else None,
        "options": dict(options),
        "schemes": dict(schemes),
        "libraries": keyed,
    }
    components = {"scope": _json(scope), **dict(_code(code, rules))}
    components.update((f"prompt/{path}", _prompt(data)) for path, data in prompts.items())
    components["schema/output"] = _json(schema)
    components["model"] = _json(binding)
    components.update(_parts("stand-in", stand_in) if stand_in else ())
    components.update((f"option/{name}", _json(value)) for name, value in options.items())
    components.update((f"scheme/{name}", _json(value)) for name, value in schemes.items())
    components.update((f"library/{name}", _json(version)) for name, version in keyed.items())
    return Recipe(
        digest=record_digest("recipe", payload),
        components=components,
        unseen=tuple(dict.fromkeys(item for closure in closures for item in closure.unseen)),
        libraries_recorded=reached,
    )


def _code(code: Closure, rules: str | None) -> Iterator[tuple[str, Component]]:
    if rules:
        yield "rules", _json(rules)
    else:
        yield from _parts("code", code)


def _parts(prefix: str, closure: Closure) -> Iterator[tuple[str, Component]]:
    # The whole stands beside the parts: a name that is bound to another known part changes it
    # alone.
    yield prefix, Component(closure.digest, None)
    for part in closure.parts:
        yield f"{prefix}/{part.label}", Component(part.digest, part.text)


def _prompt(data: bytes) -> Component:
    return Component(digest_bytes(data), data.decode(errors="replace"))


def _json(value: Json) -> Component:
    return Component(digest(value), canonical(value).decode())
