"""Who answers in the demonstration: a fake provider whose models read what they are asked."""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from atelier.demo.events import Mishap
from atelier.kernel.digest import digest_bytes
from atelier.terra import Grounded
from atelier.testing.provider import (
    Answer,
    Asked,
    Behaviour,
    ErrorStatus,
    Failure,
    Flaw,
    Flawed,
    Forgery,
    ForgingModel,
    RateLimit,
    Refusal,
    Reset,
    Served,
)

_LINE = re.compile(r"^\[([\w.-]+)\] (\{.*\})$", re.MULTILINE)
_SLOT = "{title}:\n\n"
_WORD = re.compile(r"[a-z]+")
_SENTENCE = re.compile(r"[^.!?]+[.!?]?")
# A claim is taken as supported where a passage has this share of its longer words.
_ENOUGH = 0.6

_MISHAPS: Mapping[Mishap, Callable[[], Behaviour]] = {
    "busy": lambda: ErrorStatus(Failure.OVERLOADED),
    "rate": lambda: RateLimit(retry_after="0"),
    "reset": lambda: Reset(after=0),
    "forge": lambda: ForgingModel(Forgery.INVENTED),
    "refuse": lambda: Refusal("I would rather not write about a person."),
    "garble": lambda: Flawed(Flaw.TRUNCATED),
}


class Ensemble:
    """The script of the provider: what the models say, unless something is to go wrong first."""

    def __init__(self) -> None:
        self.mishaps: deque[Mishap] = deque()
        self.served: dict[str, str] = {}

    def __call__(self, asked: Asked) -> Behaviour:
        """What one request gets."""
        if self.mishaps:
            return _MISHAPS[self.mishaps.popleft()]()
        answer = Answer(_answer(asked.prompt, asked.model))
        snapshot = self.served.get(asked.model)
        return answer | Served(snapshot) if snapshot else answer


def _answer(prompt: str, model: str) -> dict[str, Any]:
    if "You lay out the page" in prompt:
        return _page(prompt)
    if "You check one claim" in prompt:
        return _judgement(prompt)
    if "You review a draft" in prompt:
        return _critique(prompt)
    return _draft(prompt, model)


def _draft(prompt: str, model: str) -> dict[str, Any]:
    """The stand-in's draft, and what a small model adds: a sentence of its own, without a quote."""
    session, extract = import_module("session"), import_module("extract").extract
    shown = _elements(prompt)
    turns = [session.Turn.model_validate(value) for value in shown["transcript"]]
    made = extract(
        turns,
        session.Program.model_validate(shown["program"][0]),
        [session.Commitment.model_validate(value) for value in shown["commitments"]],
    )
    said: dict[str, Any] = made.model_dump(mode="json")
    own = _retold(said["text"]) if model.startswith("gpt-5-mini") else ""
    if own:
        head, mark, rest = said["text"].partition("\n\n## What was agreed")
        said["text"] = f"{head}\n\n{own}{mark}{rest}"
    return said


def _retold(text: str) -> str:
    """A quoted report in the third person."""
    found = re.search(r"(\w+): “I ([^”]+)”", text)
    if found is None:
        return ""
    rest = re.sub(r"\bmy\b", "their", found[2]).replace("I ", "they ")
    return f"{found[1]} {rest}, and is content with it."


def _page(prompt: str) -> dict[str, Any]:
    """The page as the stand-in lays it out, from what the prompt holds."""
    synthesis, session = import_module("synthesis"), import_module("session")
    from_prompt = Grounded.model_validate_json
    review = import_module("atelier.soqratic").Review
    made: Any = synthesis.fill(
        from_prompt(_slot(prompt, "The draft, claim by claim")),
        from_prompt(_slot(prompt, "What the other evidence says, claim by claim")),
        review.model_validate_json(_slot(prompt, "The review of the draft")),
        session.Program.model_validate(_elements(prompt)["program"][0]),
        _session(prompt),
    )
    page: dict[str, Any] = made.model_dump(mode="json")
    return page


def _judgement(prompt: str) -> dict[str, Any]:
    """Supported by the passage that has most of the claim's words, where one has enough."""
    claim = json.loads(_slot(prompt, "The claim"))["text"]
    wanted = _words(claim)
    best, handle, quote = 0.0, "", ""
    for name, line in _LINE.findall(prompt):
        for sentence in _sentences(json.loads(line)):
            share = len(wanted & _words(sentence)) / (len(wanted) or 1)
            if share > best:
                best, handle, quote = share, name, sentence
    if best < _ENOUGH:
        return {"cites": [], "verdict": "unsupported"}
    verdict = "supported" if best > 0.8 else "partial"
    cite = {"handle": handle, "quote": quote, "role": "supports"}
    return {"cites": [cite], "verdict": verdict}


def _critique(prompt: str) -> dict[str, Any]:
    """Now and then an omission: a passage of the journal, in its own words."""
    found = [(name, json.loads(line)) for name, line in _LINE.findall(prompt)]
    entries = [(name, value) for name, value in found if name.startswith("journal-")]
    if not entries or _chance(prompt) < 0.5:
        return {"findings": [], "question": None}
    name, value = entries[-1]
    quote = _sentences(value)[0]
    finding = {
        "kind": "omission",
        "statement": f"The journal says “{quote.rstrip('.')}”.",
        "evidence": [{"handle": name, "quote": quote}],
        "claims": [],
    }
    return {"findings": [finding], "question": None}


def _elements(prompt: str) -> dict[str, list[Any]]:
    """What a prompt shows, by the slice that its handle names."""
    found: dict[str, list[Any]] = {}
    for handle, line in _LINE.findall(prompt):
        found.setdefault(handle.rpartition("-")[0], []).append(json.loads(line))
    return found


def _slot(prompt: str, title: str) -> str:
    start = prompt.index(_SLOT.format(title=title)) + len(_SLOT.format(title=title))
    return prompt[start:].partition("\n")[0]


def _session(prompt: str) -> str:
    found = re.search(r"The session is (\w+)", prompt)
    return found[1] if found else ""


def _sentences(value: Mapping[str, Any]) -> Sequence[str]:
    text = str(value.get("text") or value.get("title") or "")
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()] or [text]


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if len(word) > 3)


def _chance(text: str) -> float:
    """A share between 0 and 1, the same for the same text."""
    return int(digest_bytes(text.encode())[7:15], 16) / 0xFFFFFFFF
