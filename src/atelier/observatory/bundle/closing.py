"""Digests out of a file that withholds something: a digest lets whoever guesses check the guess."""

from collections.abc import Iterable, Iterator
from re import Match
from re import compile as pattern

from atelier.observatory.bundle.contents import Contents
from atelier.observatory.reading.packet_record import PacketContent

# A shorter beginning of a digest is nothing that Atelier writes.
_SHORT = 8
_DIGEST = pattern(r"(?<![0-9A-Za-z])(?:sha256:)?([0-9a-f]{8,64})(?![0-9A-Za-z])")


class Closing:
    """Writes `d1`, `d2` and so on for digests, ids made of one, and whatever looks like them.

    Equal ones stand alike, also where only the beginning of one is given. A number is one where it
    is among the `known`.

    Example:
        >>> closing = Closing(["12345678"])
        >>> closing.text("[notes-7f3a09c1] of 20260301, 12345678, sha256:7f3a09c1" + "0" * 56)
        '[notes-d1] of 20260301, d2, d1'
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(_beginning(one) for one in known)
        self._numbers: dict[str, int] = {}

    def text(self, text: str) -> str:
        """A text without digests."""
        return _DIGEST.sub(self._told, text)

    def _told(self, found: Match[str]) -> str:
        begun = found[1][:_SHORT]
        if found[1].isdecimal() and begun not in self._known:
            return found[0]
        return f"d{self._numbers.setdefault(begun, len(self._numbers) + 1)}"


def ids_of(packet: PacketContent | None, contents: Contents) -> Iterator[str]:
    """What is made of digests and may happen to have no letter: claims, findings, elements."""
    for part in packet.slices.values() if packet else ():
        yield from part.digests
    claims = [*contents.claims.claims]
    for view in contents.artefacts:
        claims += view.claims
    for review in contents.reviews:
        claims += review.claims
    yield from (claim.claim for claim in claims)
    yield from (finding.id for review in contents.reviews for finding in review.findings)
    yield from (row.output for row in contents.rows if row.output)


def _beginning(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]
