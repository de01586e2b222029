"""The parts of a path that vary: ids of strict form, so that no request ever names a file."""

from re import Match
from re import compile as pattern

from starlette.convertors import Convertor, register_url_convertor

RUN = "0[0-9a-hjkmnp-tv-z]{25}"
DIGEST = "sha256:[0-9a-f]{64}"
_FORMS = {
    "run": RUN,
    "digest": DIGEST,
    "seq": "[1-9][0-9]{0,17}",
    "claim": r"[0-9a-f]{8}(?:\.[0-9]{1,4})?",
    "token": "[0-9a-f]{8}",
    # The name of a workflow or a stage, as Python writes one.
    "name": "[A-Za-z_][A-Za-z0-9_-]{0,127}",
    "asset": r"[a-z0-9][a-z0-9-]{0,63}\.[a-z0-9]{2,5}",
}
_PART = pattern(r"\{[a-z_]+:([a-z]+)\}")
_PLAIN = pattern(r"/[a-z0-9/._-]*\Z")


class _Strict(Convertor[str]):
    """A part of one form; the value is the text itself."""

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


for _name, _form in _FORMS.items():
    register_url_convertor(_name, type(_name, (_Strict,), {"regex": _form})())


def require_strict(path: str) -> None:
    """Refuse the path of a route in which any part could be any text.

    Raises:
        ValueError: a part has no form, or one that is not of ours.
    """

    def plain(found: Match[str]) -> str:
        return "x" if found[1] in _FORMS else "{"

    if not _PLAIN.match(_PART.sub(plain, path)):
        message = f"a route's path has a part without a strict form: {path}"
        raise ValueError(message)


def form_of_part(name: str) -> str:
    """The pattern of a part, for the API's description."""
    return f"^{_FORMS[name]}$"
