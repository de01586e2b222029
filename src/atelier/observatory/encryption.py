"""What a server needs to speak HTTPS: a certificate, and the key that belongs to it."""

from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError

from atelier.kernel.errors import SetupError


def encryption(cert: Path | None, key: Path | None) -> SSLContext | None:
    """How to encrypt; None where neither is given. A file may hold both.

    Raises:
        SetupError: they are no pair, or a passphrase would have to be asked for.
    """
    if cert is None and key is None:
        return None
    if cert is None:
        raise _refused(cert, key, "a key without its certificate")
    context = SSLContext(PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(cert, key, password=lambda: "")
    except SSLError as error:
        raise _refused(cert, key, _words(error)) from error
    except OSError as error:
        raise _refused(cert, key, error.strerror) from error
    return context


def _refused(cert: Path | None, key: Path | None, why: str | None) -> SetupError:
    return SetupError(
        "serve.tls",
        "This certificate and this key cannot be served with.",
        facts={"certificate": cert or "(none)", "key": key or cert, "why": why},
        next_step="Give the certificate as PEM, and its own key as PEM without a passphrase.",
    )


def _words(error: SSLError) -> str:
    if error.reason:
        return error.reason.replace("_", " ").lower()
    return "one of them is no PEM, or has a passphrase"
