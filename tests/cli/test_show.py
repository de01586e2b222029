from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from atelier import Ask as Asking
from atelier import Harness, Packet, Workflow, stage
from atelier.testing import ScriptedModel

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def test_a_run_is_shown_with_its_stages(made: Any, ask: Ask, settled: Settled) -> None:
    assert settled(ask("show", "latest").out) == snapshot("""\
week  RUN1  complete
  began  MOMENT
  took  TIME
  target  .
  parameters  name=maya
  packet  DIGEST
  artefact  pages/maya.md (replaced)  DIGEST
stage  outcome  seconds  key  output  reason
draft  ran  TIME  DIGEST  DIGEST  code changed: helpers.py:tell; input changed: entries/1/text
grounded  ran  TIME  DIGEST  DIGEST  input changed: draft/text; input changed: packet/entries/1/text
page  ran  TIME  DIGEST  DIGEST  input changed: grounded/claims/0/citations/0/address/element (+4 more)\
""")


def test_a_stage_is_shown_with_all_that_its_row_holds(
    made: Any, ask: Ask, settled: Settled
) -> None:
    assert settled(ask("show", "latest", "grounded").out) == snapshot("""\
grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  run  RUN1
  recorded  MOMENT
  seconds  TIME
  key  DIGEST
  recipe  DIGEST
  input  DIGEST
  output  DIGEST
  citations  1
  decided by  rule
inputs
  draft  stage  DIGEST
  packet  packet  DIGEST\
""")


def test_a_served_stage_is_shown_with_the_row_it_was_served_from(made: Any, ask: Ask) -> None:
    shown = ask("show", made.served["run"], "draft").out
    assert f"row 1 of run {made.first['run']}: first run" in shown
    found = ask("show", made.served["run"], "draft", "--json").json
    assert found["served_from"] == 1
    assert [item["parameter"] for item in found["inputs"]] == ["entries"]


def test_an_output_is_the_value_of_the_stage(made: Any, ask: Ask) -> None:
    found = ask("show", "latest", "draft", "--output").json
    assert found["text"].startswith("Ran 7 km along the canal on Monday.")


def test_output_without_a_stage_is_refused(made: Any, ask: Ask) -> None:
    assert ask("show", "latest", "--output").code == 2


def test_the_json_of_a_run_names_its_artefact(made: Any, ask: Ask) -> None:
    found = ask("show", made.first["run"], "--json").json
    assert [item["path"] for item in found["artefacts"]] == ["pages/maya.md"]
    assert [stage["reason"] for stage in found["stages"]] == ["first run"] * 3
    assert found["stages"][0]["key"] == made.first["stages"][0]["key"]


def test_what_was_asked_and_what_came_can_be_read(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Nothing(Packet):
        name: str

    (tmp_path / "prompt.md").write_text("How is {{name}}?")

    @stage(model="writer", prompt=str(tmp_path / "prompt.md"), tries=1)
    async def draft(ask: Asking[int], name: str) -> int:
        return await ask(name=name)

    workflow = Workflow("asking", packet=Nothing, stages=[draft])
    with Harness.open(tmp_path, models={"writer": ScriptedModel(["unwell"])}) as harness:
        run = harness.run_sync(workflow, Nothing(name="Maya"))
    monkeypatch.chdir(tmp_path)
    said = ask("show", run.id, "draft").out
    assert "Read the answers with `atelier show RUN STAGE`" in said
    asked, received = (
        line.split()[-1]
        for line in said.splitlines()
        if line.startswith("  1  re") and "sha" in line
    )
    assert "How is Maya?" in ask("blob", "cat", asked).out
    assert "unwell" in ask("blob", "cat", received).out
