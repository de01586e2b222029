"""Prompts have two forms and no more; what is filled in is never scanned again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier import SetupError
from atelier.kernel.digest import digest_bytes
from atelier.orchestrate.prompt import Prompt, fence, read_prompt


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text)
    return folder / "main.md"


def test_includes_are_relative_to_their_own_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    written(tmp_path / "parts", tone="Be {{> word.md}}.", word="kind")
    prompt = read_prompt(written(tmp_path, main="{{> parts/tone.md}} {{ name }}"), stage="s")
    assert prompt.fill({"name": "Maya"}) == "Be kind. Maya"
    assert [Path(name).name for name in prompt.files] == ["main.md", "tone.md", "word.md"]


def test_values_are_never_scanned_again(tmp_path: Path) -> None:
    prompt = read_prompt(written(tmp_path, main="{{a}}{{b}}"), stage="s")
    assert prompt.fill({"a": "{{b}}", "b": "{{> main.md}}"}) == "{{b}}{{> main.md}}"


def test_slots_are_named_once_in_order(tmp_path: Path) -> None:
    prompt = read_prompt(written(tmp_path, main="{{b}} {{a}} {{b}}"), stage="s")
    assert prompt.slots == ("b", "a")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{> main.md}}", "includes itself"),
        ("{{> gone.md}}", "No such file"),
        ("one\n{{a.b}}", "neither a slot nor an include"),
        ("{{#each x}}", "neither a slot nor an include"),
    ],
)
def test_a_malformed_template_names_its_place(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_prompt(written(tmp_path, main=text), stage="draft")
    assert caught.value.code == "prompt.unreadable"
    assert why in caught.value.facts["why"]
    assert "'draft'" in caught.value.sentence


def test_a_template_that_is_not_utf8_names_the_byte(tmp_path: Path) -> None:
    (tmp_path / "main.md").write_bytes(b"ab\xff")
    with pytest.raises(SetupError, match="byte 2"):
        read_prompt(tmp_path / "main.md", stage="s")


def test_single_braces_are_text(tmp_path: Path) -> None:
    text = '{"a": {"b": 1}}'
    assert read_prompt(written(tmp_path, main=text), stage="s").fill({}) == text


@given(st.text())
def test_no_text_closes_its_own_fence(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    fenced = fence(text, "journal")
    closer = fenced.rsplit("\n", 1)[1]
    assert closer not in text
    assert digest_bytes(text.encode())[7:23] in closer


def test_an_empty_prompt_is_a_prompt() -> None:
    assert Prompt(pieces=("",), files={}).fill({}) == ""
