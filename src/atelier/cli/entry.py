"""Where the program begins: Ctrl-C ends it quietly from its first import on."""

import gc
import sys
from importlib import import_module
from typing import NoReturn

from atelier.cli import exits

# So many more objects are made before cycles are looked for: a run leaves none, and a thousand at
# once spend a sixth of their time on the search otherwise.
_OBJECTS = 10_000


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    gc.set_threshold(_OBJECTS)
    try:
        import_module("atelier.cli.main").main()
    except KeyboardInterrupt:
        sys.exit(exits.INTERRUPTED)
    sys.exit(exits.COMPLETE)
