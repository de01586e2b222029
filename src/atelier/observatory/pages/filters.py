"""How a template says amounts, times and digests: small markup, made in one place."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote, urlencode

import orjson
from markupsafe import Markup

from atelier.isilon.origin import Origin
from atelier.kernel.digest import is_digest
from atelier.kernel.money import dollars
from atelier.observatory.pages.unseen import marked, shown
from atelier.observatory.pages.wording import grouped, worded
from atelier.observatory.reading.row import Component

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_DOLLAR, _FINE = 1_000_000, 100
_UNKNOWN = Markup('<span class="unknown">unknown</span>')
_NONE = Markup('<span class="none" aria-label="none">\u2013</span>')

# A longer last word of a sentence may be broken.
_WORD = 24


def money(amount: int | None) -> Markup:
    """Micros as dollars; an unknown amount is said to be unknown, and is never nothing.

    Below a dollar four decimals are shown, or as many as it takes; the exact amount is the title.

    Example:
        >>> [str(money(micros).striptags()) for micros in (1_234_567, 4_468, 2, 0)]
        ['$1.23', '$0.0045', '$0.000002', '$0']
        >>> money(None)
        Markup('<span class="unknown">unknown</span>')
    """
    exact = dollars(amount)
    if amount is None or exact is None:
        return _UNKNOWN
    if amount == 0:
        return Markup('<data class="money nothing" value="0">$0</data>')
    text = f"{amount / _DOLLAR:,.{2 if amount >= _DOLLAR else 4}f}" if amount >= _FINE else exact
    return Markup('<data class="money" value="{0}" title="${0}">${1}</data>').format(exact, text)


def count(number: int | None) -> str | Markup:
    """A whole number with its thousands apart.

    Example:
        >>> count(1234567)
        '1,234,567'
    """
    return _NONE if number is None else f"{number:,}"


def counted_words(parts: Iterable[tuple[int, str]]) -> str:
    """Numbers with their words; what there is none of is left out.

    Example:
        >>> counted_words([(2, "added"), (0, "removed"), (1, "changed")])
        '2 added, 1 changed'
    """
    return ", ".join(f"{number:,} {word}" for number, word in parts if number)


def size(number: int) -> str:
    """A number of bytes as people read it.

    Example:
        >>> size(812), size(20_480), size(3_500_000)
        ('812 B', '20 kB', '3.5 MB')
    """
    if number < 1000:
        return f"{number} B"
    if number < 1_000_000:
        return f"{number / 1000:.0f} kB"
    return f"{number / 1_000_000:.1f} MB"


def percent(part: float | None, whole: float = 1) -> str | Markup:
    """A share in per cent; of nothing there is none.

    Example:
        >>> percent(1, 3), percent(2, 2)
        ('33 %', '100 %')
    """
    if part is None or not whole:
        return _NONE
    share = 100 * part / whole
    return f"{share:.1f} %" if 0 < share < 1 or 99 < share < 100 else f"{share:.0f} %"


def duration(seconds: float | None) -> str | Markup:
    """Seconds as people read them.

    Example:
        >>> duration(0.0042), duration(1.5), duration(75.2), duration(7300)
        ('4 ms', '1.50 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return _NONE
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTE:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes} min {rest} s"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def ago(moment: str, now: datetime) -> str:
    """How long ago a stored moment was; what lies far back is a date.

    Example:
        >>> from datetime import UTC
        >>> ago("2026-03-01T09:30:00.000000Z", datetime(2026, 3, 1, 9, 42, tzinfo=UTC))
        '12 min ago'
    """
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    past = (now - then).total_seconds()
    if past < _MINUTE:
        return "just now"
    if past < _HOUR:
        return f"{past // _MINUTE:.0f} min ago"
    if past < _DAY:
        return f"{past // _HOUR:.0f} h ago"
    if past < 7 * _DAY:
        return f"{past // _DAY:.0f} d ago"
    return f"{then.day} {then:%b}" if then.year == now.year else f"{then.day} {then:%b %Y}"


def when(moment: str | None, now: datetime) -> Markup:
    """A moment as how long ago it was; the exact one is its title, and what a machine reads."""
    if not moment:
        return _NONE
    exact = moment[:19].replace("T", " ") + " UTC"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        shown(moment), shown(exact), shown(ago(moment, now))
    )


def exactly(moment: str | None) -> Markup:
    """A moment to the second."""
    if not moment:
        return _NONE
    exact = shown(moment[:19].replace("T", " "))
    return Markup(
        '<time datetime="{}">{} <abbr title="Coordinated Universal Time">UTC</abbr></time>'
    ).format(shown(moment), exact)


def digest(text: str | None, length: int = 10) -> Markup:
    """A digest, short; the whole one is its title, and what its button copies.

    Example:
        >>> digest("sha256:0123456789abcdef", 4)
        Markup('<code class="digest" title="sha256:0123456789abcdef" \
data-copy="sha256:0123456789abcdef">0123</code>')
    """
    if not text:
        return _NONE
    return Markup('<code class="digest" title="{0}" data-copy="{0}">{1}</code>').format(
        shown(text), shown(text.removeprefix("sha256:")[:length])
    )


def pretty(value: Any) -> Markup:
    """A JSON value, indented, as text."""
    return marked(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def brief(value: Any, limit: int = 240) -> Markup:
    """A JSON value on one line, cut where it is long; a digest short; nothing where there is none."""
    if value is None:
        return _NONE
    if isinstance(value, str) and is_digest(value):
        return digest(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return marked(text if len(text) <= limit else text[: limit - 1] + "…")


_SIGNS = {"+": "added", "-": "removed"}


def unified(text: str) -> list[tuple[str, str]]:
    r"""The lines of a unified diff as what became of each; where hunks stand is left out.

    Example:
        >>> unified("--- a\n+++ b\n@@ -1 +1 @@\n one\n-two\n+three")
        [('same', 'one'), ('removed', 'two'), ('added', 'three')]
    """
    lines = [line for line in text.splitlines() if not line.startswith(("---", "+++", "@@"))]
    return [(_SIGNS.get(line[:1], "same"), line[1:]) for line in lines]


def step(text: object) -> str:
    """One step of a path: whatever it holds, it names one thing and leads nowhere else.

    Example:
        >>> step("a/b ../c")
        'a%2Fb%20..%2Fc'
    """
    return quote(str(text), safe="")


def told(parameters: Mapping[str, Any]) -> str:
    """Parameters as a person says them.

    Example:
        >>> told({"student": "maya", "weeks": 2, "term": {"from": "1 May", "to": None}})
        'student=maya weeks=2 term.from=1 May term.to=null'
    """
    return " ".join(one for key, of in parameters.items() for one in _told(key, of))


def _told(key: str, of: Any) -> Iterator[str]:
    if of and isinstance(of, dict):
        inner = cast("Mapping[str, Any]", of)
        yield from (f"{key}.{name}={_said(one)}" for name, one in inner.items())
    else:
        yield f"{key}={_said(of)}"


def _said(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def by_kind(components: Iterable[Component]) -> list[tuple[str, list[Component]]]:
    """The parts of a key by what stands before the first slash of their label, in order."""
    found: dict[str, list[Component]] = {}
    for one in components:
        found.setdefault(one.label.partition("/")[0], []).append(one)
    return list(found.items())


def place(origin: Origin, name: str) -> str:
    """An origin without its folders, its speaker and its time; the slice's name where it says no more.

    Example:
        >>> place(Origin(file="maya/notes/s07.md", line=3), "notes"), place(Origin(), "program")
        ('s07.md:3', 'program')
    """
    bare = str(replace(origin, speaker="", time=""))
    return bare.rpartition("/")[2] or words(name)


def field_name(pointer: str) -> str:
    """A pointer as the name of a field.

    Example:
        >>> field_name("/milestones/0/due"), field_name("")
        ('milestones 1 due', '')
    """
    steps = pointer.removeprefix("/").split("/")
    return " ".join(str(int(step) + 1) if step.isdecimal() else words(step) for step in steps)


def overlaps(some: Iterable[str], others: Container[str]) -> bool:
    """Whether one of some stands among others."""
    return any(one in others for one in some)


def stages_of(strip: str) -> list[dict[str, str]]:
    """The stages of a run as the index keeps them.

    Example:
        >>> stages_of('[["draft", "ran", 0]]')
        [{'stage': 'draft', 'outcome': 'ran', 'again': ''}]
    """
    found: list[tuple[str, str, int | None]] = orjson.loads(strip)
    return [
        {"stage": stage, "outcome": outcome, "again": str(again) if again else ""}
        for stage, outcome, again in found
    ]


def parameters_of(text: str) -> str:
    """Parameters as the index keeps them, as a person says them."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return told(cast("Mapping[str, Any]", found)) if isinstance(found, dict) else text


def with_value(given: Mapping[str, str], name: str, value: str) -> str:
    """The query of an address with one value more, or another.

    Example:
        >>> with_value({"student": "maya"}, "session", "s 12")
        'student=maya&session=s+12'
    """
    return urlencode({**given, name: value})


def words(text: str) -> str:
    """A name of ours as words.

    Example:
        >>> words("out_of_scope")
        'out of scope'
    """
    return text.replace("_", " ").replace("-", " ")


def last_word(text: str) -> tuple[str, str]:
    """A text before its last word, and that word; empty where it is too long to stay in one piece.

    Example:
        >>> last_word("She ran far."), last_word("0" * 40)
        (('She ran ', 'far.'), ('0000000000000000000000000000000000000000', ''))
    """
    before, gap, last = text.rpartition(" ")
    return (before + gap, last) if len(last) <= _WORD else (text, "")


FILTERS: Mapping[str, Callable[..., object]] = {
    "money": money,
    "count": count,
    "percent": percent,
    "counted_words": counted_words,
    "bytes": size,
    "duration": duration,
    "when": when,
    "exactly": exactly,
    "digest": digest,
    "pretty": pretty,
    "brief": brief,
    "unified": unified,
    "worded": worded,
    "grouped": grouped,
    "step": step,
    "told": told,
    "words": words,
    "with_value": with_value,
    "by_kind": by_kind,
    "stages_of": stages_of,
    "parameters_of": parameters_of,
    "place": place,
    "last_word": last_word,
    "field_name": field_name,
    "overlaps": overlaps,
    "marked": marked,
}
