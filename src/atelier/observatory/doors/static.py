"""The package's own static files, read once: a request only ever picks one of these names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files

from starlette.responses import Response

from atelier.kernel.digest import digest_bytes
from atelier.observatory.doors.refusal import not_found
from atelier.observatory.doors.route import Visit

_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "ico": "image/x-icon",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    data: bytes
    media_type: str
    tag: str


def read_assets(package: str, folder: str) -> dict[str, Asset]:
    """The files of a package's folder that are of a type that is served; none without the folder."""
    place = files(package) / folder
    if not place.is_dir():
        return {}
    found = {item.name: item.read_bytes() for item in place.iterdir() if item.is_file()}
    return {
        name: Asset(data, _TYPES[ending], f'"{digest_bytes(data)[7:39]}"')
        for name, data in sorted(found.items())
        if (ending := name.rpartition(".")[2]) in _TYPES
    }


def serve_assets(assets: Mapping[str, Asset]) -> Callable[[Visit], Response]:
    """A handler that gives one of these files, or says that the browser's copy is still good."""

    def handler(visit: Visit) -> Response:
        asset = assets.get(visit.parts["file"])
        if asset is None:
            raise not_found("file")
        return asset_response(asset, known=visit.request.headers.get("if-none-match"))

    return handler


def asset_response(asset: Asset, *, known: str | None = None) -> Response:
    """A file, with the tag by which a browser asks whether it has changed."""
    headers = {"ETag": asset.tag, "Cache-Control": "no-cache"}
    if known == asset.tag:
        return Response(status_code=304, headers=headers)
    return Response(asset.data, media_type=asset.media_type, headers=headers)
