"""Answers: JSON, files to download, and failures told to people and to programs."""

from collections.abc import Mapping
from html import escape
from typing import Any

import orjson
from starlette.responses import RedirectResponse, Response

from atelier.kernel.errors import AtelierError
from atelier.observatory.doors.headers import CSP_DOWNLOAD
from atelier.observatory.doors.refusal import status_of

_JSON = orjson.OPT_NON_STR_KEYS


def json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as one JSON document."""
    return Response(
        orjson.dumps(value, option=_JSON),
        status_code=status,
        media_type="application/json",
        headers=dict(headers or {}),
    )


def download(data: bytes, *, name: str, media_type: str = "application/octet-stream") -> Response:
    """Bytes to be kept as a file, which no browser interprets; `name` is ours, never a request's."""
    return Response(
        data,
        media_type=media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": CSP_DOWNLOAD,
        },
    )


def see(path: str) -> Response:
    """Go on to a page of ours, after a form."""
    return RedirectResponse(path, status_code=303)


def failure_json(error: AtelierError) -> Response:
    """A failure as programs read it."""
    return json({"error": error.as_json()}, status=status_of(error))


def failure_page(error: AtelierError) -> Response:
    """A failure as people read it: a page that needs nothing else."""
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in error.facts.items()
    )
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(error.sentence)}</title>"
        '<link rel="stylesheet" href="/login/login.css">'
        f"<main><h1>{escape(error.sentence)}</h1><dl>{facts}</dl>"
        f"<p>{escape(error.next_step)}</p><p><code>{escape(error.code)}</code></p></main></html>"
    )
    return Response(page, status_code=status_of(error), media_type="text/html")
