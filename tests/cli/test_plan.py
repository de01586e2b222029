from collections.abc import Callable
from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

Ask = Callable[..., Any]
Atelier = Callable[..., Any]
Settled = Callable[[str], str]


def test_a_plan_names_what_is_stale_and_what_waits_for_it(
    standing: Path, ask: Ask, settled: Settled
) -> None:
    done = ask("plan", "week_flow.py")
    assert done.code == 0
    assert settled(done.out) == snapshot("""\
week  packet DIGEST
draft  stale  -  first run
grounded  pending  -  may run, if draft changes
page  pending  -  may run, if grounded changes
1 of 3 stages would run, 2 may.\
""")
    found = ask("plan", "week_flow.py", "--json").json
    assert [stage["standing"] for stage in found["stages"]] == ["stale", "pending", "pending"]


def test_a_plan_follows_the_evidence(project: Path, atelier: Atelier, settled: Settled) -> None:
    atelier("run", ".", cwd=project)
    done = atelier("plan", ".", cwd=project)
    assert settled(done.out) == snapshot("""\
week  packet DIGEST
draft  reused  -  same key
grounded  reused  -  same key
page  reused  -  same key
A run would be served from cache (run RUN1).\
""")
    entries = project / "entries/maya.jsonl"
    entries.write_text(entries.read_text().replace("Rested", "Slept"))
    done = atelier("plan", ".", cwd=project)
    assert settled(done.out) == snapshot("""\
week  packet DIGEST
draft  stale  TIME  input changed: entries/0/text
grounded  pending  TIME  may run, if draft changes
page  pending  TIME  may run, if grounded changes
1 of 3 stages would run, 2 may.\
""")
