"""Tokens: 256 random bits that are shown once; the file keeps only their digests."""

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from fcntl import LOCK_EX, flock
from pathlib import Path
from re import compile as pattern
from secrets import compare_digest, token_hex, token_urlsafe
from threading import Lock
from typing import Any, Self

from atelier.kernel.canonical import canonical, read
from atelier.kernel.clock import Clock, iso
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError
from atelier.observatory.doors.scope import Scope, parse_scope

FILE = "tokens.json"
TOKEN = pattern(r"atelier_[A-Za-z0-9_-]{43}\Z")
TOKEN_ID = pattern(r"[0-9a-f]{8}\Z")
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is kept of a token: everything but the token."""

    id: str
    name: str
    scope: Scope
    digest: str = field(repr=False)
    created_at: str
    expires_at: str

    def as_json(self) -> dict[str, str]:
        """A token as lists show it; its digest stays in the file."""
        kept = asdict(self)
        del kept["digest"]
        return {**kept, "scope": self.scope.word}


def new_secret() -> str:
    """256 random bits, as a text that a scanner for leaked secrets recognises."""
    return f"atelier_{token_urlsafe(32)}"


def find_token(tokens: Iterable[Token], secret: str, *, now: str) -> Token | None:
    """The token that a secret is, unless it has expired; takes as long for every secret."""
    digest = digest_bytes(secret.encode())
    found: Token | None = None
    for token in tokens:
        if compare_digest(token.digest, digest):
            found = token
    return found if found is not None and now < found.expires_at else None


class Tokens:
    """The tokens of one file, which several processes may change; each look sees its last state.

    Without a file there are none, and none can be made.
    """

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = Lock()
        self._seen: tuple[Stamp | None, tuple[Token, ...]] | None = None

    @classmethod
    def of(cls, home: Path, clock: Clock) -> Self:
        """The tokens of a project's state."""
        return cls(home / "doors" / FILE, clock)

    def find(self, secret: str) -> Token | None:
        """The valid token that a secret is.

        Raises:
            SetupError: the file is open to others, or cannot be read.
        """
        if not TOKEN.match(secret):
            return None
        return find_token(self.all(), secret, now=iso(self._clock.now()))

    def is_valid(self, identity: str) -> bool:
        """Whether a token is still there and has not expired."""
        now = iso(self._clock.now())
        return any(token.id == identity and now < token.expires_at for token in self.all())

    def all(self) -> tuple[Token, ...]:
        """Every token of the file, the oldest first.

        Raises:
            SetupError: the file is open to others, or cannot be read.
        """
        with self._lock:
            stamp = self._stamp()
            if self._seen is None or self._seen[0] != stamp:
                self._seen = (stamp, self._read(self._path) if self._path and stamp else ())
            return self._seen[1]

    def new(self, name: str, scope: Scope, *, lasts: timedelta) -> tuple[Token, str]:
        """Make a token: what is kept of it, and the secret, which is nowhere else."""
        secret, now = new_secret(), self._clock.now()
        token = Token(
            id=token_hex(4),
            name=name,
            scope=scope,
            digest=digest_bytes(secret.encode()),
            created_at=iso(now),
            expires_at=iso(now + lasts),
        )
        with self._changing() as path:
            _write(path, (*self.all(), token))
        return token, secret

    def revoke(self, identity: str) -> Token | None:
        """Take a token away; every server of this file refuses it from now on."""
        with self._changing() as path:
            known = self.all()
            gone = next((token for token in known if token.id == identity), None)
            if gone is not None:
                _write(path, tuple(token for token in known if token is not gone))
        return gone

    def _stamp(self) -> Stamp | None:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        if found.st_mode & 0o077 or found.st_uid != os.getuid():
            raise SetupError(
                "token.exposed",
                "The file of the tokens is open to others.",
                facts={"file": self._path, "mode": f"{found.st_mode & 0o777:04o}"},
                next_step=f"Make it yours alone: chmod 600 {self._path}",
            )
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self, path: Path) -> tuple[Token, ...]:
        try:
            return tuple(_token(item) for item in read(path.read_bytes())["tokens"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupError(
                "token.file",
                "The file of the tokens cannot be read.",
                facts={"file": path, "why": type(error).__name__},
                next_step="Remove it, and make the tokens anew: atelier token new NAME",
            ) from error

    @contextmanager
    def _changing(self) -> Generator[Path]:
        """Hold the file for oneself among all processes, in a folder that is one's own."""
        if self._path is None:
            raise SetupError(
                "token.none",
                "There is no project here to keep tokens in.",
                next_step="Serve the project itself, and make a token there.",
            )
        folder = self._path.parent
        for step in reversed([folder, *folder.parents]):
            if not step.exists():
                step.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
        handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            flock(handle, LOCK_EX)
            yield self._path
        finally:
            os.close(handle)


def _write(path: Path, tokens: tuple[Token, ...]) -> None:
    kept = [{**asdict(token), "scope": token.scope.word} for token in tokens]
    draft = path.with_name(f".{FILE}.{token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(canonical({"tokens": kept}))
        file.flush()
        os.fsync(handle)
    draft.replace(path)


def _token(item: Any) -> Token:
    scope = parse_scope(item["scope"])
    if scope is None:
        message = "unknown scope"
        raise ValueError(message)
    return Token(
        id=item["id"],
        name=item["name"],
        scope=scope,
        digest=item["digest"],
        created_at=item["created_at"],
        expires_at=item["expires_at"],
    )
