"""Soqratic: reviews a grounded draft and asks the next question, tied to evidence."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Declined": "finding",
        "Finding": "finding",
        "FindingKind": "finding",
        "Question": "finding",
        "Review": "finding",
        "review": "reviewing",
        "review_text": "reviewed",
    },
)
