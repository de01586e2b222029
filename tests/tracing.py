"""Which tests the gate traces."""

from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage

# The gate asks these tests, with the doctests, to walk the branches of the rooms that it measures
# (`.ci/coverage_gate.py`). The others run untraced: a tracer doubles what they cost.
ROOMS = {"blobs", "cache", "kernel", "ledger", "orchestrate"}
TRACED = ROOMS | {"anomaly", "contract", "golden", "properties"}
_HERE = Path(__file__).parent
# Where a child process reads that it is to be traced, too.
_FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Stop the tracer of a test that the gate does not ask, and of its children."""
    tracing = Coverage.current()
    traced = not item.path.is_relative_to(_HERE) or item.path.parent.name in TRACED
    if tracing is None or traced:
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(_FOR_CHILDREN, raising=False)
        tracing.stop()
        try:
            return (yield)
        finally:
            tracing.start()
