"""One thing in the place of another: the workflow that comes of it is as whole as the first."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from atelier import Artefact, Packet, Passage, SetupError, Workflow, stage, terra
from atelier.orchestrate.swap import Swap, SwapKind, require_class, with_prompt, with_stage


class Evidence(Packet):
    student: str


class Page(BaseModel):
    passages: list[Passage]


@stage
def draft(student: str) -> terra.Prose:
    return terra.Prose(text=f"How is {student}?")


grounded = terra.ground(draft)


@stage
def page(grounded: terra.Grounded) -> Page:
    return Page(passages=[])


@stage
def other_page(grounded: terra.Grounded) -> Page:
    return Page(passages=[Passage(text="How is maya?")])


STAGES = [draft, grounded, page]
PLAIN = Workflow("plain", packet=Evidence, stages=STAGES)
PRINTED = Workflow(
    "printed", packet=Evidence, stages=STAGES, artefact=Artefact(page, "{student}.md")
)


def test_a_stage_takes_the_name_and_the_place_of_the_one_it_stands_for() -> None:
    swapped = with_stage(PLAIN, "page", other_page)
    assert [one.name for one in swapped.stages] == ["draft", "grounded", "page"]
    assert swapped.stages[2].function is other_page.function
    assert swapped.artefact is None
    assert PLAIN.stages[2] is page, "the first workflow is as it was"


def test_an_artefact_is_printed_by_the_stage_that_was_put_there() -> None:
    swapped = with_stage(PRINTED, "page", other_page)
    assert swapped.artefact is not None
    assert swapped.artefact.stage is swapped.stages[2]
    kept = with_stage(PRINTED, "draft", draft)
    assert kept.artefact is not None
    assert kept.artefact.stage is page


@pytest.mark.parametrize("text", ["page", "=x", "page="])
def test_a_swap_that_is_not_written_whole_is_refused(text: str) -> None:
    with pytest.raises(SetupError) as refused:
        Swap.parse(SwapKind.STAGE, text)
    assert refused.value.code == "backtest.swap"


def test_what_a_swap_does_not_fit_is_refused_with_what_there_is() -> None:
    with pytest.raises(SetupError) as refused:
        with_stage(PLAIN, "pages", other_page)
    assert refused.value.facts["stages"] == "draft, grounded, page"
    with pytest.raises(SetupError) as refused:
        with_prompt(PLAIN, "page", Path("p.md"))
    assert refused.value.code == "backtest.no_prompt"
    with pytest.raises(SetupError) as refused:
        require_class(PLAIN, "writer")
    assert refused.value.code == "backtest.unused_class"
