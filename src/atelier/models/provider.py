"""The client of a provider: sends through its library, and reads receipts through the same."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import orjson

from atelier.kernel.errors import SetupError
from atelier.models.binding import Binding, find_endpoint
from atelier.models.client import Request, Response
from atelier.models.endpoint import Dialect, Endpoint
from atelier.models.events import is_stream
from atelier.models.fault import Asked, Fault, Found, make_error
from atelier.models.patience import Patience
from atelier.models.reading import dropped_settings, read_outline
from atelier.models.receipt import Receipt, parse_receipt
from atelier.models.replay import replayable
from atelier.models.secret import Secret, find_secret

# Where this variable says "refuse", nothing is sent to another machine: tests set it.
LIVE_CALLS = "ATELIER_LIVE_CALLS"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderClient:
    """One model class's provider; the libraries are loaded when it is first asked.

    It is a value: it holds no connection, no credential and no state, so it needs no closing and
    may be asked from any loop.
    """

    endpoint: Endpoint
    model_class: str = ""
    patience: Patience = field(default_factory=Patience)
    stream: bool = False

    async def send(self, request: Request, /) -> bytes:
        """The receipt of what came back.

        Raises:
            ModelError: nothing whole came, or nothing was sent.
        """
        from atelier.models import exchange, sdk

        asked = self._asked(request)
        if os.environ.get(LIVE_CALLS) == "refuse" and not self.endpoint.is_local:
            raise make_error(Fault.LIVE_CALL, asked)
        secret = self._secret(asked)
        taken: list[bytes | BaseException] = []

        async def transport(made: Any) -> Any:
            try:
                receipt = await exchange.exchange(
                    sdk.outgoing(made, _headers(self.endpoint.dialect, secret)),
                    deadlines=exchange.Deadlines(
                        total=self.patience.total, idle=self.patience.idle
                    ),
                    stream=self.stream,
                    asked=asked,
                    secrets=[secret] if secret else [],
                )
            except BaseException as error:
                taken.append(error)
                raise
            taken.append(receipt)
            # The library stops here: what came is kept before anything reads it.
            raise _TakenError

        try:
            await sdk.make(self._call(request, stream=self.stream), transport)
        except sdk.NotReadError as error:
            if not taken:
                said = str(error)
                raise make_error(Fault.BAD_REQUEST, asked, Found(said=said)) from error
        if isinstance(taken[0], bytes):
            return taken[0]
        raise taken[0]

    async def read(self, request: Request, receipt: bytes, /) -> Response:
        """The complete answer that a receipt holds, through the library that made the request.

        Raises:
            ModelError: it holds none.
            IntegrityError: these bytes are no receipt.
        """
        from atelier.models import sdk

        asked, kept = self._asked(request), parse_receipt(receipt)
        outline = read_outline(kept, self.endpoint.dialect, asked)
        body = replayable(kept.body, self.endpoint.dialect)
        wire: list[Mapping[str, Any]] = []

        async def transport(made: Any) -> Any:
            wire.append(orjson.loads(made.content))
            return sdk.replayed(body, made)

        try:
            heard = await sdk.make(self._call(request, stream=is_stream(body)), transport)
        except sdk.NotReadError as error:
            found = Found(status=kept.status, said=str(error), in_doubt=True, partial=kept.body)
            raise make_error(Fault.PROTOCOL, asked, found) from error
        text = sdk.text_of(heard, request)
        if not text:
            fault = Fault.TOOL_CALL if text is None else Fault.EMPTY
            used = outline.usage if text is None else outline.unsaid
            found = Found(usage=used, served=outline.model)
            raise make_error(fault, asked, found)
        dropped = dropped_settings(request, wire[0])
        return Response(
            text=text,
            model=outline.model,
            usage=outline.usage,
            facts={
                **outline.facts,
                **_request_id(kept),
                **({"dropped": dropped} if dropped else {}),
            },
        )

    def _call(self, request: Request, *, stream: bool) -> Any:
        from atelier.models import sdk

        return sdk.Call(self.endpoint.dialect, self.endpoint.url, request, stream)

    def _asked(self, request: Request) -> Asked:
        binding = request.binding
        return Asked(
            model=f"{binding.get('provider', '')}:{binding.get('model', '')}",
            model_class=self.model_class,
            endpoint=self.endpoint.name,
            key=self.endpoint.key,
        )

    def _secret(self, asked: Asked) -> Secret | None:
        if not self.endpoint.key:
            return None
        secret = find_secret(self.endpoint.key)
        if secret is None:
            raise make_error(Fault.NO_KEY, asked)
        if not secret.is_sendable():
            raise make_error(Fault.NO_KEY, asked, Found(said="it holds what no key holds"))
        return secret


def open_client(binding: Binding, endpoints: Mapping[str, Endpoint]) -> ProviderClient:
    """The client of a binding; no library is loaded, but it is looked whether it is there.

    Raises:
        SetupError: nobody knows where the provider is, or its library is not installed.
    """
    endpoint = find_endpoint(binding, endpoints)
    extra = endpoint.dialect.partition("-")[0]
    if not all(map(_is_installed, ("pydantic_ai", _LIBRARIES[extra]))):
        raise SetupError(
            "models.no_library",
            f"The client library for {binding.requested!r} is not installed.",
            facts={"model class": binding.model_class, "dialect": endpoint.dialect},
            next_step=f'Install it: pip install "atelier-harness[{extra}]".',
        )
    return ProviderClient(
        endpoint=endpoint,
        model_class=binding.model_class,
        patience=binding.patience,
        stream=binding.stream,
    )


_LIBRARIES: Mapping[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google.genai",
}


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package that it would stand in
        return False


class _TakenError(Exception):
    """A receipt was taken; the library that asked is told no more."""


def _headers(dialect: Dialect, secret: Secret | None) -> dict[str, str]:
    if secret is None:
        return {}
    name, before = _CREDENTIAL[dialect]
    return {name: before + secret.reveal()}


_CREDENTIAL: Mapping[Dialect, tuple[str, str]] = {
    "openai": ("authorization", "Bearer "),
    "openai-responses": ("authorization", "Bearer "),
    "anthropic": ("x-api-key", ""),
    "google": ("x-goog-api-key", ""),
}


def _request_id(receipt: Receipt) -> dict[str, str]:
    headers = receipt.headers
    found = headers.get("x-request-id") or headers.get("request-id")
    return {"request": found} if found else {}
