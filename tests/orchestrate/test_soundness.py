"""What a key cannot see is named, serves one run, and is the reason of the next."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel, field_validator

from atelier import Harness, Packet, Workflow, stage
from atelier.cache.parts import Unseen
from atelier.orchestrate import recipes

PAGE = str(Path(__file__).with_name("page.xml"))


def root_of(path: str) -> str:
    """The root of a page, read by a library: no rule over this code can see it."""
    return ET.parse(path).getroot().tag  # noqa: S314 - the test's own file


class Evidence(Packet):
    name: str


class Listed(Evidence):
    items: list[str]


class Checked(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def stands_on_a_page(cls, text: str) -> str:
        return text + root_of(PAGE)


def test_a_reading_inside_the_output_s_validator_is_named_and_never_reused(tmp_path: Path) -> None:
    Path(PAGE).write_text("<page/>")

    @stage
    def checked(name: str) -> Checked:
        return {"text": name}  # type: ignore[return-value]

    workflow = Workflow("validated", packet=Evidence, stages=[checked])
    try:
        with Harness.open(tmp_path) as harness:
            first = harness.run_sync(workflow, Evidence(name="a"))
            again = harness.run_sync(workflow, Evidence(name="a"))
    finally:
        Path(PAGE).unlink()
    (unseen,) = first.result("checked").unseen
    assert "page.xml" in unseen["what"]
    assert again.served == "run"
    assert again.result("checked").reason.startswith("unseen: ")


def test_a_reading_by_a_library_is_the_reason_of_the_next_execution(tmp_path: Path) -> None:
    Path(PAGE).write_text("<page/>")

    @stage
    def read(name: str) -> str:
        return name + root_of(PAGE)

    workflow = Workflow("reads", packet=Evidence, stages=[read])
    try:
        with Harness.open(tmp_path) as harness:
            harness.run_sync(workflow, Evidence(name="a"))
            again = harness.run_sync(workflow, Evidence(name="a"))
    finally:
        Path(PAGE).unlink()
    assert "page.xml" in again.result("read").reason


def test_a_value_that_serves_one_run_only_now_says_why_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @stage
    def named(name: str) -> str:
        return name

    @stage
    def count(items: list[str]) -> int:
        return len(items)

    workflow = Workflow("named", packet=Listed, stages=[named, count])
    unseen = (Unseen("source of a class", "flow.py:1", "start the process again"),)
    seen = recipes.closure_of
    with Harness.open(tmp_path) as harness:
        harness.run_sync(workflow, Listed(name="a", items=["b"]))
        monkeypatch.setattr(
            recipes, "closure_of", lambda *code, **more: replace(seen(*code, **more), unseen=unseen)
        )
        again = harness.run_sync(workflow, Listed(name="a", items=["c"]))
    assert again.result("named").reason == "unseen: source of a class"
