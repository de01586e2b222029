"""The gateway's books under faults and kills; the whole campaign is `python bench/campaign.py`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "bench" / "campaign.py"


@pytest.mark.slow
def test_the_ledger_is_the_bill_whatever_fails_and_whoever_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--calls", "240", "--workers", "2", "--seed", "5"]
    done = subprocess.run(
        [*command, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["calls"] == told["outcomes"]["answered"] == 240
    zero = ("unrecorded", "unsent", "open", "unknown", "mischarged", "answered_twice", "hidden")
    assert {name: told[name] for name in zero} == dict.fromkeys(zero, 0)
    assert told["asked_when_complete"] == 0
    assert told["ends"].keys() <= {"complete", "killed", "failed calls"}
    assert told["ends"]["complete"] == 2
    assert told["ends"].get("killed", 0) > 0, "nobody was killed: take another seed"
    assert told["incurred"] + told["in_doubt"] == told["bill"]
