"""Content by digest, wherever it is kept: small blobs in the ledger, large ones in a store."""

from collections.abc import Callable, Mapping

from atelier.blobs.store import BlobStore
from atelier.kernel.digest import digest_bytes

INLINE_LIMIT = 256 * 1024


def _ignore(digest: str, detail: str) -> None:
    """Nobody asked to be told."""


def find_verified(*places: Callable[[str], bytes | None]) -> Callable[[str], bytes | None]:
    """Read from the first place that holds the right bytes; nothing is reported or set aside.

    Example:
        >>> right = digest_bytes(b"right")
        >>> read = find_verified({right: b"wrong"}.get, {right: b"right"}.get)
        >>> read(right), read(digest_bytes(b"other"))
        (b'right', None)
    """

    def read(digest: str) -> bytes | None:
        found = (find(digest) for find in places)
        right = (data for data in found if data is not None and digest_bytes(data) == digest)
        return next(right, None)

    return read


class Content:
    """Reads blobs and verifies every one: damaged or missing is a miss, never a wrong answer.

    `find_inline` gives the bytes of a small blob, such as a ledger's `find_blob`; `on_damage`
    is told the digest and what was found.
    """

    def __init__(
        self,
        find_inline: Callable[[str], bytes | None],
        store: BlobStore,
        *,
        on_damage: Callable[[str, str], None] = _ignore,
    ) -> None:
        self._find_inline = find_inline
        self._store = store
        self._on_damage = on_damage

    def read(self, digest: str) -> bytes | None:
        """The bytes with this digest, verified; None where there are none.

        A damaged blob is reported, and set aside where it is a file.
        """
        data = self._find_inline(digest)
        if data is not None:
            if digest_bytes(data) == digest:
                return data
            self._on_damage(digest, f"the ledger holds {len(data)} other bytes")
        data = self._store.find(digest)
        if data is None:
            return None
        if digest_bytes(data) == digest:
            return data
        self._store.quarantine(digest)
        self._on_damage(digest, f"the store held {len(data)} other bytes, now set aside")
        return None

    def split(self, blobs: Mapping[str, bytes]) -> dict[str, bytes]:
        """Put the large blobs into the store, durably; return the small ones for the commit.

        Raises:
            IntegrityError: bytes do not have the digest that they are given under.
            ExhaustedError: the disk is full or a quota is reached.
        """
        small = {digest: data for digest, data in blobs.items() if len(data) <= INLINE_LIMIT}
        large = {digest: data for digest, data in blobs.items() if len(data) > INLINE_LIMIT}
        if large:
            self._store.put_all(large)
        return small
