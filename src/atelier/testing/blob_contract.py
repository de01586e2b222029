"""What every blob store promises, as tests: inherit `BlobContract` and give it a way to make one."""

# ruff: noqa: D102 - the name of a test is what it claims

import pytest

from atelier.blobs.store import BlobStore
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import IntegrityError

DATA = b"twenty thousand bytes"
NAME = digest_bytes(DATA)


class BlobContract:
    """The promises of `BlobStore`; a subclass overrides `blobs` and `damage`."""

    @pytest.fixture
    def blobs(self) -> BlobStore:
        """An empty store of the kind under test."""
        raise NotImplementedError

    def damage(self, blobs: BlobStore, digest: str, data: bytes) -> None:
        """Put other bytes where a blob is stored, behind the store's back."""
        raise NotImplementedError

    def test_bytes_come_back_as_they_were_put(self, blobs: BlobStore) -> None:
        large = bytes(range(256)) * 4_096
        blobs.put_all({NAME: DATA, digest_bytes(b""): b""})
        blobs.put(digest_bytes(large), large)
        assert blobs.find(NAME) == DATA
        assert blobs.find(digest_bytes(b"")) == b""
        assert blobs.find(digest_bytes(large)) == large
        assert sorted(blobs.iter_digests()) == sorted(
            [NAME, digest_bytes(b""), digest_bytes(large)]
        )

    def test_what_was_never_put_is_missing(self, blobs: BlobStore) -> None:
        assert blobs.find(NAME) is None
        assert list(blobs.iter_digests()) == []

    def test_putting_again_changes_nothing(self, blobs: BlobStore) -> None:
        blobs.put(NAME, DATA)
        blobs.put(NAME, DATA)
        assert blobs.find(NAME) == DATA
        assert list(blobs.iter_digests()) == [NAME]

    def test_bytes_under_a_digest_that_is_not_theirs_are_refused(self, blobs: BlobStore) -> None:
        other = digest_bytes(b"other")
        with pytest.raises(IntegrityError) as refused:
            blobs.put_all({NAME: DATA, other: b"wrong"})
        assert refused.value.code == "blob.mismatch"
        assert blobs.find(other) is None

    @pytest.mark.parametrize("name", ["", "sha256:", "../../etc/passwd", "sha256:" + "A" * 64])
    def test_a_name_that_is_no_digest_is_nobodys(self, blobs: BlobStore, name: str) -> None:
        assert blobs.find(name) is None
        blobs.quarantine(name)
        with pytest.raises(IntegrityError):
            blobs.put(name, DATA)

    def test_a_damaged_copy_is_replaced_by_a_whole_one(self, blobs: BlobStore) -> None:
        blobs.put(NAME, DATA)
        self.damage(blobs, NAME, b"something else")
        assert blobs.find(NAME) == b"something else", "the reader verifies"
        blobs.put(NAME, DATA)
        assert blobs.find(NAME) == DATA

    def test_what_is_set_aside_is_missing_and_can_be_put_again(self, blobs: BlobStore) -> None:
        blobs.put(NAME, DATA)
        blobs.quarantine(NAME)
        blobs.quarantine(NAME)
        assert blobs.find(NAME) is None
        assert list(blobs.iter_digests()) == []
        blobs.put(NAME, DATA)
        assert blobs.find(NAME) == DATA
