"""Who asks: the token or the session that a request shows."""

from collections.abc import Mapping

from atelier.observatory.doors.refusal import RefusalError
from atelier.observatory.doors.scope import Scope
from atelier.observatory.doors.session import NOBODY, Sessions, Viewer
from atelier.observatory.doors.token import Tokens

_LONGEST = 4096


class Guardian:
    """Knows tokens and sessions; a secret is taken from a header, a cookie or a form alone."""

    def __init__(self, tokens: Tokens, sessions: Sessions, *, port: int, is_secure: bool) -> None:
        self.tokens = tokens
        self._sessions = sessions
        self.is_secure = is_secure
        # Cookies know no ports: two servers of one machine would sign each other's browsers out.
        self.cookie = f"__Host-atelier-{port}" if is_secure else f"atelier-{port}"

    def viewer(self, headers: Mapping[str, str]) -> Viewer:
        """Who asks; nobody where nothing is shown.

        Raises:
            RefusalError: 401: what is shown is not, or no longer, valid.
        """
        shown = headers.get("authorization")
        if shown is not None:
            return self._by_token(shown)
        cookie = self._cookie(headers.get("cookie", ""))
        if not cookie:
            return NOBODY
        found = self._sessions.find(cookie)
        if found is None:
            raise unknown()
        return found

    def sign_in(self, secret: str) -> str | None:
        """The cookie that a one-time link or a token is exchanged for."""
        if not secret or len(secret) > _LONGEST:
            return None
        token = self.tokens.find(secret)
        if token is not None:
            return self._sessions.begin(token.name, token.scope, token=token.id)
        return self._sessions.redeem(secret)

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        self._sessions.end(cookie)

    def _by_token(self, shown: str) -> Viewer:
        kind, _, secret = shown.partition(" ")
        token = self.tokens.find(secret.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise unknown()
        identity = token.id
        return Viewer(
            name=token.name,
            scope=token.scope,
            token=identity,
            is_valid=lambda: self.tokens.is_valid(identity),
        )

    def _cookie(self, header: str) -> str:
        """The value of our cookie; what else lies in the jar is other servers'."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.cookie:
                return value[:_LONGEST]
        return ""


def unknown() -> RefusalError:
    """What was shown lets nobody in; the answer does not say whether it ever did."""
    return RefusalError(
        "door.token",
        "A valid token is needed here.",
        status=401,
        next_step="Open the link that `atelier serve` printed, or send a token of yours: "
        "`Authorization: Bearer TOKEN`.",
    )


def require(viewer: Viewer, scope: Scope) -> None:
    """Refuse a viewer without a scope.

    Raises:
        RefusalError: 401 where nobody is known, 403 where the scope is not theirs.
    """
    if viewer.may(scope):
        return
    if viewer is NOBODY:
        raise unknown()
    raise RefusalError(
        "door.scope",
        "This token or session may not do that.",
        status=403,
        facts={"has": viewer.scope.word, "needs": scope.word},
        next_step=f"Use a token with the scope: atelier token new NAME --scope {scope.word}",
    )
