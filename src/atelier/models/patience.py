"""How long a provider is waited for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that an answer may take: in all, and without a byte once it has begun."""

    total: float = 600.0
    idle: float = 120.0
