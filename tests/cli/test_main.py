import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from inline_snapshot import snapshot

from atelier.cli.main import FIRST, MORE, main, wants_json

Ask = Callable[..., Any]

HEAVY = ["pydantic", "asyncio", "rich", "yaml", "atelier.orchestrate.run", "atelier.harness"]
PROBE = """
import json, sys
from atelier.cli.main import main
try:
    main({words!r})
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps([name for name in {heavy!r} if name in sys.modules]), file=sys.stderr)
"""


def iter_commands(group: click.Group) -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in group.commands:
        command = group.commands[name]
        if isinstance(command, click.Group):
            found += [(f"{name} {under}", item) for under, item in iter_commands(command)]
        else:
            found.append((name, command))
    return found


def test_the_first_page_of_help_is_short_and_names_the_exit_codes(ask: Ask) -> None:
    assert ask("--help").out == snapshot("""\
Usage: atelier [OPTIONS] COMMAND [ARGS]...

  Run workflows whose every stage is cached by content and explained by a
  ledger.

  TARGET is a file that defines a workflow (path:name where it has several), a
  folder with a flow.py, or module:name; its parameters follow as NAME=VALUE.

Options:
  --debug     Show the traceback of an error.
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  run    Run a workflow, or serve it from cache.
  plan   Say what a run would do, without doing it.
  why    Say why a sentence, a stage or a value is what it is.
  runs   List the runs, newest first.
  show   Show a run, or one stage of it.
  serve  Serve the ledger to a browser, and start workflows there.

More:
  diff      Compare two runs, stage by stage.
  export    Write a run as one HTML file that opens from a disk.
  packet    Show a packet, or what differs between two.
  graph     Draw the stages of a workflow.
  judge     Confirm or override the verdict of a claim, as a new row.
  doctor    Check the install, and what somebody should look at.
  replay    Execute a recorded run again from its receipts, and compare.
  backtest  Run recorded runs again with one thing swapped, in a shadow.
  models    List the model classes, and what they are bound to.
  token     Make, list and revoke tokens of `atelier serve`.
  blob      Read stored content by its digest.
  demo      Make a project with months of history, to look around in.

Exit codes:
  0    complete, or degraded
  1    a stage failed: the run is partial or failed
  2    usage or set-up: nothing ran
  3    with --strict: contested or degraded
  4    integrity: what is stored is not what was written
  130  interrupted
  141  whoever read the output has gone
""")


def test_every_reading_command_speaks_json(ask: Ask) -> None:
    without = [
        name
        for name, command in iter_commands(main)
        if "--json" not in [option for item in command.params for option in item.opts]
    ]
    assert without == ["blob cat"], "bytes are bytes"


def test_every_command_can_be_debugged() -> None:
    for name, command in iter_commands(main):
        assert "--debug" in [option for item in command.params for option in item.opts], name


def test_the_list_of_commands_says_what_their_files_hold() -> None:
    assert list(main.commands) == [*FIRST, *MORE]
    assert len(main.commands) == len(FIRST) + len(MORE)
    for name in main.commands:
        assert main.commands[name].name == name


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["why", "pages/maya.md:1"],
        ["why", "latest", "draft"],
        ["runs"],
        ["show", "latest", "draft"],
        ["blob", "cat", "OUTPUT"],
    ],
    ids=" ".join,
)
def test_what_only_reads_loads_nothing_heavy(made: Any, words: list[str]) -> None:
    output = made.first["stages"][0]["output"]
    given = [output if word == "OUTPUT" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=given, heavy=HEAVY)],
        cwd=made.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stderr.splitlines()[-1]) == []


def test_an_unknown_command_and_option_exit_with_2(ask: Ask) -> None:
    assert ask("rum").code == 2
    done = ask("runs", "--bogus")
    assert done.code == 2
    assert done.err == snapshot("""\
[cli.usage] No such option '--bogus'.
  usage: atelier runs [OPTIONS]
  See: atelier runs --help
""")


def test_without_a_command_the_help_is_shown(ask: Ask) -> None:
    done = ask()
    assert done.code == 2
    assert "Commands:" in done.out


def test_a_failure_of_our_own_is_one_message_and_a_traceback_only_with_debug(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    @click.option("--debug", is_flag=True)
    @click.option("--json", is_flag=True)
    def breaks(**_: bool) -> None:
        raise ExceptionGroup("several", [KeyError("lost")])

    monkeypatch.setitem(main.commands, "breaks", breaks)
    done = ask("breaks")
    assert done.code == 1
    assert done.err.startswith("[cli.unexpected] Atelier itself failed")
    assert "KeyError: 'lost'" in done.err
    assert "Traceback" not in done.err
    assert "Traceback" in ask("breaks", "--debug").err
    assert ask("breaks", "--json").json["error"]["code"] == "cli.unexpected"


def test_an_interrupt_exits_with_130(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def stops() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(main.commands, "stops", stops)
    assert ask("stops").code == 130


HOSTILE = "a \x1b]52;c;eA==\x07 b \x1b]8;;https://x\x1b\\ c \x9b2J d \u202e e"


def test_hostile_text_does_nothing_to_a_terminal(
    tmp_path: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hostile_flow.py").write_text(
        "from typing import Annotated\n"
        "from atelier import Packet, Workflow, stage\n"
        "from atelier.isilon import Json\n"
        "class Note(Packet):\n"
        '    name: str = "a"\n'
        '    notes: Annotated[list[str], Json("notes.json")]\n'
        "@stage\n"
        "def copy(notes: list[str], name: str) -> str:\n"
        "    return notes[0] + name\n"
        'flow = Workflow("hostile \\x1b[2J", packet=Note, stages=[copy])\n'
    )
    (tmp_path / "notes.json").write_text(json.dumps([HOSTILE]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ATELIER_HOME", raising=False)
    assert ask("run", "hostile_flow.py", "name=\x1b[31m").code == 0
    (tmp_path / "notes.json").write_text(json.dumps([HOSTILE + "\x1b[1m"]))
    target = "hostile_flow.py"
    for words in (
        ["run", target],
        ["plan", target],
        ["runs"],
        ["show", "latest"],
        ["show", "latest", "copy"],
        ["show", "latest", "copy", "--output"],
        ["why", "latest"],
        ["why", "latest", "copy"],
        ["packet", "show", "latest"],
        ["packet", "show", "latest", "--slice", "notes"],
        ["graph", target],
        ["graph", target, "--mermaid"],
        ["why", "\x1b[2J"],
        ["run", "\x1b[2J"],
    ):
        for more in ([], ["--json"]):
            if more and "--output" in words:
                continue
            done = ask(*words, *more)
            shown = done.out + done.err
            assert not [char for char in shown if not char.isprintable() and char != "\n"], words
            if more:
                json.loads(done.out)


def shell(line: str, cwd: Path, executable: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {line}".replace("atelier", str(executable))],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("atelier runs >&-", 0, ""),
        ("atelier runs 2>&-", 0, ""),
        ("atelier runs <&- >&- 2>&-", 0, ""),
        ("atelier show bogus 2>&-", 2, ""),
        ("atelier runs > /dev/full", 1, "[cli.unprinted] The output could not be written"),
        ("atelier runs --json > /dev/full", 1, "[cli.unprinted] The output could not be written"),
        ("atelier runs | true", 141, ""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_failure_of_ours(
    made: Any, executable: Path, line: str, *, code: int, says: str
) -> None:
    done = shell(line, made.root, executable)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert says or not done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_run_with_a_closed_stream_keeps_its_ledger(
    project: Path, executable: Path, closed: str
) -> None:
    assert shell(f"atelier run . {closed}", project, executable).returncode == 0
    done = shell("atelier runs --json", project, executable)
    assert [run["status"] for run in json.loads(done.stdout)["runs"]] == ["complete"]


@pytest.mark.parametrize("words", ["runs", "run .", "why latest", "packet show ."])
def test_a_folder_that_is_gone_is_named_as_such(
    tmp_path: Path, executable: Path, words: str
) -> None:
    (tmp_path / "gone").mkdir()
    done = shell(f"cd gone && rmdir ../gone && atelier {words}", tmp_path, executable)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("[cli.no_folder]")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("runs --json --bogus", True),
        ("--json runs", True),
        ("run . --because --json --refresh a", False),
        ("run . --because=x --json", True),
        ("run --quiet --json .", True),
        ("packet show . --slice --json", False),
        ("run -- --json", False),
        ("runs", False),
    ],
)
def test_json_is_wanted_where_it_is_an_option(words: str, *, wanted: bool) -> None:
    assert wants_json(main, words.split()) is wanted
