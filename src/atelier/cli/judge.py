"""`atelier judge`: a person's word on a claim, added beside what was decided."""

from getpass import getuser
from pathlib import Path

import click

from atelier.cli.console import emit_json, one_line, safe, say
from atelier.cli.options import Command, json_option, project_option
from atelier.cli.place import get_place
from atelier.harness import Harness
from atelier.ledger.judging import CONFIRM, Word, get_claim
from atelier.observatory.reading.plain import to_json
from atelier.project import read_project


@click.command(cls=Command)
@click.argument("run")
@click.argument("claim")
@click.argument("verdict", default=CONFIRM)
@click.option("--reason", required=True, metavar="TEXT", help="Why; readers will see it.")
@click.option("--who", metavar="NAME", help="Who judges; by default the user of this shell.")
@json_option
@project_option
def judge(  # noqa: PLR0913 - an argument or option each
    run: str,
    claim: str,
    verdict: str,
    *,
    reason: str,
    who: str | None,
    as_json: bool,
    project: Path | None,
) -> None:
    """Confirm the verdict of CLAIM in RUN, or override it with VERDICT.

    The judgement is a new row, `decided_by` human: what was decided stays as it is, and readers see
    both. RUN is an id, a prefix that only one run has, or `latest`; CLAIM is an id that `atelier why`
    shows. VERDICT is `confirm` where it is left out.
    """
    with Harness.open(read_project(get_place(project).root)) as harness:
        row = harness.judge(run, claim, Word(verdict, getuser() if who is None else who, reason))
        found = get_claim(harness.ledger, row.output, row.claim)
    if as_json:
        emit_json({"claim": to_json(found), "judgement": to_json(row)})
        return
    say(f"claim {found.claim}  {safe(one_line(found.text, 110))}")
    say(f"  {found.decided_by:<6}  {found.verdict}")
    say(f"  human   {row.verdict}, by {safe(row.who)}: {one_line(row.reason)}")
