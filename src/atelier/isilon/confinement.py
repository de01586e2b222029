"""Confinement: files below one root, reached without a link, read once, whole or not at all."""

import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from errno import ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, ENXIO
from fnmatch import fnmatchcase
from pathlib import Path
from time import sleep
from typing import Never, Self

from atelier.isilon.document import Document
from atelier.isilon.errors import EvidenceError, MissingEvidenceError

SIZE_LIMIT = 64 * 1024 * 1024
_RETRIES = 3
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK, so that a FIFO that takes the file's place cannot hold the reader.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Root:
    """An open folder; every path below it is walked by folder descriptors, never by name alone.

    A folder that is swapped for a link between two steps is refused, not followed.
    """

    def __init__(self, path: Path, *, limit: int = SIZE_LIMIT) -> None:
        self.path = path
        self._limit = limit
        try:
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise MissingEvidenceError(
                "evidence.root",
                "The folder that all sources are relative to cannot be opened.",
                facts={"folder": path, "why": error.strerror},
                next_step="Set `[isilon] root` in atelier.toml to an existing folder.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back."""
        os.close(self._descriptor)

    def read(self, path: str) -> Document:
        """The regular file at a path, read once; what was read is what its digest speaks of.

        Raises:
            MissingEvidenceError: there is no such file.
            EvidenceError: the path leaves the root or crosses a link, the file is not a regular
                one or too large, or it kept changing while it was read.
        """
        *folders, name = _steps(path)
        with self._folder(folders, path) as folder:
            for attempt in range(_RETRIES + 1):
                if attempt:
                    sleep(0.02 * attempt)
                data = self._read_once(folder, name, path)
                if data is not None:
                    return Document(path, data)
        raise EvidenceError(
            "evidence.unstable",
            "A file changed each time while it was read.",
            facts={"at": path, "tries": _RETRIES + 1},
            next_step="Wait until the program that writes it is done, then run again.",
        )

    def glob(self, pattern: str) -> list[str]:
        """The paths that match a pattern of `*`, `?` and `[...]`, sorted; hidden files do not match.

        Raises:
            MissingEvidenceError: the folder in front of the first wildcard does not exist.
            EvidenceError: the pattern leaves the root, or a folder on the way is a link.
        """
        steps = _steps(pattern)
        if "**" in steps:
            _refuse(pattern, "`**` is not a pattern here", "Name each folder level with `*`.")
        fixed = next(index for index, step in enumerate(steps) if has_wildcard(step))
        return sorted(self._matches(steps[:fixed], steps[fixed:], pattern))

    def _matches(self, folders: list[str], steps: list[str], pattern: str) -> Iterator[str]:
        step, *rest = steps
        with self._folder(folders, "/".join(folders)) as folder:
            found = [name for name in os.listdir(folder) if _is_match(name, step)]  # noqa: PTH208 - a descriptor
            if rest:
                found = [name for name in found if not _is_file(folder, name)]
        for name in found:
            if not rest:
                yield "/".join([*folders, _named(name, pattern)])
                continue
            below = [*folders, _named(name, pattern), *_literal(rest)]
            remaining = rest[len(_literal(rest)) :]
            if remaining:
                yield from self._below(below, remaining, pattern)
            elif self._exists(below):
                yield "/".join(below)

    def _below(self, folders: list[str], steps: list[str], pattern: str) -> Iterator[str]:
        try:
            yield from self._matches(folders, steps, pattern)
        except MissingEvidenceError:
            return  # one of the folders that a wildcard matched does not go on as the pattern does

    def _exists(self, steps: list[str]) -> bool:
        try:
            with self._folder(steps[:-1], "/".join(steps)) as folder:
                os.stat(steps[-1], dir_fd=folder, follow_symlinks=False)
        except (FileNotFoundError, MissingEvidenceError):
            return False
        return True

    @contextmanager
    def _folder(self, steps: list[str], path: str) -> Generator[int]:
        """The descriptor of a folder below the root, reached step by step."""
        descriptor = os.dup(self._descriptor)
        try:
            for step in steps:
                below = _open(step, descriptor, _FOLDER, path=path)
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _read_once(self, folder: int, name: str, path: str) -> bytes | None:
        """The bytes of a file, or None where it changed while it was read."""
        descriptor = _open(name, folder, _FILE, path=path)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                _refuse(path, "it is not a regular file", "Put the content in a plain file.")
            if before.st_size > self._limit:
                self._refuse_size(path, before.st_size)
            data = _bytes(descriptor, self._limit)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if len(data) > self._limit:
            self._refuse_size(path, len(data))
        return data if _state(before) == _state(after) and len(data) == after.st_size else None

    def _refuse_size(self, path: str, size: int) -> Never:
        raise EvidenceError(
            "evidence.size",
            "A file is larger than a source may be.",
            facts={"at": path, "bytes": size, "limit": self._limit},
            next_step="Split the file, or keep the data in a database and use Sql.",
        )


def has_wildcard(text: str) -> bool:
    """Whether a path is a pattern.

    Example:
        >>> has_wildcard("notes/*.md"), has_wildcard("notes/a.md")
        (True, False)
    """
    return any(char in text for char in "*?[")


def _steps(path: str) -> list[str]:
    """The steps of a relative path that stays below its root."""
    steps = path.split("/")
    if path.startswith("/"):
        _refuse(path, "it is absolute", "Write the path relative to the isilon root.")
    if "\0" in path or any(step in {"", ".", ".."} for step in steps):
        _refuse(path, "a step of it is empty, `.` or `..`", "Name each folder of the path plainly.")
    return steps


def _literal(steps: list[str]) -> list[str]:
    """The steps in front of the first wildcard."""
    end = next((index for index, step in enumerate(steps) if has_wildcard(step)), len(steps))
    return steps[:end]


def _is_match(name: str, step: str) -> bool:
    return fnmatchcase(name, step) and (step.startswith(".") or not name.startswith("."))


def _is_file(folder: int, name: str) -> bool:
    return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _named(name: str, pattern: str) -> str:
    """A name that is text: one of other bytes cannot be written down again."""
    if not name.isprintable() or not _is_utf8(name):
        _refuse(
            f"{pattern} ({name!a})", "a matching name holds unprintable characters", "Rename it."
        )
    return name


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in name)


def _open(name: str, folder: int, flags: int, *, path: str) -> int:
    try:
        if flags == _FILE:
            # Looked at before it is opened: the opening of a device alone may do something.
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
                _refuse(path, "it is not a regular file", "Put the content in a plain file.")
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        _refuse_open(error, name, folder, path=path)


def _refuse_open(error: OSError, name: str, folder: int, *, path: str) -> Never:
    if error.errno == ENOENT:
        raise MissingEvidenceError(
            "evidence.missing",
            "A source is not there.",
            facts={"at": path},
            next_step="Put the file there, or declare the slice as `... | None = None`.",
        ) from error
    if error.errno in {ELOOP, ENOTDIR} and _is_link(name, folder):
        _refuse(path, f"{name!r} is a symbolic link", "Put the file itself below the root.")
    why = {
        ENOTDIR: f"{name!r} is not a folder",
        ENXIO: "it is not a regular file",
        ENAMETOOLONG: "a name in it is too long",
    }.get(error.errno or 0, error.strerror)
    _refuse(path, why or "it cannot be opened", "Correct the path or the file's permissions.")


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _bytes(descriptor: int, limit: int) -> bytes:
    """All bytes up to one beyond the limit."""
    chunks: list[bytes] = []
    wanted = limit + 1
    while wanted > 0 and (chunk := os.read(descriptor, min(wanted, 1 << 20))):
        chunks.append(chunk)
        wanted -= len(chunk)
    return b"".join(chunks)


def _state(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _refuse(path: str, why: str, next_step: str) -> Never:
    raise EvidenceError(
        "evidence.path",
        "A source's path is refused.",
        facts={"at": path, "why": why},
        next_step=next_step,
    )
