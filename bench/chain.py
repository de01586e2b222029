"""A long chain of the goals: 10,000 stages of distinct functions, built, checked and planned.

    python bench/chain.py [--stages 10000]

Each stage is a function of its own in a file of the project. Prints one process's times.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from atelier import Harness, Workflow
from atelier.cache.modules import load_file

HEAD = """
from atelier import Packet, stage


class Start(Packet):
    s0: int


"""
ONE = """
@stage
def s{number}(s{before}: int) -> int:
    return s{before} + {number}
"""


def written(folder: Path, count: int) -> Path:
    """A project of one file with so many stages."""
    stages = [ONE.format(number=number, before=number - 1) for number in range(1, count + 1)]
    names = ", ".join(f"s{number}" for number in range(1, count + 1))
    file = folder / "flow.py"
    file.write_text(HEAD + "\n".join(stages) + f"\n\nSTAGES = [{names}]\n")
    return file


def timed(name: str, work: Callable[[], Any]) -> tuple[Any, float]:
    began = perf_counter()
    made = work()
    took = perf_counter() - began
    print(f"{name:<10} {took * 1000:9.1f} ms")
    return made, took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stages", type=int, default=10_000)
    count = parser.parse_args().stages
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home = Path(folder)
        module, _ = timed("import", lambda: load_file(written(home, count), project=home))
        with Harness.open(home) as harness:
            workflow, build = timed(
                "build", lambda: Workflow("chain", packet=module.Start, stages=module.STAGES)
            )
            _, check = timed("check", lambda: workflow.graph)
            given = module.Start(s0=0)
            _, plan = timed("plan", lambda: harness.plan(workflow, given))
            _, again = timed("plan again", lambda: harness.plan(workflow, given))
    print(f"{'together':<10} {(build + check + plan) * 1000:9.1f} ms  (goal: under 1,000)")
    print(f"{'again':<10} {again * 1000:9.1f} ms")


if __name__ == "__main__":
    main()
