"""Runs a copy of the coaching example twice with scripted models, and says what came of it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from atelier import Harness
from atelier.models import Request
from atelier.testing import ScriptedModel

SENT = "Maya sent the chapter with the methods off to Henrik."
GRANTED = "The graduate office has approved an extension for her."


def prompt(request: Request) -> str:
    return request.messages[0].text


def write(request: Request) -> str:
    if "You lay out the page" not in prompt(request):
        return json.dumps({"text": f"## What moved\n\n{SENT}\n\n{GRANTED}\n", "cites": []})
    found = re.search(r"^The draft, claim by claim:\n\n(.*)$", prompt(request), re.MULTILINE)
    claims = [one["claim"] for one in json.loads(found[1])["claims"]] if found else []
    passages = [
        {"text": claim["text"], "claims": [claim["id"]], "heading": ""}
        for claim in claims
        if claim["kind"] != "heading"
    ]
    return json.dumps({"title": "Maya", "passages": passages})


def judge(request: Request) -> str:
    if SENT not in prompt(request):
        return json.dumps({"cites": [], "verdict": "unsupported"})
    lines = re.findall(r"^\[([\w.-]+)\] (.*)$", prompt(request), re.MULTILINE)
    handle, text = next(
        (handle, json.loads(line)["text"])
        for handle, line in lines
        if "I sent the methods chapter to Henrik" in line
    )
    cite = {"handle": handle, "quote": text, "role": "supports"}
    return json.dumps({"cites": [cite], "verdict": "supported"})


def review(_: Request) -> str:
    return json.dumps({"findings": [], "question": None})


def models() -> dict[str, ScriptedModel]:
    scripts: dict[str, Callable[[Request], str]] = {
        "writer": write,
        "grounder": judge,
        "reviewer": review,
    }
    return {name: ScriptedModel(script) for name, script in scripts.items()}


def run(folder: Path, asked: dict[str, ScriptedModel]) -> tuple[Any, str]:
    flow = import_module("flow")
    with Harness.open(folder, models=asked) as harness:
        done = harness.run_sync(flow.synthesize, student="maya", session="s12")
    return done, (folder / "artefacts" / "maya" / "s12.md").read_text(encoding="utf-8")


def main(folder: Path) -> None:
    sys.path.insert(0, str(folder))
    first, second = models(), models()
    done, page = run(folder, first)
    with (folder / "evidence" / "journal.csv").open("a", encoding="utf-8") as journal:
        journal.write('115,maya,2026-03-11,"Bought a plant for the kitchen."\n')
    subprocess.run([sys.executable, str(folder / "make_journal.py")], check=True, stdout=sys.stderr)
    _, again = run(folder, second)
    told = {
        "status": done.status.value,
        "requests": {name: len(model.requests) for name, model in first.items()},
        "again": {name: len(model.requests) for name, model in second.items()},
        "claims": {
            claim.claim.text: [claim.verdict.value, claim.decided_by]
            for claim in done.value(import_module("flow").grounded).claims
        },
        "page": page,
        "page again": again,
    }
    print(json.dumps(told))  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main(Path(sys.argv[1]))
