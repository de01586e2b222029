"""Rules of spoken English that the stand-ins rest on: sentences, words, terms."""

import re

_WORD = re.compile(r"[a-z0-9]+(?:[,.][0-9]+)*(?:'[a-z]+)?")
_SENTENCE = re.compile(r"[^.?!]*(?:[.?!](?!\s|$)[^.?!]*)*[.?!]*")
# What people say before they say it: no part of a quotation.
_RUN_UP = re.compile(
    r"^(?:(?:um|uh|hm|mm|oh|ha|yeah|yes|okay|well|right|like|no|i mean|you know|i meant to say)[,.]\s+"
    r"|(?:so|and|but)\b,?\s+)+",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """The words of a text in small letters, contractions whole."""
    return _WORD.findall(text.lower())


def sentences(text: str) -> list[str]:
    """The sentences of a text, exactly as they stand there, without their run-up.

    Example:
        >>> sentences("Um. So that went. I sent it, um, on Monday.")
        ['Um.', 'that went.', 'I sent it, um, on Monday.']
    """
    return [_RUN_UP.sub("", text[start:end]) for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand, each with its run-up."""
    found = ((match.group(), match.start()) for match in _SENTENCE.finditer(text))
    return [
        (start + len(said) - len(said.lstrip()), start + len(said.rstrip()))
        for said, start in found
        if said.strip()
    ]


def stem(word: str) -> str:
    """A word without its ending, so that `chapters` meets `chapter`, and `sent` meets `send`.

    Example:
        >>> [stem(word) for word in ("asked", "asking", "sent", "pages", "realistic")]
        ['ask', 'ask', 'send', 'page', 'realistic']
    """
    word = word.partition("'")[0]
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word.removesuffix("s")
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def terms(text: str) -> frozenset[str]:
    """The stems of the words that carry what a text is about.

    Example:
        >>> sorted(terms("I've sent the methods chapter to Henrik."))
        ['chapter', 'henrik', 'method', 'send']
    """
    return frozenset(stem(word) for word in words(text) if word not in STOP and len(word) > 2)


def is_negated(text: str) -> bool:
    """Whether a sentence says that something is not so."""
    return any(word in NEGATIONS or word.endswith("n't") for word in words(text))


STOP = frozenset(
    words(
        """
        a about after again all also am an and any are as at back be because been before being but
        by can come could did do does doing done down each even for from get go good got had has have
        he her here hers him his how i i'd i'll i'm i've if in into is it its it's just last let
        like little lot make many maybe me mean more most much my next no not now of off oh okay on
        once only or other our out over quite really right said same say see she should so some
        something sort still such sure take than that that's the their them then there they thing
        things think this those through to today too um up us very want was we well were what when
        where which while who whole why will with would yeah yes you you're your
        """
    )
)
NEGATIONS = frozenset(words("not no never nothing none nobody cannot without"))
IRREGULAR = {
    form: base
    for base, forms in {
        "send": "sent",
        "write": "wrote written writing",
        "sleep": "slept",
        "ring": "rang rung",
        "cut": "cutting",
        "tell": "told",
        "leave": "left",
    }.items()
    for form in words(forms)
}
