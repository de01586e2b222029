"""Every blob store of ours keeps the contract."""

from pathlib import Path

import pytest

from atelier.blobs.files import FileBlobs
from atelier.blobs.memory import MemoryBlobs
from atelier.blobs.store import BlobStore
from atelier.testing import BlobContract


class TestMemoryBlobs(BlobContract):
    @pytest.fixture
    def blobs(self) -> BlobStore:
        return MemoryBlobs()

    def damage(self, blobs: BlobStore, digest: str, data: bytes) -> None:
        assert isinstance(blobs, MemoryBlobs)
        blobs._blobs[digest] = data


class TestFileBlobs(BlobContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> BlobStore:
        return FileBlobs(tmp_path / "blobs")

    def damage(self, blobs: BlobStore, digest: str, data: bytes) -> None:
        assert isinstance(blobs, FileBlobs)
        blobs._place(digest).write_bytes(data)
