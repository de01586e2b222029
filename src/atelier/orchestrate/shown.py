"""Evidence as a stage is shown it: under handles made from what the stage consumes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from atelier.aggregate import Element
from atelier.kernel.canonical import Json, canonical, read
from atelier.kernel.digest import digest
from atelier.kernel.evidence import handles
from atelier.orchestrate.lens import project
from atelier.orchestrate.wiring import Wire


@dataclass(frozen=True, slots=True)
class Shown:
    """One element: whole, under the stage's handle for it, and what the stage's lens sees of it."""

    element: Element
    value: Json
    digest: str

    @property
    def line(self) -> str:
        """The element as it stands in a prompt."""
        return f"[{self.element.handle}] {canonical(self.value).decode()}"


def shown(elements: Sequence[Element], wire: Wire, *, is_list: bool) -> list[Shown]:
    """A slice's elements as the stage at the end of a wire is shown them.

    A request is a function of what its stage consumes: under a lens, the values are what the lens
    sees, and the handles are made from these, so that nothing else can change a prompt.
    """
    values = _seen([element.value for element in elements], wire, is_list=is_list)
    digests = [digest(value) for value in values]
    named = handles([(element.slice, one) for element, one in zip(elements, digests, strict=True)])
    return [
        Shown(replace(element, handle=handle), value, one)
        for element, handle, value, one in zip(elements, named, values, digests, strict=True)
    ]


def _seen(values: list[Json], wire: Wire, *, is_list: bool) -> list[Json]:
    if not values or not (wire.lens or wire.each is not None):
        return values
    if wire.each is not None or not is_list:
        return [read(project(canonical(value), wire.form)[0]) for value in values]
    return list(read(project(canonical(values), wire.form)[0]))
