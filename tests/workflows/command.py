"""Runs the command in a process that a host forked: `command.py --host PLACE`."""

import sys

import host

import atelier
from atelier.cli.main import main

if __name__ == "__main__":
    sys.path.pop(0)
    for name in atelier.__all__:
        getattr(atelier, name)
    host.serve(sys.argv[2], main)
