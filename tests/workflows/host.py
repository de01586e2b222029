"""Runs a script's `main` often, each time in a new process that has imported the harness alone.

A process of its own imports the harness for half a second first. One that is forked from a host has
it already, and nothing of any project: its code, its evidence and its ledger are read anew.
"""

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

# Hashes of one host are salted alike: the next run is another host's.
_SEEDS = cycle(["1", "2"])


@dataclass(frozen=True)
class Ended:
    """What a process printed, and its exit code."""

    code: int
    out: str
    err: str


def run(script: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Ended:
    """Run a script's `main` in a new process, and wait for its end."""
    place = _hosted(script, next(_SEEDS))
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as asked:
        out, err = Path(folder, "out"), Path(folder, "err")
        said = {
            "arguments": [str(script), *arguments],
            "environment": dict(environment),
            "cwd": str(Path.cwd()),
            "out": str(out),
            "err": str(err),
        }
        asked.settimeout(120)
        asked.connect(str(place))
        asked.sendall(json.dumps(said).encode())
        asked.shutdown(socket.SHUT_WR)
        # Nothing is sent by a process that dies; the end is heard once it is gone.
        code = b"".join(iter(lambda: asked.recv(64), b""))
        return Ended(int(code or b"-1"), out.read_text("utf-8"), err.read_text("utf-8"))


@cache
def _hosted(script: Path, seed: str) -> Path:
    """Start a host that ends with this process; where it listens."""
    place = Path(tempfile.mkdtemp(prefix="host-")) / "door"
    host = subprocess.Popen(
        [sys.executable, str(script), "--host", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": seed},
    )
    assert host.stdout is not None
    assert host.stdout.readline() == b"ready\n"
    atexit.register(_end, host, place.parent)
    return place


def _end(host: "subprocess.Popen[bytes]", folder: Path) -> None:
    host.communicate()  # its input is at an end, and so is it
    shutil.rmtree(folder)


def serve(place: str, main: Callable[[], None]) -> None:
    """Fork for each connection, until nobody holds this process's input any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a child: its end is heard
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(place)
        door.listen(16)
        os.write(1, b"ready\n")
        while True:
            heard, _, _ = select.select([door, 0], [], [])
            if 0 in heard:
                return
            asked, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _become(asked)
                asked.sendall(b"%d" % _exit_code(main))
                return
            asked.close()


def _exit_code(main: Callable[[], None]) -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
    return 0


def _become(asked: socket.socket) -> None:
    """Take on what was asked for: words, variables, folder and where to print."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = json.loads(b"".join(iter(lambda: asked.recv(1 << 16), b"")))
    for number, name in ((0, os.devnull), (1, said["out"]), (2, said["err"])):
        file = os.open(name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(said["environment"])
    os.chdir(said["cwd"])
    sys.argv = said["arguments"]
