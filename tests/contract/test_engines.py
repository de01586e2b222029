"""The embedded engine keeps the engines' contract."""

from atelier.engines.local import LocalEngine
from atelier.orchestrate.engine import Engine
from atelier.testing import EngineContract


class TestLocalEngine(EngineContract):
    def make(self) -> Engine:
        return LocalEngine()
