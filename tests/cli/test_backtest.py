"""`atelier backtest`: what it asks for, what it prints, and how it exits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Ask = Callable[..., Any]
Atelier = Callable[..., Any]
OTHER = """
from atelier import stage, terra
from flow import Entry


@stage
def modest(entries: list[Entry]) -> terra.Prose:
    return terra.Prose(text="\\n\\n".join(entry.text for entry in entries[:2]))
"""


@pytest.fixture
def recorded(project: Path, atelier: Atelier) -> Path:
    (project / "other.py").write_text(OTHER)
    assert atelier("run", ".", cwd=project).code == 0
    return project


def test_a_swapped_stage_is_shown_beside_what_was(
    recorded: Path, atelier: Atelier, settled: Callable[[str], str]
) -> None:
    words = ("backtest", ".", "--stage", "draft=other.py:modest")
    page = (recorded / "pages/maya.md").read_bytes()
    done = atelier(*words, cwd=recorded)
    assert done.code == 0, done.err
    assert settled(done.err) == snapshot("1  run RUN1  complete  changed")
    assert settled(done.out) == snapshot("""\
week  stage draft → other.py:modest
run RUN1
@@ -1,7 +1,8 @@
-Ran 7 km along the river on Monday.[^1]
+Rested on Sunday.[^1]

-Everybody cheered in Lisbon. **[contested: unsupported]**
+Ran 7 km along the river on Monday.[^2]

-[^1]: “Ran 7 km along the river on Monday.” — entries/maya.jsonl:2
+[^1]: “Rested on Sunday.” — entries/maya.jsonl:1
+[^2]: “Ran 7 km along the river on Monday.” — entries/maya.jsonl:2

-<!-- atelier:DIGEST -->
+<!-- atelier:DIGEST -->
run  status  ran  supported  contested  citations  cost  saved  time
RUN1  complete  draft, grounded, page  1 → 2  1 → 0  +1 -0  $0  $0  TIME → TIME
total  1 → 2  1 → 0  +1 -0  $0  $0  TIME → TIME
1 of 1 texts changed.
  shadow  .atelier/backtests/22db2c7a284ab45a\
""")
    assert (recorded / "pages/maya.md").read_bytes() == page
    told = atelier(*words, "--json", "--quiet", cwd=recorded)
    assert (told.code, told.err) == (0, "")
    (run,) = told.json["runs"]
    assert run["ran"] == {}, "the same question goes on with what is there"
    assert (recorded / told.json["folder"] / "runs" / run["run"] / "pages/maya.md").is_file()
    assert len(list((recorded / ".atelier/backtests").iterdir())) == 1


def test_a_selection_without_runs_says_what_to_loosen(recorded: Path, atelier: Atelier) -> None:
    words = ("backtest", ".", "--stage", "draft=other.py:modest", "--where", "name=ines")
    done = atelier(*words, "--json", cwd=recorded)
    assert done.code == 2
    error = done.json["error"]
    assert error["code"] == "backtest.no_runs"
    assert "--where" in error["next_step"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "one of --model, --prompt and --stage"),
        (("--model", "a=offline", "--prompt", "b=c.md"), "one of --model, --prompt and --stage"),
        (("--prompt", "draft"), "backtest.swap"),
        (("--stage", "draft=other.py:absent"), "project.no_stage"),
        (("--stage", "draft=other.py:modest", "--max-usd", "much"), "--max-usd"),
        (("--stage", "draft=other.py:modest", "--where", "name"), "NAME=VALUE"),
    ],
)
def test_a_question_that_is_wrong_is_refused(
    recorded: Path, atelier: Atelier, words: tuple[str, ...], says: str
) -> None:
    done = atelier("backtest", ".", *words, cwd=recorded)
    assert done.code == 2
    assert says in done.err
    assert not (recorded / ".atelier/backtests").exists()


def test_a_counterpart_that_fails_is_told(recorded: Path, atelier: Atelier) -> None:
    (recorded / "other.py").write_text(OTHER.replace("entries[:2]", "entries[9]"))
    done = atelier("backtest", ".", "--stage", "draft=other.py:modest", cwd=recorded)
    assert done.code == 1
    assert "draft failed  [stage.raised] Stage 'draft' raised IndexError." in done.out
    assert "draft   Mend the stage and run again" in done.out
    again = atelier("backtest", ".", "--stage", "draft=other.py:modest", "--json", cwd=recorded)
    (failed,) = again.json["runs"]
    assert failed["errors"]["draft"]["code"] == "stage.raised"
