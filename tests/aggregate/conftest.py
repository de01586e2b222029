"""Puts this folder's own packet in reach of its tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from session_packet import write_substrate

from atelier.aggregate import Substrate


@pytest.fixture
def substrate(tmp_path: Path) -> Substrate:
    """A root and a database with the evidence of one student."""
    root = tmp_path / "root"
    root.mkdir()
    return write_substrate(root)
