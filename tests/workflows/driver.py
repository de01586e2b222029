"""Runs a target in a fresh process and prints what ran: `driver.py TARGET [NAME=VALUE ...]`."""

import json
import sys
from typing import Any

import host

import atelier
from atelier.harness import Harness
from atelier.project import load_target


def main() -> None:
    target = load_target(sys.argv[1])
    given = dict(item.split("=", 1) for item in sys.argv[2:])
    with Harness.open(target.project) as harness:
        parameters: dict[str, Any] = {**target.project.defaults, **given}
        run = harness.run_sync(target.workflow, **parameters)
        values = {
            result.stage: run.read(result.stage, result.output)
            for result in run.stages
            if result.output
        }
    shown = {
        name: value if isinstance(value, str | list) else repr(value)
        for name, value in values.items()
    }
    sys.stdout.write(json.dumps({**run.as_json(), "values": shown}, default=str))


if __name__ == "__main__":
    sys.path.pop(0)
    if sys.argv[1] == "--host":
        for name in atelier.__all__:
            getattr(atelier, name)
        host.serve(sys.argv[2], main)
    else:
        main()
