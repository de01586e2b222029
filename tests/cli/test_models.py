from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Ask = Callable[..., Any]

ASKING = """
from atelier import Ask, Packet, Workflow, stage


class Nothing(Packet):
    name: str = "a"


def stand_in(name: str) -> str:
    return name


@stage(model="writer", prompt="prompt.md", offline=stand_in)
async def draft(ask: Ask[str], name: str) -> str:
    return await ask(name=name)


@stage(model="checker", required=False, prompt="prompt.md")
async def check(ask: Ask[str] | None, name: str) -> str:
    return name


flow = Workflow("asking", packet=Nothing, stages=[draft, check])
"""


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    (tmp_path / "asking_flow.py").write_text(ASKING)
    (tmp_path / "prompt.md").write_text("{{name}}")
    (tmp_path / "atelier.toml").write_text(
        '[models.writer]\nuse = "offline"\n[models.reader]\nuse = "acme:large"\n'
        "sampling = { temperature = 0 }\n"
    )
    return tmp_path


def test_classes_are_listed_with_bindings_and_stages(asking: Path, ask: Ask) -> None:
    assert ask("models", str(asking / "asking_flow.py")).out == snapshot("""\
class    use                    answered  stages
writer   offline                -         draft
reader   acme:large             -         -
checker  (unbound, and may be)  -         check
""")


def test_a_project_lists_what_it_binds(asking: Path, ask: Ask) -> None:
    found = ask("models", "--project", str(asking), "--json").json["models"]
    assert [(item["class"], item["use"]) for item in found] == [
        ("writer", "offline"),
        ("reader", "acme:large"),
    ]
    assert found[1]["sampling"] == {"max_tokens": 8192, "temperature": 0}


def test_without_a_target_nothing_is_said_of_stages_but_how_to_see_them(
    asking: Path, ask: Ask
) -> None:
    assert ask("models", "--project", str(asking)).out == snapshot("""\
class   use         answered
writer  offline     -
reader  acme:large  -
Name a target, and the stages that ask each are listed: atelier models TARGET
""")
    listed = ask("models", "--project", str(asking), "--json").json["models"]
    assert [(item["stages"], item["required"]) for item in listed] == [(None, None)] * 2
