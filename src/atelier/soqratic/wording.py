"""How evidence is named and quoted in a finding or a question, for a reader who was not there."""

from datetime import date
from re import compile as pattern

from atelier.kernel.evidence import Span
from atelier.terra.corpus import Evidence, Passage
from atelier.terra.sentences import sentence_spans

_DAY = pattern(r"(\d{4})-(\d{2})-(\d{2})")
_ONLY_DAY = pattern(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?\Z")
_IDENTIFIER = pattern(r"[\w.:\-]{1,24}\Z")
_DUE = frozenset(["due", "due_date", "due_on", "deadline", "by", "until"])
_FIELDS = [
    "text",
    "title",
    "what",
    "body",
    "name",
    "task",
    "goal",
    "commitment",
    "milestone",
    "summary",
]
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def telling(element: Evidence) -> Passage | None:
    """The words of an element that say most: its main field's first sentence; None without any."""
    texts = [
        (place, text)
        for place, text in element.texts()
        if text.strip() and not _ONLY_DAY.match(text)
    ]
    words = [item for item in texts if not _IDENTIFIER.match(item[1])] or texts
    if not words:
        return None
    place, text = min(words, key=lambda item: (_rank(item[0]), -len(item[1])))
    start, end = sentence_spans(text)[0]
    return Passage(element, place, text, Span(start=start, end=end))


def _rank(place: str) -> int:
    name = place.rpartition("/")[2]
    return _FIELDS.index(name) if name in _FIELDS else len(_FIELDS)


def day_of(element: Evidence) -> str:
    """The day that an element carries, as people say it: "6 March"; empty without one."""
    return _day(element)[1]


def dated(element: Evidence) -> str:
    """The day of an element as it follows its words: ", due 6 March"; empty without one."""
    field, day = _day(element)
    if not day:
        return ""
    return f", due {day}" if field in _DUE else f", of {day}"


def _day(element: Evidence) -> tuple[str, str]:
    """The field of an element's first day, and the day."""
    for place, text in element.texts():
        found = _DAY.match(text) if _ONLY_DAY.match(text) else None
        if found:
            day = date(int(found[1]), int(found[2]), int(found[3]))
            return place.rpartition("/")[2], f"{day.day} {_MONTHS[day.month - 1]}"
    return "", ""


def slice_name(name: str) -> str:
    """A slice's name as words.

    Example:
        >>> slice_name("prior_sessions")
        'prior sessions'
    """
    return name.replace("_", " ")


def shorten(text: str, limit: int) -> str:
    """The first words of a text, with an ellipsis where more follow.

    Example:
        >>> shorten("I did not sleep at all.", 4), shorten("I slept.", 4)
        ('I did not sleep …', 'I slept')
    """
    plain = text.strip().rstrip(".,;:")
    words = plain.split()
    return plain if len(words) <= limit else " ".join(words[:limit]).rstrip(".,;:") + " …"


def quoted(text: str, limit: int = 24) -> str:
    """A text between quotation marks, shortened."""
    plain = shorten(text, limit).translate(_INNER_MARKS)
    return f"“{plain}”"


# A quotation inside a quotation takes single marks, so that its end stays plain.
_INNER_MARKS = str.maketrans({"“": "\u2018", "”": "\u2019", '"': "'"})
