"""What a served workflow asks for, with values that are really there."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from re import IGNORECASE, escape
from re import compile as pattern
from typing import Any

from atelier.aggregate import shape
from atelier.aggregate.fields import Parameter
from atelier.cli.console import as_text
from atelier.isilon import FileSource, Sql
from atelier.isilon.errors import EvidenceError
from atelier.isilon.template import placeholders
from atelier.ledger.store import LedgerStore
from atelier.observatory.starting import Field, Offer
from atelier.orchestrate.workflow import Workflow
from atelier.project import Project

_RECORDED = 500
_VALUES = 200
_FILES = 20_000
_FROM = pattern(r"\bfrom\s+(\w+)", IGNORECASE)


def offer_of(
    workflow: Workflow[Any], target: str, *, project: Project, ledger: LedgerStore
) -> Offer:
    """A workflow as a form and a program are offered it; what is there is looked up now."""
    fields = shape(workflow.packet)
    recorded = _recorded(workflow.name, ledger)
    return Offer(
        name=workflow.name,
        doc=(workflow.packet.__doc__ or "").strip(),
        target=target,
        packet=workflow.packet.__name__,
        stages=tuple(stage.name for stage in workflow.stages),
        artefact=workflow.artefact.path if workflow.artefact is not None else "",
        fields=tuple(
            _field(field, project, _seen(field, workflow, project=project, recorded=recorded))
            for field in fields.parameters
            if field.derived is None
        ),
    )


def _field(field: Parameter, project: Project, values: Iterable[str]) -> Field:
    default = project.defaults.get(field.name)
    if default is None and not field.is_required:
        default = field.info.get_default(call_default_factory=True, validated_data={})
    return Field(
        name=field.name,
        doc=field.info.description or "",
        schema=field.form.schema,
        is_required=field.is_required and field.name not in project.defaults,
        default="" if default is None else as_text(default),
        values=tuple(islice(dict.fromkeys(values), _VALUES)),
    )


def _seen(
    field: Parameter,
    workflow: Workflow[Any],
    *,
    project: Project,
    recorded: Mapping[str, list[str]],
) -> Iterator[str]:
    """The values of a parameter: those of its type, of recorded runs, of files, of tables."""
    schema = field.form.schema
    if isinstance(schema.get("enum"), list):
        yield from map(as_text, schema["enum"])
        return
    yield from recorded.get(field.name, [])
    for item in shape(workflow.packet).slices:
        if isinstance(item.source, FileSource):
            yield from _in_files(item.source.path, field.name, project.substrate.root)
        elif isinstance(item.source, Sql):
            yield from _in_tables(item.source, field.name, project)


def _recorded(workflow: str, ledger: LedgerStore) -> dict[str, list[str]]:
    """The values of earlier runs, the newest first."""
    found: dict[str, dict[str, None]] = {}
    for run in ledger.iter_runs(limit=_RECORDED):
        if run.start.workflow == workflow:
            for name, value in run.start.parameters.items():
                found.setdefault(name, {})[as_text(value)] = None
    return {name: list(values) for name, values in found.items()}


def _in_files(template: str, name: str, root: Path) -> list[str]:
    """The values of a name for which a file of the template is there.

    Only the path up to the step that takes the name is looked at: what follows may be missing.
    """
    steps = template.split("/")
    last = max((at for at, step in enumerate(steps) if f"{{{name}}}" in step), default=None)
    if last is None:
        return []
    steps = steps[: last + 1]
    found: set[str] = set()
    wanted = pattern("/".join(_step_pattern(step, name) for step in steps) + r"\Z")
    for path in islice(root.glob("/".join(_step_glob(step) for step in steps)), _FILES):
        match = wanted.match(path.relative_to(root).as_posix())
        if match is not None and match[name][0] not in "-.":
            found.add(match[name])
    return sorted(found)


def _step_glob(step: str) -> str:
    for name in placeholders(step):
        step = step.replace(f"{{{name}}}", "*")
    return step


def _step_pattern(step: str, name: str) -> str:
    """A step of a template as a pattern; of a name that stands twice, the first place counts."""
    text = escape(step).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    text = text.replace(escape(f"{{{name}}}"), f"(?P<{name}>[^/]+)", 1)
    return pattern(r"\\\{[^{}]*\\\}").sub("[^/]+", text)


def _in_tables(source: Sql, name: str, project: Project) -> list[str]:
    """The values of the column that a query compares with a name; none where it is not so plain."""
    compared = pattern(rf"\b(\w+)\s*=\s*:{escape(name)}\b", IGNORECASE).search(source.query)
    table = _FROM.search(source.query)
    if compared is None or table is None:
        return []
    column = compared[1]
    query = f"select distinct {column} as value from {table[1]} order by {column}"  # noqa: S608 - words of the workflow's own query
    try:
        with project.substrate.visit() as visit:
            rows = visit.look({}).rows(query, source.database)
    except EvidenceError:  # values are a help; the run itself says what is wrong
        return []
    return [as_text(row["value"]) for row in rows if row["value"] is not None]
