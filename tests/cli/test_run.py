import os
import pty
import select
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

Atelier = Callable[..., Any]
Settled = Callable[[str], str]
Terminal = Callable[..., str]

FAILING = """
from typing import Annotated

from atelier import Packet, Workflow, stage
from atelier.isilon import Text


class Note(Packet):
    body: Annotated[str, Text("body.txt")]


@stage
def words(body: str) -> list[str]:
    return body.split()


@stage
def count(words: list[str]) -> int:
    raise ValueError("no\\x1b]52;c;eA==\\x07 counting today")


@stage
def report(count: int) -> str:
    return str(count)


@stage
def shout(words: list[str]) -> str:
    return " ".join(words).upper()


flow = Workflow("count", packet=Note, stages=[words, count, report, shout])
"""


def write_failing(root: Path) -> Path:
    root.mkdir()
    (root / "flow.py").write_text(FAILING)
    (root / "body.txt").write_text("one two")
    return root


def test_a_first_run_says_what_ran_and_what_to_try_next(
    project: Path, atelier: Atelier, settled: Settled
) -> None:
    done = atelier("run", ".", cwd=project)
    assert done.code == 0
    assert settled(done.err) == snapshot("""\
draft  ran  TIME  first run
grounded  ran  TIME  first run
page  ran  TIME  first run\
""")
    assert settled(done.out) == snapshot("""\
complete  3 ran  TIME
  artefact  pages/maya.md (written)
  run  RUN1
  contested  line 3
  next  atelier why pages/maya.md:3\
""")


def test_a_second_run_says_that_it_was_served_from_cache(
    project: Path, atelier: Atelier, settled: Settled
) -> None:
    first = atelier("run", ".", "--json", cwd=project).json
    done = atelier("run", ".", cwd=project)
    assert f"served from cache (run {first['run']})" in done.out
    assert settled(done.err) == snapshot("""\
draft  reused  TIME  run RUN1
grounded  reused  TIME  run RUN1
page  reused  TIME  run RUN1\
""")
    assert settled(done.out) == snapshot("""\
complete  served from cache (run RUN1)  TIME
  artefact  pages/maya.md (unchanged)
  run  RUN2
  contested  line 3
  next  atelier why pages/maya.md:3\
""")


def test_the_json_of_a_run_is_what_the_reference_promises(project: Path, atelier: Atelier) -> None:
    done = atelier("run", ".", "--json", cwd=project)
    assert list(done.json) == snapshot(
        [
            "run",
            "workflow",
            "status",
            "served",
            "served_from",
            "packet",
            "stages",
            "artefact",
            "incurred_usd",
            "avoided_usd",
            "seconds",
            "warnings",
        ]
    )
    assert list(done.json["stages"][0]) == snapshot(
        [
            "stage",
            "outcome",
            "reason",
            "key",
            "output",
            "requests",
            "incurred_usd",
            "avoided_usd",
            "seconds",
        ]
    )
    assert done.json["served"] == "run"
    assert done.json["artefact"]["path"] == "pages/maya.md"
    assert done.err.startswith("draft"), "progress goes to stderr"
    served = atelier("run", ".", "--json", "--quiet", cwd=project)
    assert served.json["served"] == "cache"
    assert [(stage["stage"], stage["outcome"]) for stage in served.json["stages"]] == [
        ("draft", "reused"),
        ("grounded", "reused"),
        ("page", "reused"),
    ], "every stage stands there, also when served"
    assert served.err == "", "--quiet shows no progress"


def test_strict_exits_with_3_where_the_artefact_is_contested(
    project: Path, atelier: Atelier
) -> None:
    assert atelier("run", ".", cwd=project).code == 0
    assert atelier("run", ".", "--strict", cwd=project).code == 3, "on a served run, too"


def test_strict_exits_with_0_where_nothing_is_contested(project: Path, atelier: Atelier) -> None:
    helpers = project / "helpers.py"
    helpers.write_text(helpers.read_text().replace("Everybody cheered in Lisbon.", ""))
    assert atelier("run", ".", "--strict", cwd=project).code == 0


def test_a_failed_stage_exits_with_1_and_prints_its_error(
    tmp_path: Path, atelier: Atelier, settled: Settled
) -> None:
    root = write_failing(tmp_path / "failing")
    done = atelier("run", ".", cwd=root)
    assert done.code == 1
    lines = settled(done.err).splitlines()
    assert sorted(lines[:4]) == snapshot(
        [
            "count  failed  TIME  [stage.raised] Stage 'count' raised ValueError.",
            "report  blocked  TIME  needs count",
            "shout  ran  TIME  first run",
            "words  ran  TIME  first run",
        ]
    ), "those below `words` end in any order"
    assert lines[4:] == snapshot(
        [
            "[stage.raised] Stage 'count' raised ValueError.",
            "  message: no\\x1b]52;c;eA==\\x07 counting today",
            "  at:  flow.py:19",
            "  Mend the stage and run again; what succeeded is reused.",
        ]
    )
    assert settled(done.out) == snapshot("""\
partial  2 ran, 1 failed, 1 blocked  TIME
  run  RUN1
  next  atelier show RUN1 count\
""")


def test_why_of_a_failed_and_of_a_blocked_stage_gives_the_error(
    tmp_path: Path, atelier: Atelier, settled: Settled
) -> None:
    root = write_failing(tmp_path / "failing")
    atelier("run", ".", cwd=root)
    assert settled(atelier("why", "latest", "count", cwd=root).out) == snapshot("""\
count  run RUN1  partial
count  failed  [stage.raised] Stage 'count' raised ValueError.
  at: flow.py:19
  message: no\\x1b]52;c;eA==\\x07 counting today
  Mend the stage and run again; what succeeded is reused.
  The ledger has no earlier execution to compare it with.\
""")
    assert settled(atelier("why", "latest", "report", cwd=root).out) == snapshot("""\
count  run RUN1  partial
report  blocked  [stage.blocked] Stage 'report' needs what count did not give.
  needs: count
  Mend that stage and run again; what succeeded is reused.
next  atelier why RUN1 count\
""")


def test_what_succeeded_beside_a_failure_is_reused(tmp_path: Path, atelier: Atelier) -> None:
    root = write_failing(tmp_path / "failing")
    atelier("run", ".", cwd=root)
    (root / "flow.py").write_text(FAILING.replace("raise ValueError(", "return len(words) or ("))
    done = atelier("run", ".", "--json", cwd=root)
    assert done.code == 0
    assert {stage["stage"]: stage["outcome"] for stage in done.json["stages"]} == {
        "words": "reused",
        "count": "ran",
        "shout": "reused",
        "report": "ran",
    }


def test_a_failed_run_as_json_holds_the_error_of_its_stage(
    tmp_path: Path, atelier: Atelier
) -> None:
    done = atelier("run", ".", "--json", cwd=write_failing(tmp_path / "failing"))
    assert done.code == 1
    assert done.json["status"] == "partial"
    errors = {stage["stage"]: stage.get("error") for stage in done.json["stages"]}
    assert errors["count"]["code"] == "stage.raised"
    assert errors["report"]["code"] == "stage.blocked"
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nowhere"], "project.no_target"),
        (["week_flow.py", "nome=maya"], "packet.parameter"),
        (["week_flow.py", "name"], "cli.usage"),
        (["week_flow.py", "name=a", "name=b"], "cli.usage"),
        (["week_flow.py", "--refresh", "draft"], "cli.usage"),
        (["week_flow.py", "--because", "so"], "cli.usage"),
        (["week_flow.py", "--refresh", "nothing", "--because", "so"], "run.unknown_stage"),
        (["week_flow.py", "--packet", "week_flow.py"], "evidence.json"),
        (["week_flow.py", "--packet", "week_flow.py", "name=a"], "cli.usage"),
        (["week_flow.py:other"], "project.no_workflow"),
    ],
)
def test_a_run_that_cannot_begin_exits_with_2(
    standing: Path, ask: Atelier, words: list[str], code: str
) -> None:
    done = ask("run", *words, "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == code
    assert done.json["error"]["next_step"]


def test_a_set_up_error_reads_as_sentence_facts_and_next_step(
    standing: Path, ask: Atelier, settled: Settled
) -> None:
    done = ask("run", "week_flow.py", "name=noah")
    assert done.code == 2
    assert done.out == ""
    assert settled(done.err.replace(str(standing), "PROJECT")) == snapshot("""\
[evidence.missing] A source is not there.
  at:  entries/noah.jsonl
  below: PROJECT
  slice: entries
  given: name='noah'
  Put the file there, or declare the slice as `... | None = None`.\
""")


def test_a_parameter_goes_before_its_default(project: Path, atelier: Atelier) -> None:
    (project / "entries/noah.jsonl").write_text('{"day": "2026-03-02", "text": "Ran home."}\n')
    done = atelier("run", ".", "name=noah", "--json", cwd=project)
    assert done.json["artefact"]["path"] == "pages/noah.md"


def test_refresh_draws_again_and_the_row_says_why(project: Path, atelier: Atelier) -> None:
    atelier("run", ".", cwd=project)
    done = atelier(
        "run", ".", "--refresh", "draft", "--because", "a second look", "--json", cwd=project
    )
    assert [stage["reason"] for stage in done.json["stages"]][:2] == [
        "refreshed: a second look",
        "same key",
    ]


def test_a_packet_from_a_file_runs_as_the_collected_one(project: Path, atelier: Atelier) -> None:
    content = atelier("packet", "show", ".", "--content", cwd=project)
    (project / "packet.json").write_text(content.out)
    first = atelier("run", ".", "--json", cwd=project).json
    done = atelier("run", ".", "--packet", "packet.json", "--json", cwd=project).json
    assert done["packet"] == first["packet"]
    assert done["served_from"] == first["run"]


def test_an_edited_artefact_is_kept_unless_overwritten(project: Path, atelier: Atelier) -> None:
    atelier("run", ".", cwd=project)
    page = project / "pages/maya.md"
    page.write_text(page.read_text().replace("cheered", "clapped"))
    done = atelier("run", ".", cwd=project)
    assert done.code == 0
    assert "warning: pages/maya.md is not what Atelier wrote there" in done.err
    assert "clapped" in page.read_text()
    atelier("run", ".", "--overwrite", cwd=project)
    assert "clapped" not in page.read_text()


def test_paths_are_named_from_where_one_stands(project: Path, atelier: Atelier) -> None:
    done = atelier("run", "flow.py", "--project", "project", cwd=project.parent)
    assert "artefact   project/pages/maya.md (written)" in done.out
    line = next(line for line in done.out.splitlines() if "next" in line)
    assert atelier(*line.split()[2:], cwd=project.parent).code == 0, "it can be pasted"


CHATTY = """
import subprocess
import warnings

from atelier import Packet, Workflow, stage

print("imported")


class Nothing(Packet):
    name: str = "a"


@stage
def talk(name: str) -> str:
    print("in a stage")
    subprocess.run(["echo", "in a program"], check=True)
    warnings.warn("careful\\x1b[2J", stacklevel=1)
    return name


flow = Workflow("chatty", packet=Nothing, stages=[talk])
"""


def test_what_the_users_code_prints_never_mixes_with_the_answer(
    tmp_path: Path, atelier: Atelier
) -> None:
    (tmp_path / "flow.py").write_text(CHATTY)
    for words in (["plan", "."], ["graph", "."], ["packet", "show", "."], ["run", "."]):
        done = atelier(*words, "--json", cwd=tmp_path)
        assert done.code == 0
        assert isinstance(done.json, dict), "one document on stdout"
        assert "imported" in done.err
    assert "in a stage" in done.err
    assert "in a program" in done.err
    assert "warning: careful\\x1b[2J\n" in done.err


MAPPED = """
from typing import Annotated

from atelier import Packet, Workflow, stage
from atelier.isilon import Json


class Notes(Packet):
    notes: Annotated[list[str], Json("notes.json")]


@stage(each="notes")
def length(notes: str) -> int:
    if not notes:
        raise ValueError("empty")
    return len(notes)


flow = Workflow("lengths", packet=Notes, stages=[length])
"""


def test_a_mapped_stage_shows_what_became_of_each_element(tmp_path: Path, atelier: Atelier) -> None:
    (tmp_path / "flow.py").write_text(MAPPED)
    (tmp_path / "notes.json").write_text('["a", "bb"]')
    atelier("run", ".", cwd=tmp_path)
    (tmp_path / "notes.json").write_text('["bb", "ccc", ""]')
    done = atelier("run", ".", cwd=tmp_path)
    assert done.code == 1
    assert "failed for 1 of 3 elements" in done.err
    found = atelier("show", "latest", "length", "--json", cwd=tmp_path).json
    assert [element["outcome"] for element in found["elements"]] == ["reused", "ran", "failed"]
    assert [element["at"] for element in found["elements"]] == [0, 1, 2]
    assert found["elements"][2]["origin"] == {"file": "notes.json", "line": 1}
    lines = atelier("show", "latest", "length", cwd=tmp_path).out.splitlines()
    (failed,) = (line for line in lines if line.lstrip().startswith("2  sha256:"))
    assert "failed" in failed
    assert "notes.json" in failed, "it names the element's place"
    assert "ValueError" in failed
    why = atelier("why", "latest", "length", cwd=tmp_path).out
    assert "failed for 1 of 3 elements" in why


def test_a_first_run_of_a_mapped_stage_is_not_compared_with_itself(
    tmp_path: Path, atelier: Atelier
) -> None:
    (tmp_path / "flow.py").write_text(MAPPED)
    (tmp_path / "notes.json").write_text('["a", "bb"]')
    atelier("run", ".", cwd=tmp_path)
    found = atelier("why", "latest", "length", "--json", cwd=tmp_path).json
    assert found["made_in"]["compared_with"] is None


def test_what_to_ask_next_can_be_pasted_where_a_name_has_a_space(
    project: Path, atelier: Atelier
) -> None:
    spaced = project.rename(project.parent / "a project")
    done = atelier("run", spaced.name, cwd=spaced.parent)
    line = next(line for line in done.out.splitlines() if line.startswith("  next"))
    words = shlex.split(line)[2:]
    assert atelier(*words, cwd=spaced.parent).code == 0


def test_on_a_terminal_the_tree_is_drawn_and_says_the_same(
    project: Path, terminal: Terminal
) -> None:
    screen = terminal(project)
    assert "\x1b[" in screen
    assert "week" in screen
    for stage in ("draft", "grounded", "page"):
        assert stage in screen
    assert "first run" in screen


def test_no_color_is_honoured_on_a_terminal(
    project: Path, atelier: Atelier, terminal: Terminal
) -> None:
    atelier("run", ".", cwd=project)
    screen = terminal(project, "show", "latest", NO_COLOR="1")
    assert "\x1b[" not in screen
    assert "\x1b[" in terminal(project, "show", "latest")


@pytest.fixture
def terminal(executable: Path, environment: dict[str, str]) -> Terminal:
    """Run a command with a terminal of its own, and give what it shows."""

    def run(cwd: Path, *words: str, **variables: str) -> str:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [executable, *(words or ("run", "."))],
            cwd=cwd,
            env={**environment, "TERM": "xterm-256color", **variables},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            found = read_all(ours)
            process.wait(30)
        os.close(ours)
        return found

    return run


def read_all(descriptor: int) -> str:
    pieces: list[bytes] = []
    while select.select([descriptor], [], [], 30)[0]:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).decode(errors="replace")
