"""The only module that hashes: SHA-256 of canonical bytes, written `sha256:<64 hex>`."""

from hashlib import sha256
from re import compile as pattern
from secrets import token_bytes

from atelier.kernel.canonical import Json, canonical

DIGEST = pattern(r"sha256:[0-9a-f]{64}\Z")


def digest_bytes(data: bytes) -> str:
    """The digest of exactly these bytes, as `sha256sum` prints it, with its algorithm in front.

    Example:
        >>> digest_bytes(b"")
        'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return "sha256:" + sha256(data).hexdigest()


def digest(value: Json) -> str:
    """The digest of a JSON value: that of its canonical bytes.

    Raises:
        ValueRefusedError: the value has no canonical form.

    Example:
        >>> digest({"b": 1, "a": 2.0}) == digest({"a": 2, "b": 1})
        True
    """
    return digest_bytes(canonical(value))


def record_digest(kind: str, payload: Json) -> str:
    """The digest of a record: its kind stands beside its payload, so that kinds never collide.

    Example:
        >>> record_digest("recipe", []) == record_digest("packet", [])
        False
    """
    return digest({"kind": kind, "of": payload})


def is_digest(text: str) -> bool:
    """Whether a text is written as a digest is."""
    return DIGEST.match(text) is not None


def commitment(salt: bytes, data: bytes) -> str:
    """A hiding commitment to `data`: without the 32-byte `salt`, nobody can test a guess.

    The salt's fixed length keeps the concatenation injective.

    Raises:
        ValueError: the salt is not 32 bytes.
    """
    if len(salt) != 32:
        message = "a commitment's salt is 32 bytes"
        raise ValueError(message)
    return "sha256:" + sha256(salt + data).hexdigest()


def new_salt() -> bytes:
    """32 random bytes for one commitment."""
    return token_bytes(32)
