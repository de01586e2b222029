"""Soqratic: reviews a grounded draft and asks the next question, tied to evidence."""

from atelier.kernel.lazy import lazily

__getattr__, __dir__ = lazily(
    __name__,
    {
        "Critique": "critique",
        "Declined": "finding",
        "Finding": "finding",
        "FindingKind": "finding",
        "Follow": "critique",
        "Proposal": "critique",
        "Question": "finding",
        "Quoted": "critique",
        "Review": "finding",
        "review": "reviewing",
        "review_text": "reviewed",
    },
)
