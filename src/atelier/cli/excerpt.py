"""A text cut to a line, around the words that matter."""

from atelier.cli.console import one_line
from atelier.kernel.canonical import canonical

_WORD = 20


def excerpt(text: str, quote: str, *, start: int = 0, width: int = 200) -> str:
    """A text on one line, cut to a window that holds the whole quote; `start` where it is reworded.

    Example:
        >>> excerpt("a " * 40 + "She ran. " + "b " * 40, "She ran.", width=20)
        '… a a a She ran. b b b …'
        >>> excerpt("She ran. " + "b " * 40, "She ran.", width=20)
        'She ran. b b b b b b …'
    """
    whole = one_line(text, len(text) * 6 + 1)  # as long as its escapes may make it
    if len(whole) <= width:
        return whole
    wanted = [one_line(form, len(whole)) for form in (quote, canonical(quote).decode()[1:-1])]
    found = next((form for form in wanted if form and form in whole), "")
    at = whole.index(found) if found else min(len(one_line(text[:start], len(whole))), len(whole))
    left = min(max(at - max(width - len(found), 0) // 2, 0), max(len(whole) - width, 0))
    right = max(left + width, at + len(found))
    # To whole words, where they are words.
    left = whole.rfind(" ", max(left - _WORD, 0), left) + 1 or left
    right = max(whole.find(" ", right, right + _WORD), min(right, len(whole)))
    cut = whole[left:right]
    return ("… " if left else "") + cut + (" …" if right < len(whole) else "")
