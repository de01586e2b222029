"""A folder that is held open: every name in it is looked up without following a link."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from errno import ELOOP, ENOTDIR, ENOTSUP, EPERM
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE, S_ISDIR, S_ISREG
from types import TracebackType
from typing import Self

from atelier.kernel.errors import SetupError

TEMPORARY = ".atelier-"
# A larger file is nobody's artefact; it is kept without being read.
LARGEST = 64 * 1024 * 1024
# Room for the digest that a file beside the artefact carries in its name.
_LONGEST_NAME = 230
_NO_LINKS = frozenset({EPERM, ENOTSUP})
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands under a name: bytes where it is a readable regular file, else None."""

    data: bytes | None
    mode: int
    is_folder: bool
    identity: tuple[int, int, int, int]


class Folder:
    """One folder of a project, opened step by step from the project's own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def below(cls, project: Path, names: tuple[str, ...]) -> Self:
        """The folder at `names` below a project; missing ones are made.

        Raises:
            SetupError: a link or a file stands where a folder is needed.
            OSError: the file system refuses.
        """
        # The project itself may be reached over links: it is the user's own choice.
        folder = cls(os.open(project, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for number, name in enumerate(names, start=1):
            with folder:
                try:
                    folder = cls(folder._step(name))
                except OSError as error:
                    if error.errno in {ELOOP, ENOTDIR}:
                        raise _no_folder("/".join(names[:number])) from error
                    raise
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._descriptor)

    def _step(self, name: str) -> int:
        with suppress(FileNotFoundError):
            return os.open(name, _FOLDER, dir_fd=self._descriptor)
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=self._descriptor)
            self.sync()
        return os.open(name, _FOLDER, dir_fd=self._descriptor)

    def find(self, name: str) -> Standing | None:
        """What stands under a name, or None; a link is itself and never its target."""
        try:
            state = os.lstat(name, dir_fd=self._descriptor)
        except FileNotFoundError:
            return None
        data = None
        if S_ISREG(state.st_mode) and state.st_size <= LARGEST:
            with suppress(OSError):  # what cannot be read is kept, as anything foreign is
                state, data = self._read(name)
        return Standing(data, S_IMODE(state.st_mode), S_ISDIR(state.st_mode), _identity(state))

    def _read(self, name: str) -> tuple[os.stat_result, bytes | None]:
        with os.fdopen(os.open(name, _FILE, dir_fd=self._descriptor), "rb") as file:
            state = os.fstat(file.fileno())
            data = file.read(LARGEST + 1) if S_ISREG(state.st_mode) else None
            return state, data if data is None or len(data) <= LARGEST else None

    @contextmanager
    def written(self, content: bytes, mode: int | None) -> Generator[str]:
        """The name of a temporary file that holds these bytes, durably, until the block ends.

        It is locked while its writer lives, so that `sweep` tells it from a dead writer's.
        """
        name = f"{TEMPORARY}{token_hex(8)}.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(name, flags, 0o666, dir_fd=self._descriptor)
        try:
            with os.fdopen(descriptor, "wb") as file:
                flock(descriptor, LOCK_EX)
                file.write(content)
                file.flush()
                if mode is not None:
                    os.fchmod(descriptor, mode)
                os.fsync(descriptor)
                yield name
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._descriptor)

    def add(self, temporary: str, name: str) -> bool:
        """Whether the file now stands under a name that was free; durable when true."""
        try:
            os.link(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            return self._claim(temporary, name)
        self.sync()
        return True

    def _claim(self, temporary: str, name: str) -> bool:
        """The same where the file system has no links: an empty file holds the name first."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            os.close(os.open(name, flags, dir_fd=self._descriptor))
        except FileExistsError:
            return False
        os.replace(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        self.sync()
        return True

    def put(self, temporary: str, name: str, standing: Standing) -> bool:
        """Whether the file replaced what stood there, unless that has changed since; durable."""
        if _identity(os.lstat(name, dir_fd=self._descriptor)) != standing.identity:
            return False
        os.replace(temporary, name, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)
        self.sync()
        return True

    def sweep(self) -> None:
        """Remove temporary files whose writers are dead."""
        with os.scandir(self._descriptor) as entries:
            names = [entry.name for entry in entries]
        for name in names:
            if name.startswith(TEMPORARY) and name.endswith(".tmp"):
                with suppress(OSError):
                    self._remove_dead(name)

    def _remove_dead(self, name: str) -> None:
        with os.fdopen(os.open(name, _FILE, dir_fd=self._descriptor), "rb") as file:
            flock(file.fileno(), LOCK_EX | LOCK_NB)
            os.unlink(name, dir_fd=self._descriptor)

    def sync(self) -> None:
        """Make the folder's names durable."""
        os.fsync(self._descriptor)


def names_of(relative: str) -> tuple[str, ...]:
    """The names of a path inside a project, each one safe to create.

    Raises:
        SetupError: the path is absolute, leaves the project, hides a file, or holds a name
            that a terminal or a shell would take for something else.

    Example:
        >>> names_of("artefacts/maya/s12.md")
        ('artefacts', 'maya', 's12.md')
    """
    names = tuple(relative.split("/"))
    for name in names:
        fault = _fault(name)
        if fault:
            raise SetupError(
                "artefact.path",
                "An artefact's path is not a safe path inside the project.",
                facts={"path": ascii(relative), "name": ascii(name), "why": fault},
                next_step="Change the path in Artefact(...), or the parameter that fills it.",
            )
    return names


def _fault(name: str) -> str:
    if not name:
        return "an empty name, or an absolute path"
    if name[0] in ".-":
        return f"a name that starts with {name[0]!r}"
    if "\\" in name or not name.isprintable() or name != name.strip():
        return "a backslash, a control character, or a space at an end"
    if len(name.encode()) > _LONGEST_NAME:
        return f"longer than {_LONGEST_NAME} bytes"
    return ""


def _identity(state: os.stat_result) -> tuple[int, int, int, int]:
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _no_folder(path: str) -> SetupError:
    return SetupError(
        "artefact.folder",
        "A link or a file stands where the artefact's folder goes.",
        facts={"path": path},
        next_step="Move it away, or change the path in Artefact(...).",
    )
