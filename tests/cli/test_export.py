"""`atelier export`: where the file goes, what is told of it, and what is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from atelier.harness import Harness
from atelier.kernel.digest import digest_bytes

Ask = Callable[..., Any]


def test_a_run_is_written_beside_where_one_stands(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    told = ask("export", "latest", "--html", "--out", str(path), "--json").json
    data = path.read_bytes()
    assert told == {
        "path": str(path),
        "digest": digest_bytes(data),
        "bytes": len(data),
        "run": made.edited["run"],
        "asked": made.edited["run"],
        "withheld": [],
        "only_cited": False,
        "hidden": 0,
        "unfound": [],
    }
    assert b"Ran 7 km along the canal" in data


def test_by_default_the_file_is_named_after_the_run(
    made: Any, ask: Ask, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    done = ask("export", made.first["run"], "--html", "--project", str(made.root))
    assert done.code == 0
    assert done.out.startswith(f"run-{made.first['run']}.html\n")
    assert (tmp_path / f"run-{made.first['run']}.html").exists()


def test_what_is_withheld_is_told(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    words = ("--redact", "evidence", "--redact", "parameters", "--only-cited")
    told = ask("export", "latest", "--out", str(path), "--json", *words).json
    assert told["withheld"] == ["evidence", "prompts", "answers", "parameters"]
    assert told["only_cited"] is True
    text = path.read_text().casefold()
    assert [word for word in ("maya", "along the canal", "sunday") if word in text] == []


def test_a_text_that_hides_nothing_is_told(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = str(tmp_path / "run.html")
    words = ("--redact", "prompts", "--hide", "the CANAL", "--hide", "no such words")
    shown = ask("export", "latest", "--out", path, *words).out
    assert "hidden         2 texts" in shown
    assert "nowhere in it  hidden 2" in shown
    assert "the canal" not in Path(path).read_text().casefold()
    done = ask("export", "latest", "--out", path, "--force", "--hide", "ab")
    assert done.code == 2
    assert "[export.hide]" in done.err


def test_a_served_run_names_the_run_it_was_served_from(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    told = ask("export", made.served["run"], "--out", str(path), "--json").json
    assert (told["asked"], told["run"]) == (made.served["run"], made.first["run"])
    shown = ask("export", made.served["run"], "--out", str(path), "--force").out
    assert f"{made.first['run']}, from which {made.served['run']} was served" in shown


def test_a_file_is_replaced_only_by_force(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    path.write_text("mine")
    done = ask("export", "latest", "--out", str(path))
    assert (done.code, path.read_text()) == (2, "mine")
    assert "[export.exists]" in done.err
    assert ask("export", "latest", "--out", str(path), "--force").code == 0
    assert [item.name for item in tmp_path.iterdir()] == ["run.html"]
    assert path.read_text() != "mine"


def test_a_folder_that_is_not_there_is_named(made: Any, ask: Ask, tmp_path: Path) -> None:
    done = ask("export", "latest", "--out", str(tmp_path / "no" / "run.html"))
    assert done.code == 2
    assert "[export.unwritable]" in done.err


def test_an_unknown_run_is_refused(made: Any, ask: Ask) -> None:
    done = ask("export", "0nothing")
    assert done.code == 2
    assert "[cli.no_run]" in done.err


def test_a_copied_ledger_is_exported_without_a_project(
    made: Any, ask: Ask, tmp_path: Path, monkeypatch: Any
) -> None:
    shutil.copytree(made.root / ".atelier", tmp_path / "copy")
    monkeypatch.chdir(tmp_path)
    ledger = tmp_path / "copy/ledger.sqlite"
    ledger.chmod(0o444)
    told = ask("export", "latest", "--ledger", str(ledger), "--out", "copy.html", "--json").json
    own = tmp_path / "own.html"
    project = str(made.root)
    assert (
        told["digest"]
        == (
            ask("export", "latest", "--project", project, "--out", str(own), "--json").json[
                "digest"
            ]
        )
    )
    done = ask("export", "latest", "--ledger", str(ledger), "--project", project)
    assert "[export.copy]" in done.err
    unknown = ask("export", "0nothing", "--ledger", str(ledger))
    assert str(ledger) in unknown.err


def test_python_makes_the_same_file(made: Any, ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    told = ask("export", "latest", "--out", str(path), "--redact", "prompts", "--json").json
    with Harness.open(made.root, read_only=True) as harness:
        bundle = harness.export_html("latest", redact=["prompts"])
    assert (bundle.digest, bundle.data) == (told["digest"], path.read_bytes())
