"""The style of a file: Observatory's own sheets as one, and the policy that allows that one alone."""

from base64 import b64encode
from functools import cache
from importlib.resources import files

from atelier.kernel.digest import digest_bytes
from atelier.pictures.style import style

_SHEETS = ("tokens", "base", "frame", "parts", "tables", "reader", "places", "pictures", "bundle")


@cache
def sheet() -> str:
    """Every sheet that a page has, and the file's own, in the order in which a page has them."""
    folder = files("atelier.observatory") / "static"
    found = [(folder / f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS]
    printed = (folder / "print.css").read_text(encoding="utf-8").strip()
    return "\n".join([style(), *found, *([f"@media print {{\n{printed}\n}}"] if printed else [])])


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
