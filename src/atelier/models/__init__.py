"""Model classes: how an install binds them, and what a client of one must do."""

from atelier.models.binding import OFFLINE, Binding, parse_binding
from atelier.models.client import Message, ModelClient, Request, Response
from atelier.models.fault import Fault, ModelError
from atelier.models.usage import Usage

__all__ = [
    "OFFLINE",
    "Binding",
    "Fault",
    "Message",
    "ModelClient",
    "ModelError",
    "Request",
    "Response",
    "Usage",
    "parse_binding",
]
