"""What a node is made of, as it stands now."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from atelier import Ask, Packet, SetupError, Workflow, stage
from atelier.orchestrate.recipes import prompt_for, stand_in
from atelier.orchestrate.wiring import Node


class Week(Packet):
    notes: list[str]


def shortly(notes: list[str]) -> str:
    return notes[0]


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    path = tmp_path / "shorten.md"
    path.write_text("Shorten:\n{{notes}}\n")
    return path


@pytest.fixture
def nodes(prompt: Path) -> Mapping[str, Node]:
    @stage(model="writer", prompt=str(prompt), offline=shortly)
    async def draft(ask: Ask[str], notes: list[str]) -> str:
        return await ask(notes=notes)

    @stage(model="writer", prompt=str(prompt))
    async def again(ask: Ask[str], notes: list[str]) -> str:
        return await ask(notes=notes)

    @stage
    def count(draft: str, again: str) -> int:
        return len(draft) - len(again)

    return Workflow("week", packet=Week, stages=[draft, again, count]).graph.nodes


def test_a_stage_without_a_stand_in_cannot_be_answered_offline(nodes: Mapping[str, Node]) -> None:
    assert stand_in(nodes["draft"]) is shortly
    with pytest.raises(SetupError, match="'again' has no stand-in") as refused:
        stand_in(nodes["again"])
    assert refused.value.code == "stage.no_stand_in"
    assert refused.value.facts["model class"] == "writer"


def test_a_prompt_is_read_as_it_stands_now(nodes: Mapping[str, Node], prompt: Path) -> None:
    assert prompt_for(nodes["count"]) is None
    before = prompt_for(nodes["again"])
    prompt.write_text("Tell it in one line:\n{{notes}}\n")
    assert prompt_for(nodes["again"]) != before
    prompt.unlink()
    with pytest.raises(SetupError, match="'again'") as refused:
        prompt_for(nodes["again"])
    assert refused.value.code == "prompt.unreadable"
