"""Where the program begins: Ctrl-C ends it quietly from its first import on."""

import sys
from importlib import import_module
from typing import NoReturn

from atelier.cli import exits


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        import_module("atelier.cli.main").main()
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)
    sys.exit(exits.COMPLETE)
