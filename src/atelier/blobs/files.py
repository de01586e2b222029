"""Blobs as files: named by their digest alone, whole or absent, synced before they count."""

from collections.abc import Callable, Iterator, Mapping
from errno import ELOOP, ENOENT, ENOTDIR
from os import (
    O_CLOEXEC,
    O_CREAT,
    O_DIRECTORY,
    O_EXCL,
    O_NOFOLLOW,
    O_NONBLOCK,
    O_RDONLY,
    O_WRONLY,
    close,
    fdopen,
    fstat,
    fsync,
    write,
)
from os import open as open_file
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG

from atelier.blobs.failure import failure
from atelier.blobs.store import require_digest
from atelier.kernel.digest import is_digest

_NEW = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
_OLD = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC


class FileBlobs:
    """A `BlobStore` in a folder: `ab/cdef…` for `sha256:abcdef…`.

    Bytes are written beside (`incoming/`), synced, renamed into place, and their folder is synced;
    what was found damaged lies in `damaged/`. Nothing is made before the first blob is put.
    """

    def __init__(self, root: Path, *, sync: Callable[[int], None] = fsync) -> None:
        self._root = root
        self._sync = sync

    def put(self, digest: str, data: bytes) -> None:
        """Keep these bytes, durably before it returns; a damaged copy is replaced.

        Raises:
            IntegrityError: the bytes do not have this digest, or the disk failed.
            ExhaustedError: the disk is full or a quota is reached.
            SetupError: this user may not write there.
        """
        self.put_all({digest: data})

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Keep all of these, durably before it returns; each folder is synced once.

        Raises:
            IntegrityError: some bytes do not have their digest, or the disk failed.
            ExhaustedError: the disk is full or a quota is reached.
            SetupError: this user may not write there.
        """
        for digest, data in blobs.items():
            require_digest(digest, data)
        try:
            changed = {self._keep(digest, data) for digest, data in blobs.items()}
            for folder in sorted(changed):
                self._sync_folder(folder)
            if changed:
                self._sync_folder(self._root)
        except OSError as error:
            raise failure(error, self._root) from error

    def find(self, digest: str) -> bytes | None:
        """The bytes, as they are stored; None where missing. The caller verifies.

        Raises:
            IntegrityError: the disk failed.
            SetupError: this user may not read there.
        """
        if not is_digest(digest):
            return None
        try:
            return _read(self._place(digest))
        except OSError as error:
            raise failure(error, self._root) from error

    def quarantine(self, digest: str) -> None:
        """Move a damaged blob to `damaged/`; where that is not permitted, it stays a miss."""
        if not is_digest(digest):
            return
        damaged = self._root / "damaged"
        try:
            damaged.mkdir(mode=0o700, exist_ok=True)
            self._place(digest).replace(damaged / f"{_hex(digest)}.{token_hex(4)}")
        except OSError:
            return

    def iter_digests(self) -> Iterator[str]:
        """Every digest in store, in no stated order."""
        for path in self._root.glob("[0-9a-f][0-9a-f]/*"):
            digest = f"sha256:{path.parent.name}{path.name}"
            if is_digest(digest):
                yield digest

    def _place(self, digest: str) -> Path:
        name = _hex(digest)
        return self._root / name[:2] / name[2:]

    def _keep(self, digest: str, data: bytes) -> Path:
        """Rename the bytes into place, and return the folder that must be synced.

        An equal file is enough, but whoever renamed it may not have synced its folder yet.
        """
        place = self._place(digest)
        if _read(place) != data:
            incoming = self._root / "incoming"
            for folder in (self._root, incoming, place.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = incoming / f"{_hex(digest)}.{token_hex(8)}"
            try:
                self._write(partial, data)
                partial.replace(place)
            except OSError:
                partial.unlink(missing_ok=True)
                raise
        return place.parent

    def _write(self, path: Path, data: bytes) -> None:
        file = open_file(path, _NEW, 0o600)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[write(file, rest) :]
            self._sync(file)
        finally:
            close(file)

    def _sync_folder(self, folder: Path) -> None:
        file = open_file(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try:
            self._sync(file)
        finally:
            close(file)


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _read(path: Path) -> bytes | None:
    """The bytes of a regular file; None where there is none, or something else."""
    try:
        file = open_file(path, _OLD)
    except OSError as error:
        if error.errno in {ENOENT, ENOTDIR, ELOOP}:
            return None
        raise
    try:
        if not S_ISREG(fstat(file).st_mode):
            return None
        with fdopen(file, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        close(file)
