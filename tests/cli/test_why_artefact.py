import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from atelier.cli.console import one_line
from atelier.cli.excerpt import excerpt

Ask = Callable[..., Any]
Settled = Callable[[str], str]


def test_a_sentence_leads_to_its_evidence_stages_and_run(
    made: Any, ask: Ask, settled: Settled
) -> None:
    done = ask("why", "pages/maya.md:1")
    assert done.code == 0
    assert settled(done.out) == snapshot("""\
pages/maya.md:1  as emitted
  by week, run RUN1 (complete), MOMENT
  Ran 7 km along the canal on Monday.
claim 206bbe1c  supported, decided by rule
  Ran 7 km along the canal on Monday.
  checks  number pass; name pass
  supports  entries/maya.jsonl:2  (verbatim, found by retrieval)
    “Ran 7 km along the canal on Monday.”
       maya.jsonl:1  Rested on Sunday.
    >  maya.jsonl:2  Ran 7 km along the canal on Monday.
       maya.jsonl:3  Did not sleep well on Tuesday.
stages
  draft  ran  code changed: helpers.py:tell; input changed: entries/1/text
  grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  page  ran  input changed: grounded/claims/0/citations/0/address/element (+4 more)
next  atelier why RUN1 page\
""")


def test_a_sentence_itself_may_be_asked_about(
    made: Any, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "Ran 7 km along the canal on Monday."
    done = ask("why", asked)
    assert (done.code, done.out) == (0, ask("why", "pages/maya.md:1").out)
    assert ask("why", f"  {asked}[^1]", "--json").json["run"] == made.edited["run"]
    assert ask("why", "7 km along the can").out == done.out, "a part of it"
    several = ask("why", " km along the ")
    assert (several.code, several.err.split()[0]) == (2, "[why.several]")
    unsaid = ask("why", "She flew to the moon. " * 40)
    assert unsaid.code == 2
    assert unsaid.err.startswith("[why.unsaid] No artefact says this.")
    assert "the newest 500 artefacts" in unsaid.err


def test_a_contested_sentence_says_which_check_it_failed(
    made: Any, ask: Ask, settled: Settled
) -> None:
    assert settled(ask("why", "pages/maya.md:3").out) == snapshot("""\
pages/maya.md:3  as emitted
  by week, run RUN1 (complete), MOMENT
  Everybody cheered in Lisbon.
  flagged contested: unsupported
claim 7ac550c4  unsupported, decided by rule
  Everybody cheered in Lisbon.
  checks  name fail: nowhere in the packet: Lisbon
stages
  draft  ran  code changed: helpers.py:tell; input changed: entries/1/text
  grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  page  ran  input changed: grounded/claims/0/citations/0/address/element (+4 more)
next  atelier why RUN1 page\
""")


def test_the_json_of_a_sentence_holds_claims_citations_and_context(made: Any, ask: Ask) -> None:
    found = ask("why", "pages/maya.md:1", "--json").json
    assert found["state"] == "as emitted"
    assert found["run"] == made.edited["run"]
    assert found["sentence"] == "Ran 7 km along the canal on Monday."
    (claim,) = found["claims"]
    assert claim["verdict"] == "supported"
    (citation,) = claim["citations"]
    assert citation["quote"] == "Ran 7 km along the canal on Monday."
    assert citation["origin"] == {"file": "entries/maya.jsonl", "line": 2, "row": 2}
    assert [item["text"] for item in citation["context"]] == [
        "Rested on Sunday.",
        "Ran 7 km along the canal on Monday.",
        "Did not sleep well on Tuesday.",
    ], "the neighbours stand around it"
    assert [item["cited"] for item in citation["context"]] == [False, True, False]
    assert [stage["stage"] for stage in found["stages"]] == ["draft", "grounded", "page"]


def test_a_footnote_leads_to_the_same_evidence(made: Any, ask: Ask) -> None:
    line = (
        made.root.joinpath("pages/maya.md")
        .read_text()
        .splitlines()
        .index("[^1]: “Ran 7 km along the canal on Monday.” — entries/maya.jsonl:2")
    )
    found = ask("why", f"pages/maya.md:{line + 1}", "--json").json
    assert found["part"] == "footnote"
    assert [claim["verdict"] for claim in found["claims"]] == ["supported"]


def test_a_blank_line_states_nothing(made: Any, ask: Ask) -> None:
    done = ask("why", "pages/maya.md:2")
    assert done.code == 0
    assert "This line states nothing" in done.out


def test_a_whole_artefact_lists_the_lines_to_ask_about(
    made: Any, ask: Ask, settled: Settled
) -> None:
    assert settled(ask("why", "pages/maya.md").out) == snapshot("""\
pages/maya.md  as emitted
  by week, run RUN1 (complete), MOMENT
line  claims  sentence
1  1  Ran 7 km along the canal on Monday.
3  1  Everybody cheered in Lisbon. [contested: unsupported]
stages
  draft  ran  code changed: helpers.py:tell; input changed: entries/1/text
  grounded  ran  input changed: draft/text; input changed: packet/entries/1/text
  page  ran  input changed: grounded/claims/0/citations/0/address/element (+4 more)
next  atelier why RUN1 page\
""")


def test_a_moved_artefact_is_recognised_by_its_content(made: Any, ask: Ask, tmp_path: Path) -> None:
    copy = tmp_path / "copied.md"
    copy.write_bytes(made.root.joinpath("pages/maya.md").read_bytes())
    done = ask("why", f"{copy}:1")
    assert done.code == 0
    assert "as emitted" in done.out
    assert "emitted as pages/maya.md" in done.out


def test_the_project_is_found_from_the_artefact_upward(
    made: Any, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert ask("why", str(made.root / "pages/maya.md:1")).code == 0


def test_an_artefact_far_from_its_project_needs_the_project_named(
    made: Any, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copied.md"
    copy.write_bytes(made.root.joinpath("pages/maya.md").read_bytes())
    monkeypatch.chdir(tmp_path)
    assert ask("why", "copied.md:1").code == 2
    assert ask("why", "copied.md:1", "--project", str(made.root)).code == 0


def test_an_artefact_of_another_project_is_named_as_such(
    made: Any, ask: Ask, tmp_path: Path
) -> None:
    other = tmp_path / "other.md"
    other.write_text("Hello.\n<!-- atelier:sha256:" + "0" * 64 + " -->\n")
    done = ask("why", str(other), "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == "why.unknown_artefact"


def test_an_edited_artefact_is_named_and_its_lines_are_matched(
    made: Any, ask: Ask, tmp_path: Path, settled: Settled
) -> None:
    edited = tmp_path / "edited.md"
    text = made.root.joinpath("pages/maya.md").read_text()
    edited.write_text("My own words.\n\n" + text.replace("along the canal on", "by the canal on"))
    done = ask("why", f"{edited}:3", "--json").json
    assert done["state"] == "edited"
    assert done["line"] == 3
    assert done["emitted_line"] == 1
    assert done["claims"][0]["verdict"] == "supported"
    shown = ask("why", f"{edited}:3").out.replace(str(tmp_path), "")
    assert settled(shown).splitlines()[:7] == snapshot(
        [
            "/edited.md:3  edited",
            "  by week, run RUN1 (complete), MOMENT",
            "  emitted as pages/maya.md",
            "  Somebody has edited this file since; the answer is about what was emitted.",
            "  Ran 7 km by the canal on Monday.[^1]",
            "  It was line 1 of what was emitted.",
            "  Emitted as: Ran 7 km along the canal on Monday.[^1]",
        ]
    )


def test_a_line_that_somebody_added_is_said_to_be_theirs(
    made: Any, ask: Ask, tmp_path: Path
) -> None:
    edited = tmp_path / "edited.md"
    text = made.root.joinpath("pages/maya.md").read_text()
    edited.write_text("My own words.\n\n" + text)
    done = ask("why", f"{edited}:1")
    assert done.code == 0
    assert "This line is not Atelier's" in done.out
    assert ask("why", f"{edited}:1", "--json").json["claims"] == []


def test_an_artefact_that_was_deleted_is_answered_from_the_ledger(made: Any, ask: Ask) -> None:
    page = made.root / "pages/maya.md"
    data = page.read_bytes()
    page.unlink()
    try:
        done = ask("why", "pages/maya.md:1", "--json")
        assert done.json["state"] == "not on disk"
        assert done.json["claims"][0]["verdict"] == "supported"
    finally:
        page.write_bytes(data)


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("atelier.toml", "why.foreign"),
        ("nothing.md:3", "why.no_file"),
        ("pages", "why.unreadable"),
        ("pages/", "why.unreadable"),
        ("pages/maya.md:4000", "why.no_line"),
        ("pages/maya.md:x", "cli.usage"),
    ],
)
def test_what_is_no_artefact_gets_a_clear_error(made: Any, ask: Ask, what: str, code: str) -> None:
    done = ask("why", what, "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == code


def test_a_foreign_file_gets_a_clear_message(made: Any, ask: Ask) -> None:
    assert ask("why", "atelier.toml").err == snapshot("""\
[why.foreign] This file is not an artefact of Atelier: it carries no mark.
  file: atelier.toml
  Name the file that a run emitted: see `atelier show latest`.
""")


EXAMPLE = Path(__file__).parents[2] / "examples/coaching"


@pytest.fixture(scope="module")
def coached(tmp_path_factory: pytest.TempPathFactory, atelier: Callable[..., Any]) -> Path:
    """The artefact of the example, in a project of its own."""
    root = tmp_path_factory.mktemp("coached") / "coaching"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".atelier", "artefacts"))
    path: str = atelier("run", ".", "--json", cwd=root).json["artefact"]["path"]
    return root / path


def test_a_line_without_claims_shows_what_its_footnotes_quote(coached: Path, ask: Ask) -> None:
    printed = coached.read_text().splitlines()
    lines = [
        item for item in ask("why", str(coached), "--json").json["lines"] if not item["claims"]
    ]
    texts = (item["first"] for item in lines if item["part"] == "text")
    line = next(at for at in texts if "[^" in printed[at - 1])
    found = ask("why", f"{coached}:{line}", "--json").json
    assert found["claims"] == []
    numbers = re.findall(r"\[\^(\d+)\]", printed[line - 1])
    assert len(found["citations"]) == len(numbers) > 0
    notes = [text for number in numbers for text in printed if text.startswith(f"[^{number}]:")]
    for note, citation in zip(notes, found["citations"], strict=True):
        assert citation["origin"]["file"].rpartition("/")[2] in note, "the very place it prints"
        assert any(item["cited"] for item in citation["context"])
    shown = ask("why", f"{coached}:{line}").out
    assert "states nothing that needs evidence" not in shown
    assert "It rests on no claim; its evidence:" in shown
    note = printed.index(notes[-1]) + 1
    (same,) = ask("why", f"{coached}:{note}", "--json").json["citations"]
    assert same == found["citations"][-1], "its footnote leads to the same evidence"


def test_a_title_lists_its_claims_a_line_each(coached: Path, ask: Ask) -> None:
    done = ask("why", f"{coached}:1")
    claims = ask("why", f"{coached}:1", "--json").json["claims"]
    assert len(claims) > 20, "JSON has them all"
    assert len(done.out.splitlines()) < 40
    assert f"claims  {len(claims)}, of what stands below it" in done.out
    assert f"… {len(claims) - 20} more claims" in done.out


@given(
    before=st.text(max_size=300),
    quote=st.text(alphabet="abc de", min_size=1, max_size=40).filter(str.strip),
    after=st.text(max_size=300),
)
def test_the_context_of_a_quote_holds_the_quote(before: str, quote: str, after: str) -> None:
    shown = excerpt(f"{before} {quote} {after}", quote, width=60)
    assert one_line(quote) in shown
    assert len(shown) <= 60 + 2 * len("… ") + 40 + 20, "it is a window"


def test_a_reworded_quote_is_shown_from_where_it_stands() -> None:
    assert "there" in excerpt("word " * 100 + "there " + "more " * 100, "gone", start=500, width=60)


def test_the_history_of_an_artefact_comes_in_common_forms(made: Any, ask: Ask) -> None:
    prov = ask("why", "pages/maya.md", "--form", "prov").json
    assert prov["@graph"][0]["rdfs:label"] == "pages/maya.md"
    statement = ask("why", "pages/maya.md", "--form", "in-toto").json
    assert statement["predicate"]["runDetails"]["metadata"]["invocationId"] == made.edited["run"]
    assert ask("why", "latest", "--form", "prov").code == 2
