"""Everything concrete that a run is given; `composition.py` fills it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from atelier.aggregate import Element
from atelier.blobs.content import Content
from atelier.kernel.clock import Clock
from atelier.kernel.errors import SetupError
from atelier.kernel.evidence import Citation, Cite
from atelier.ledger.leases import Owner
from atelier.ledger.store import LedgerStore
from atelier.models import Binding, ModelClient
from atelier.models.admission import Gates
from atelier.models.limits import Limits
from atelier.orchestrate.engine import Engine
from atelier.orchestrate.estimate import Estimate
from atelier.orchestrate.flights import Flights
from atelier.orchestrate.gateway import Line
from atelier.orchestrate.publish import Publisher
from atelier.orchestrate.purse import Purse

PRODUCTION = "production"

# The citation that a `Cite` means, or the reason why it means none.
QuoteCheck = Callable[[Cite, Sequence[Element]], Citation | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The parts that one process runs with.

    `recorded` holds the recipes' records that this process has committed: one a recipe is enough.
    `histories` holds what stages took before, by workflow and stage, and when that was asked.
    Runs of another `namespace` than production are never served.
    """

    project: Path
    scope: str
    bindings: Mapping[str, Binding]
    clients: Callable[[Binding], ModelClient]
    ledger: LedgerStore
    owner: Owner
    content: Content
    engine: Engine
    publisher: Publisher
    quote_check: QuoteCheck
    clock: Clock
    flights: Flights
    gates: Gates
    limits: Callable[[Binding], Sequence[tuple[str, Limits]]]
    versions: Mapping[str, str]
    namespace: str = PRODUCTION
    purse: Purse = field(default_factory=Purse)
    recorded: set[str] = field(default_factory=set[str])
    histories: dict[tuple[str, str], tuple[float, Estimate]] = field(
        default_factory=dict[tuple[str, str], tuple[float, Estimate]]
    )

    def line(self, binding: Binding) -> Line:
        """The way to the model of a binding."""
        limits = self.limits(binding)
        return Line(binding=binding, client=self.clients(binding), gates=self.gates, limits=limits)

    def standing(self, binding: Binding) -> list[Binding]:
        """A binding, and those that stand in for it while it cannot answer, in order."""
        return [binding, *(self.bindings[name] for name in binding.fallback)]

    def binding(self, stage: str, model_class: str) -> Binding:
        """How the install bound a class.

        Raises:
            SetupError: it is unbound; never silently offline.
        """
        found = self.bindings.get(model_class)
        if found is None:
            raise SetupError(
                "models.unbound",
                f"Stage {stage!r} asks the model class {model_class!r}, which is bound to nothing.",
                facts={"bound": ", ".join(sorted(self.bindings)) or "(none)"},
                next_step=f'Add `[models.{model_class}]` with `use = "offline"` or '
                '`use = "provider:name"` to atelier.toml.',
            )
        return found
