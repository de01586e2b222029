"""Write the generated pages of the reference from the code: `python docs/generate.py`.

With `--check` nothing is written; the exit code is 1 where a page is not what the code says.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from interface import Entry, entry, packages_below, public_names

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "atelier"
HOLE = re.compile(r"\{[a-z]+\}")
CODE = re.compile(r"[a-z]+\.[a-z_*]+")
NOT_CODES = re.compile(r".*\.(sql|md|toml|json|py|db|txt|html|lock|yaml|vtt|srt|csv)")
MADE_BY = "<!-- Made from the code by docs/generate.py; edit the code, then run it again. -->"


@dataclass(frozen=True, order=True)
class Raised:
    """One place where an error is made."""

    code: str
    kind: str
    says: str
    step: str


def main(arguments: list[str]) -> int:
    """Write or check every generated page."""
    stale = 0
    for path, text in pages().items():
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(
                f"{path.relative_to(ROOT)} is not what the code says: run python docs/generate.py"
            )
            stale = 1
    return stale


def pages() -> dict[Path, str]:
    """The generated pages, by path."""
    found = {
        ROOT / "docs/reference/errors.md": errors_page(sorted(set(iter_raised()))),
        ROOT / "docs/reference/api.md": api_page(),
    }
    if find_spec("atelier.cli.main"):
        found[ROOT / "docs/reference/cli.md"] = cli_page()
    if find_spec("starlette"):
        found[ROOT / "docs/reference/openapi.json"] = openapi_page()
    return found


def iter_raised() -> Iterator[Raised]:
    """Every error code in the source, with what it says."""
    made = [
        raised
        for path in sorted(SOURCE.rglob("*.py"))
        for raised in _iter_made(ast.parse(path.read_text(encoding="utf-8")))
    ]
    families = {raised.code.partition(".")[0] for raised in made if raised.kind}
    said = {raised.code for raised in made if raised.says}
    for raised in made:
        if raised.code.partition(".")[0] in families and (raised.says or raised.code not in said):
            yield raised


def _iter_made(module: ast.Module) -> Iterator[Raised]:
    """The errors that a file makes: by a call, or as the record that a row keeps."""
    constants = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        match node:
            case ast.Call():
                name = ast.unparse(node.func).rpartition(".")[2]
                given = _arguments(node)
            case ast.Dict():
                name = ""
                given = {
                    key.value: value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                }
                if not {"code", "sentence", "next_step"} <= given.keys():
                    continue
            case _:
                continue
        known = {
            word: constants.get(value.id, value) if isinstance(value, ast.Name) else value
            for word, value in given.items()
        }
        said = {word: _text(value) for word, value in known.items()}
        if isinstance(
            given.get("kind"), ast.Name
        ):  # a row of a table of errors, which is filled in
            name = ast.unparse(given["kind"])
            said["next_step"] = HOLE.sub("…", said.get("next_step", ""))
        raised = _raised(name, said)
        if raised is not None:
            yield raised


def _arguments(call: ast.Call) -> dict[str, ast.expr]:
    places = dict(zip(("code", "sentence"), call.args, strict=False))
    return {**places, **{word.arg: word.value for word in call.keywords if word.arg}}


def _raised(name: str, said: dict[str, str]) -> Raised | None:
    code = said.get("code", "")
    kind = name if name.endswith("Error") else ""
    # What gives no next step and makes no error may be the name of a file.
    is_error = bool(kind or said.get("next_step")) or not NOT_CODES.fullmatch(code)
    if not CODE.fullmatch(code) or not is_error:
        return None
    return Raised(code, kind, said.get("sentence", ""), said.get("next_step", ""))


def _text(node: ast.expr) -> str:
    """A literal text, holes shown as …; in a code, a hole is `*`."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            text = "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in parts)
            return text.replace("…", "*") if re.fullmatch(r"[a-z]+\.…", text) else text
        case _:
            return ""


def errors_page(raised: list[Raised]) -> str:
    """The page of error codes, a table a family."""
    lines = [
        "# Errors",
        "",
        MADE_BY,
        "",
        "Every error has a stable code, one sentence, facts and one next step. The type says what",
        "the caller does next: `SetupError`, fix the workflow, the project or the evidence (nothing",
        "ran); `TransientError`, the same request again; `RejectedError`, ask again with the reason;",
        "`ExhaustedError`, stop and do what it says; `IntegrityError`, stop and run",
        "`atelier verify`. With `--json`, and in the ledger, an error is `code`, `sentence`, `facts`",
        "and `next_step`. `…` stands for what is known only when it happens.",
    ]
    for family in sorted({item.code.partition(".")[0] for item in raised}):
        lines += ["", f"## {family}", "", "| code | type | says | next step |", "|---|---|---|---|"]
        lines += [
            f"| `{item.code}` | {item.kind and f'`{item.kind}`'} | {_cell(item.says)} "
            f"| {_cell(item.step)} |"
            for item in raised
            if item.code.partition(".")[0] == family
        ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def openapi_page() -> str:
    """The description of Observatory's API."""
    told = import_module("atelier.observatory.api.table").description()
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def cli_page() -> str:
    """The page of commands, as `--help` has them."""
    click: Any = import_module("click")
    group: Any = import_module("atelier.cli.main").main
    lines = ["# The command line", "", MADE_BY]
    for name, command in _commands(click, group, "atelier"):
        context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
        lines += ["", f"## {name}", "", "```text", command.get_help(context).rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _commands(click: Any, command: Any, name: str) -> Iterator[tuple[str, Any]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for part in command.list_commands(context):
            yield from _commands(click, command.get_command(context, part), f"{name} {part}")


# What the public names give and take; these are found in their own modules.
ALSO = {
    "What `@stage` makes": (
        "orchestrate.stage",
        ("PureStage", "AsyncStage", "ModelStage", "OptionalModelStage"),
    ),
    "What a run gives": ("orchestrate.outcome", ("StageResult", "Emitted")),
    "What a plan gives": ("orchestrate.plan", ("Plan", "Step")),
    "What a run tells while it lives": (
        "orchestrate.events",
        ("RunBegan", "StageBegan", "StageEnded", "Warned", "RunEnded"),
    ),
    "What a model client takes and gives": (
        "models.client",
        ("ModelClient", "Request", "Message", "Response", "Usage"),
    ),
    "What evidence is made of": (
        "kernel.evidence",
        ("Address", "Span", "Claim", "ClaimKind", "Verdict", "Check", "Role", "Match", "FoundBy"),
    ),
}
WIDTH = 100


def api_page() -> str:
    """The page of public names: `atelier` itself, its rooms, and what they give and take."""
    lines = [
        "# The Python interface",
        "",
        MADE_BY,
        "",
        "Every public name, with how it is called and what it is. Names of `atelier` are imported",
        "from there; names of a room from `atelier.<room>`. A member that raises says so in its own",
        "docstring: `help(Harness.open)`.",
        "",
        "## atelier",
    ]
    told = [entry("atelier", name) for name in public_names("atelier")]
    lines += [line for item in told if item.kind != "room" for line in entry_lines(item)]
    for room in [item for item in told if item.kind == "room"]:
        package = f"atelier.{room.name}"
        lines += package_lines(package, room.says)
        for below in packages_below(package):
            name = below.rpartition(".")[2]
            lines += package_lines(below, entry(package, name).says)
    for title, (module, names) in ALSO.items():
        lines += ["", f"## {title}", "", f"In `atelier.{module}`."]
        for name in names:
            lines += entry_lines(entry(f"atelier.{module}", name))
    return "\n".join(lines) + "\n"


def package_lines(package: str, says: str) -> Iterator[str]:
    """The public names of a package as the page has them."""
    yield from ("", f"## {package}", "", says)
    for name in public_names(package):
        yield from entry_lines(entry(package, name))


def entry_lines(item: Entry) -> Iterator[str]:
    """A public name as the page has it."""
    yield from ("", f"### {item.name}", "")
    yield f"*{item.kind}* · {_cell(item.says)}" if item.says else f"*{item.kind}*"
    if item.calls:
        yield from ("", "```text", *map(_spread, item.calls), "```")
    if item.members:
        yield from ("", "| it has | |", "|---|---|")
        yield from (f"| `{_cell(call)}` | {_cell(says)} |" for call, says in item.members)


def _spread(call: str) -> str:
    """A call on one line, or with a line for each argument where it is long."""
    head, _, rest = call.partition("(")
    depth, parts = 0, [""]
    for place, char in enumerate(rest if len(call) > WIDTH else ""):
        depth += (char in "([{") - (char in ")]}")
        if depth < 0:
            inner = "".join(f"    {part.strip()},\n" for part in parts)
            return f"{head}(\n{inner}){rest[place + 1 :]}"
        if depth == 0 and char == ",":
            parts.append("")
        else:
            parts[-1] += char
    return call


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
