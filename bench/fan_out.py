"""A mapped stage of the goals: each element of a slice by itself, and what they are joined to.

    python bench/fan_out.py [--elements 1000 10000]

First every element is new, then one is, then none; milliseconds an element, of the wall and of the
processor. A cold element is looked up, leased, executed in a thread and committed by itself.
"""

import argparse
import asyncio
import gc
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from atelier import Harness, Packet, Workflow, stage


class Numbers(Packet):
    numbers: list[int]


@stage(each="numbers")
def double(numbers: int) -> int:
    return numbers * 2


@stage
def total(double: list[int]) -> int:
    return sum(double)


FLOW = Workflow("fan_out", packet=Numbers, stages=[double, total])
# A name, the first number of the slice, and the goal in milliseconds of processor an element.
CASES = (("every element is new", 1, 0.3), ("one is new", 0, 0.05), ("none is", 0, 0.05))


async def measure(folder: Path, elements: int) -> None:
    with Harness.open(folder) as harness:
        await harness.run(FLOW, Numbers(numbers=[-1]))  # what is made once is made
        gc.collect()
        gc.freeze()
        for name, first, goal in CASES:
            given = Numbers(numbers=list(range(first, elements + 1)))
            began, worked = perf_counter(), process_time()
            run = await harness.run(FLOW, given)
            took, worked = perf_counter() - began, process_time() - worked
            assert run.value(total) == elements * (elements + 1)
            each, busy = took / elements * 1000, worked / elements * 1000
            print(
                f"{elements:>6} {name:<22} {each:6.3f} ms    processor {busy:6.3f} ms (goal: {goal})"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--elements", type=int, nargs="*", default=[1000, 10_000])
    for elements in parser.parse_args().elements:
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            asyncio.run(measure(Path(folder), elements))


if __name__ == "__main__":
    main()
