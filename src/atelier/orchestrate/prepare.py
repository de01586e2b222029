"""Before a stage runs: its inputs by digest, its key, and the value that the key may have."""

from collections.abc import Mapping
from dataclasses import dataclass

from atelier.cache.keys import stage_key
from atelier.cache.recipe import Recipe
from atelier.ledger.rows import Row
from atelier.orchestrate.handed import Handed, Hands
from atelier.orchestrate.runtime import Runtime
from atelier.orchestrate.wiring import Node


@dataclass(frozen=True, slots=True)
class Prepared:
    """A stage whose inputs are known: what it would be handed, and under which key."""

    node: Node
    recipe: Recipe
    handed: tuple[Handed, ...]
    key: str

    @property
    def components(self) -> dict[str, str]:
        """All that the key is made of, label to digest: the recipe's components and the inputs."""
        inputs = {f"input/{item.wire.parameter}": item.digest for item in self.handed}
        return self.recipe.digests | inputs

    @property
    def sound(self) -> bool:
        """Whether the key sees all that the stage reads, as far as its code tells."""
        return not self.recipe.unseen

    @property
    def missing(self) -> tuple[str, ...]:
        """The optional inputs that are missing."""
        return tuple(item.wire.parameter for item in self.handed if item.missing)


@dataclass(frozen=True, slots=True)
class Found:
    """What the memo table holds for a key: a verified value, or a row whose value is damaged."""

    row: Row
    data: bytes | None


def prepare(
    node: Node, recipe: Recipe, hands: Hands, *, outputs: Mapping[str, str | None]
) -> Prepared:
    """A stage's inputs, key and components; every upstream output is known or missing.

    Raises:
        StageError: an input's bytes are needed for a lens, and are gone.
    """
    handed = tuple(hands.hand(node, outputs))
    inputs = {item.wire.parameter: item.digest for item in handed}
    return Prepared(
        node=node,
        recipe=recipe,
        handed=handed,
        key=stage_key(hands.scope, recipe.digest, inputs),
    )


def find(runtime: Runtime, key: str) -> Found | None:
    """The value that the ledger holds for a key, with its bytes verified; None on a miss."""
    return verified(runtime, runtime.ledger.find_values([key]).get(key))


def verified(runtime: Runtime, row: Row | None) -> Found | None:
    """A row with the bytes of its value; None where there is no row, or it has no value."""
    if row is None or row.output is None:
        return None
    return Found(row, runtime.content.read(row.output))
