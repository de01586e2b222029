"""Where a request comes from: a page of ours, the person, or a program with a token of its own."""

from collections.abc import Collection, Mapping

from atelier.observatory.doors.refusal import RefusalError

_OWN = frozenset({"same-origin", "none"})


def check_change(headers: Mapping[str, str], *, origins: Collection[str]) -> None:
    """Refuse a request that may change something and was sent by a page of another origin.

    Origin is never compared with Host: both are the attacker's own name after DNS rebinding. A
    form of ours sends `Origin: null`, since our pages give no referrer, and says `same-origin`.

    Raises:
        RefusalError: 403.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in _OWN or (origin is not None and origin in origins):
        return
    by_token = headers.get("authorization", "").lower().startswith("bearer ")
    if site is None and origin is None and by_token and "cookie" not in headers:
        return
    raise RefusalError(
        "door.origin",
        "This request was not sent by a page of this server.",
        status=403,
        facts={"origin": origin or "(none)", "sec-fetch-site": site or "(none)"},
        next_step="From a program, send `Authorization: Bearer TOKEN` and no cookie.",
    )


def check_reading(headers: Mapping[str, str]) -> None:
    """Refuse what a page of another origin embeds or fetches; following a link to us is fine.

    Raises:
        RefusalError: 403.
    """
    site = headers.get("sec-fetch-site")
    if site is None or site in _OWN:
        return
    if headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document":
        return
    raise RefusalError(
        "door.origin",
        "This request was sent by a page of another origin.",
        status=403,
        facts={"sec-fetch-site": site},
        next_step="Open the page itself, in a tab of its own.",
    )
