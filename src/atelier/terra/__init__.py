"""Terra: grounds every claim of a draft in the packet, by fixed rules that may abstain."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Grounded": "grounded",
        "JudgedCite": "judgement",
        "Judgement": "judgement",
        "Prose": "grounded",
        "QuoteFault": "quotes",
        "absent": "checks",
        "find_quote": "quotes",
        "ground": "grounding",
        "ground_text": "grounded",
        "locate": "quotes",
        "needs_support": "surface",
        "resolve_cite": "quotes",
    },
)
