"""How a run stands whose process is alive, dead, or not named."""

import json
from dataclasses import asdict, replace

import pytest

from atelier.ledger.leases import Owner
from atelier.ledger.memory import MemoryLedger
from atelier.ledger.owner import this_process
from atelier.ledger.rows import RunRecord
from atelier.ledger.standing import owner_of, owner_said, standing_of
from atelier.ledger.store import Commit
from atelier.testing.ledger_samples import add, ended, start


def run_of(owner: Owner, *after: Commit) -> RunRecord:
    ledger = MemoryLedger()
    begun = start("r")
    assert begun.start is not None
    said = replace(begun.start, owner=json.dumps(asdict(owner)))
    add(ledger, replace(begun, start=said), *after)
    run = ledger.find_run("r")
    assert run is not None
    return run


@pytest.mark.parametrize(
    ("boot", "after", "standing"),
    [
        ("", [], "running"),
        ("an earlier boot", [], "interrupted"),
        ("an earlier boot", [ended("r")], "complete"),
    ],
    ids=["alive", "died in it", "ended before it died"],
)
def test_a_run_whose_process_is_gone_without_a_word_was_interrupted(
    boot: str, after: list[Commit], standing: str
) -> None:
    me = this_process()
    assert standing_of(run_of(replace(me, boot=boot or me.boot), *after)) == standing


def test_a_run_belongs_to_the_process_that_it_names() -> None:
    me = replace(this_process(), token="")
    assert owner_of(run_of(me)) == me
    assert owner_said("") == Owner(host="", boot="", pid=0, started="", token="")
