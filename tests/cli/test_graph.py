from collections.abc import Callable
from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

Ask = Callable[..., Any]

WIRED = """
from typing import Annotated

from pydantic import BaseModel

from atelier import Ask, Packet, Workflow, stage
from atelier.isilon import JsonLines


class Entry(BaseModel):
    day: str
    text: str


class Day(BaseModel):
    day: str


class Week(Packet):
    name: str
    entries: Annotated[list[Entry], JsonLines("entries.jsonl")]


@stage(each="entries")
def measure(entries: Entry) -> Entry:
    return entries


@stage
def last(measure: list[Entry]) -> Entry:
    return measure[-1]


def stand_in(last: Day, name: str | None = None) -> str:
    return last.day


@stage(model="writer", prompt="prompt.md", offline=stand_in)
async def end(ask: Ask[str], last: Day, name: str | None = None) -> str:
    return await ask(last=last)


flow = Workflow("wired; \\"all\\"", packet=Week, stages=[measure, last, end])
"""


def test_stages_stand_in_layers_with_their_wires(standing: Path, ask: Ask) -> None:
    assert ask("graph", "week_flow.py").out == snapshot("""\
week  over Week(name)
slices    entries
1  draft     ← entries
2  grounded  ← draft, packet  may ask grounder
3  page      ← grounded
artefact  page → pages/{name}.md
""")


def test_a_flowchart_names_stages_slices_and_artefact(standing: Path, ask: Ask) -> None:
    assert ask("graph", "week_flow.py", "--mermaid").out == snapshot("""\
flowchart TD
  p_entries[/"entries"/]
  p_packet[("packet")]
  s_draft["draft"]
  s_grounded["grounded · grounder"]
  s_page["page"]
  p_entries --> s_draft
  s_draft --> s_grounded
  p_packet --> s_grounded
  s_grounded --> s_page
  artefact(["pages/{name}.md"])
  s_page --> artefact
""")


def test_lenses_maps_and_optional_inputs_are_named(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "wired_flow.py").write_text(WIRED)
    (tmp_path / "prompt.md").write_text("{{last}}")
    target = str(tmp_path / "wired_flow.py")
    assert ask("graph", target).out == snapshot("""\
wired; "all"  over Week(name)
slices    entries
1  measure  ← entries[]
2  last     ← measure
3  end      ← last as Day, name?  asks writer
""")
    assert ask("graph", target, "--mermaid").out == snapshot("""\
flowchart TD
  p_name[/"name"/]
  p_entries[/"entries"/]
  s_measure["measure"]
  s_last["last"]
  s_end["end · writer"]
  p_entries -->|"each"| s_measure
  s_measure --> s_last
  s_last -->|"Day"| s_end
  p_name -.-> s_end
""")
    found = ask("graph", target, "--json").json
    wires = {stage["stage"]: stage["inputs"] for stage in found["stages"]}
    assert wires["measure"][0]["each"] == "entries"
    assert wires["end"][0]["lens"] == "Day"
    assert wires["end"][1]["optional"]


def test_the_picture_names_stages_inputs_and_the_artefact(standing: Path, ask: Ask) -> None:
    drawn = ask("graph", "week_flow.py", "--svg").out
    assert drawn.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "prefers-color-scheme: dark" in drawn
    assert ">may ask grounder</text>" in drawn
    assert ">reads entries</text>" in drawn
    assert ">artefact</text>" in drawn


def test_a_graph_is_asked_for_in_one_form(standing: Path, ask: Ask) -> None:
    done = ask("graph", "week_flow.py", "--svg", "--mermaid")
    assert (done.code, "give one" in done.err) == (2, True)
