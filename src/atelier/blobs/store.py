"""The protocol of a blob store; `atelier.testing.BlobContract` says it as tests."""

from collections.abc import Iterator
from typing import Protocol


class BlobStore(Protocol):
    """Bytes under their own digest, durable once put, never half-visible."""

    def put(self, digest: str, data: bytes) -> None:
        """Keep these bytes, durably before it returns; a damaged copy is replaced.

        Raises:
            IntegrityError: the bytes do not have this digest.
            ExhaustedError: the disk is full or a quota is reached.
        """
        ...

    def find(self, digest: str) -> bytes | None:
        """The bytes, as they are stored; None where missing. The caller verifies."""
        ...

    def quarantine(self, digest: str) -> None:
        """Set a damaged blob aside, so that it is a miss from now on and still can be looked at."""
        ...

    def iter_digests(self) -> Iterator[str]:
        """Every digest in store, in no stated order."""
        ...
