"""Sessions of browsers, and the one-time links that begin them; all of it ends with the process."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_urlsafe
from threading import Lock

from atelier.kernel.clock import Clock
from atelier.kernel.digest import digest_bytes
from atelier.observatory.doors.scope import Scope

LASTS = timedelta(hours=12)
LINK_LASTS = timedelta(minutes=15)
_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: a program with a token, or a browser with a session."""

    name: str
    scope: Scope
    token: str = ""
    by_cookie: bool = False
    is_valid: Callable[[], bool] = field(default=lambda: True, repr=False)

    def may(self, scope: Scope) -> bool:
        """Whether this viewer has a scope."""
        return self.scope.allows(scope)


NOBODY = Viewer(name="", scope=Scope.PUBLIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    name: str
    scope: Scope
    token: str
    ends_at: datetime


class Sessions:
    """What the cookies of this server stand for; found by digest, so no comparison can be timed."""

    def __init__(self, clock: Clock, *, is_valid: Callable[[str], bool]) -> None:
        self._clock = clock
        self._is_valid = is_valid
        self._lock = Lock()
        self._links: dict[str, _Session] = {}
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def new_link(self, scope: Scope) -> str:
        """A secret that begins one session, once, within a quarter of an hour."""
        secret = token_urlsafe(32)
        ends_at = self._clock.now() + LINK_LASTS
        with self._lock:
            self._links[_digest(secret)] = _Session(
                name="browser", scope=scope, token="", ends_at=ends_at
            )
        return secret

    def redeem(self, secret: str) -> str | None:
        """The cookie of the session that a link begins; None where it was used, or is too old."""
        with self._lock:
            link = self._links.pop(_digest(secret), None)
        if link is None or link.ends_at <= self._clock.now():
            return None
        return self.begin(link.name, link.scope)

    def begin(self, name: str, scope: Scope, *, token: str = "") -> str:
        """The cookie of a new session; one begun with a token ends with the token, too."""
        secret = token_urlsafe(32)
        ends_at = self._clock.now() + LASTS
        with self._lock:
            self._sessions[_digest(secret)] = _Session(
                name=name, scope=scope, token=token, ends_at=ends_at
            )
            while len(self._sessions) > _LIMIT:
                self._sessions.popitem(last=False)
        return secret

    def find(self, cookie: str) -> Viewer | None:
        """Whose session a cookie is."""
        key = _digest(cookie)
        found = self._standing(key)
        if found is None:
            return None
        return Viewer(
            name=found.name,
            scope=found.scope,
            token=found.token,
            by_cookie=True,
            is_valid=lambda: self._standing(key) is not None,
        )

    def end(self, cookie: str) -> None:
        """Sign out."""
        with self._lock:
            self._sessions.pop(_digest(cookie), None)

    def _standing(self, key: str) -> _Session | None:
        with self._lock:
            found = self._sessions.get(key)
        if found is None or found.ends_at <= self._clock.now():
            return None
        return found if not found.token or self._is_valid(found.token) else None


def _digest(secret: str) -> str:
    return digest_bytes(secret.encode("utf-8", "surrogateescape"))
