"""The style of a file: Observatory's own sheets as one, and the policy that allows that one alone."""

from base64 import b64encode
from functools import cache

from atelier.kernel.digest import digest_bytes
from atelier.observatory.pages.sheet import joined


@cache
def sheet() -> str:
    """Every sheet that a page has, and the file's own."""
    return joined("bundle").decode()


def policy(text: str) -> str:
    """What a browser may do with the file: show it in this style, and nothing else.

    Example:
        >>> policy("")
        "default-src 'none'; style-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; \
base-uri 'none'; form-action 'none'"
    """
    digest = bytes.fromhex(digest_bytes(text.encode()).removeprefix("sha256:"))
    allowed = f"style-src 'sha256-{b64encode(digest).decode()}'"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
