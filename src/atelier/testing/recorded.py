"""A model whose answers were recorded: for tests that read what a real provider once said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from atelier.kernel.canonical import canonical, read
from atelier.kernel.errors import ExhaustedError
from atelier.models import Binding, ModelClient, Request, Response


class RecordedModel:
    """Answers each request with the receipt that a file has for it, and reads it as its client does.

    The file has a line for each receipt: the digest of its request, and what came back. Equal
    requests are answered in the order in which they were recorded, and then by the last.

    Args:
        client: Who sends where something is recorded, and who reads.
        path: The file.
        binding: What is asked for, in place of the binding that a request names.
        record: Whether a request that the file does not have is sent, and its receipt kept.
    """

    def __init__(
        self, client: ModelClient, path: Path, *, binding: Binding | None = None, record: bool
    ) -> None:
        self._client = client
        self._path = path
        self._binding = binding
        self._record = record
        self._kept: dict[str, list[bytes]] = {}
        self._told: dict[str, int] = {}
        for digest, receipt in _lines(path):
            self._kept.setdefault(digest, []).append(receipt)

    async def send(self, request: Request, /) -> bytes:
        """The receipt that the file has, or a new one where it is told to record.

        Raises:
            StageError: the file has none, or recording failed.
        """
        request = self._bound(request)
        digest = request.digest
        at = self._told.get(digest, 0)
        kept = self._kept.setdefault(digest, [])
        self._told[digest] = at + 1
        if not self._record:
            if not kept:
                raise self._missing(digest)
            return kept[min(at, len(kept) - 1)]
        if at >= len(kept):
            receipt = await self._client.send(request)
            kept.append(receipt)
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(canonical({"receipt": read(receipt), "request": digest}) + b"\n")
        return kept[at]

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        """The response that a receipt holds."""
        return await self._client.read(self._bound(request), receipt)

    def _bound(self, request: Request) -> Request:
        bound = self._binding
        return request if bound is None else replace(request, binding=bound.as_json())

    def _missing(self, digest: str) -> ExhaustedError:
        return ExhaustedError(
            "testing.not_recorded",
            "No answer to this request was recorded.",
            facts={"file": self._path, "request": digest},
            next_step="Record it: pytest --atelier-record, with the key of the provider.",
        )


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    if not path.exists():
        return
    for line in path.read_bytes().splitlines():
        kept = read(line)
        yield kept["request"], canonical(kept["receipt"])
