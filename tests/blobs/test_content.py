"""Content is verified on every read, wherever it is kept."""

from pathlib import Path

import pytest

from atelier.blobs.content import INLINE_LIMIT, Content
from atelier.blobs.files import FileBlobs
from atelier.blobs.memory import MemoryBlobs
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import IntegrityError

SMALL, LARGE = b"s" * INLINE_LIMIT, b"l" * (INLINE_LIMIT + 1)
SMALL_NAME, LARGE_NAME = digest_bytes(SMALL), digest_bytes(LARGE)


class Shelf:
    """A content of which a test sees both parts, and what was reported."""

    def __init__(self) -> None:
        self.inline: dict[str, bytes] = {}
        self.store = MemoryBlobs()
        self.damage: list[tuple[str, str]] = []
        self.content = Content(self.inline.get, self.store, on_damage=self._report)

    def _report(self, digest: str, detail: str) -> None:
        self.damage.append((digest, detail))


def test_small_blobs_go_into_the_commit_and_large_ones_into_the_store() -> None:
    shelf = Shelf()
    small = shelf.content.split({SMALL_NAME: SMALL, LARGE_NAME: LARGE})
    assert small == {SMALL_NAME: SMALL}
    assert list(shelf.store.iter_digests()) == [LARGE_NAME], "durable before the commit"
    shelf.inline |= small
    assert shelf.content.read(SMALL_NAME) == SMALL
    assert shelf.content.read(LARGE_NAME) == LARGE
    assert shelf.damage == []


def test_what_is_nowhere_is_a_miss_without_a_report() -> None:
    shelf = Shelf()
    assert shelf.content.read(SMALL_NAME) is None
    assert shelf.damage == []


def test_large_bytes_under_a_wrong_digest_are_refused() -> None:
    with pytest.raises(IntegrityError):
        Shelf().content.split({SMALL_NAME: LARGE})


@pytest.mark.parametrize("position", range(0, 200, 7))
@pytest.mark.parametrize("bit", [0, 7])
def test_any_changed_bit_is_a_miss_and_a_report(position: int, bit: int) -> None:
    shelf = Shelf()
    data = bytes(range(200))
    damaged = bytearray(data)
    damaged[position] ^= 1 << bit
    shelf.inline[digest_bytes(data)] = bytes(damaged)
    assert shelf.content.read(digest_bytes(data)) is None
    assert [digest for digest, _ in shelf.damage] == [digest_bytes(data)]


@pytest.mark.parametrize("damaged", [b"", LARGE[:-1], LARGE + b"l", b"\0" * len(LARGE)])
def test_a_damaged_file_is_set_aside_and_can_be_put_again(damaged: bytes) -> None:
    shelf = Shelf()
    shelf.content.split({LARGE_NAME: LARGE})
    shelf.store._blobs[LARGE_NAME] = damaged
    assert shelf.content.read(LARGE_NAME) is None
    assert shelf.store.damaged == {LARGE_NAME: damaged}
    assert len(shelf.damage) == 1
    assert shelf.content.read(LARGE_NAME) is None
    assert len(shelf.damage) == 1, "it is missing now, and was reported"
    shelf.content.split({LARGE_NAME: LARGE})
    assert shelf.content.read(LARGE_NAME) == LARGE


def test_a_whole_copy_in_the_store_makes_up_for_a_damaged_inline_one() -> None:
    shelf = Shelf()
    shelf.inline[SMALL_NAME] = b"damaged"
    shelf.store.put(SMALL_NAME, SMALL)
    assert shelf.content.read(SMALL_NAME) == SMALL
    assert len(shelf.damage) == 1


def test_two_swapped_files_are_both_missed(tmp_path: Path) -> None:
    store = FileBlobs(tmp_path)
    content = Content(lambda _: None, store)
    first, second = LARGE, LARGE + b"more"
    content.split({digest_bytes(first): first, digest_bytes(second): second})
    places = [store._place(digest_bytes(data)) for data in (first, second)]
    places[0].write_bytes(second)
    places[1].write_bytes(first)
    assert content.read(digest_bytes(first)) is None
    assert content.read(digest_bytes(second)) is None
    assert len(list((tmp_path / "damaged").iterdir())) == 2
