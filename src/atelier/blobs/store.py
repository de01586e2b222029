"""The protocol of a blob store; `atelier.testing` says it as tests."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import IntegrityError


class BlobStore(Protocol):
    """Bytes under their own digest, durable once put, never half-visible."""

    def put(self, digest: str, data: bytes) -> None:
        """Keep these bytes, durably before it returns; a damaged copy is replaced.

        Raises:
            IntegrityError: the bytes do not have this digest.
            ExhaustedError: the disk is full or a quota is reached.
        """
        ...

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Keep all of these, durably before it returns; cheaper than one by one.

        Raises:
            IntegrityError: some bytes do not have their digest.
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


def require_digest(digest: str, data: bytes) -> None:
    """Refuse bytes that do not have the digest that they are given under.

    Raises:
        IntegrityError: they have another one.
    """
    found = digest_bytes(data)
    if found != digest:
        raise IntegrityError(
            "blob.mismatch",
            "Bytes were given under a digest that is not theirs.",
            facts={"given": digest, "found": found, "bytes": len(data)},
            next_step="Nothing was kept; report this with the facts above.",
        )
