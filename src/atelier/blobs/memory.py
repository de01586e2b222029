"""A blob store in memory, for tests and for runs that leave nothing behind."""

from collections.abc import Iterator, Mapping

from atelier.blobs.store import require_digest


class MemoryBlobs:
    """A `BlobStore` that forgets everything when it goes; `damaged` holds what was set aside."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self.damaged: dict[str, bytes] = {}

    def put(self, digest: str, data: bytes) -> None:
        """Keep these bytes.

        Raises:
            IntegrityError: the bytes do not have this digest.
        """
        require_digest(digest, data)
        self._blobs[digest] = data

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Keep all of these."""
        for digest, data in blobs.items():
            self.put(digest, data)

    def find(self, digest: str) -> bytes | None:
        """The bytes, as they are stored."""
        return self._blobs.get(digest)

    def quarantine(self, digest: str) -> None:
        """Set a blob aside."""
        data = self._blobs.pop(digest, None)
        if data is not None:
            self.damaged[digest] = data

    def iter_digests(self) -> Iterator[str]:
        """Every digest in store."""
        return iter(list(self._blobs))
