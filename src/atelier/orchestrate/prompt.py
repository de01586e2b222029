"""Prompts: text files with two forms, `{{name}}` and `{{> part.md}}`, and no more."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import compile as pattern

from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import SetupError

_FORM = pattern(r"\{\{(>?)\s*([^{}]*?)\s*\}\}")
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template as it was read: its pieces, and the raw bytes of every file it took in.

    `pieces` alternate literal text and slot names: text first, text last.
    """

    pieces: tuple[str, ...]
    files: Mapping[str, bytes]

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the slots, in order, each once."""
        return tuple(dict.fromkeys(self.pieces[1::2]))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with every slot replaced once; what is filled in is never scanned again."""
        return "".join(
            values[piece] if index % 2 else piece for index, piece in enumerate(self.pieces)
        )


def read_prompt(path: Path, *, stage: str) -> Prompt:
    """Read a template and everything that it includes; includes are relative to their file.

    Raises:
        SetupError: a file is missing or not UTF-8, includes form a cycle, or a form is malformed.
    """
    reading = _Reading(stage)
    flat = list(reading.pieces(path, ()))
    return Prompt(pieces=tuple(_joined(flat)), files=reading.files)


def fence(text: str, title: str) -> str:
    """Evidence between marks made from the digest of what they enclose.

    No text can contain its own digest, so no evidence can close its fence.

    Example:
        >>> print(fence("[journal-7f3a09c1] ...", "journal").splitlines()[0])
        <evidence journal f4ed7866e962da5b>
    """
    mark = digest_bytes(text.encode()).removeprefix("sha256:")[:16]
    return f"<evidence {title} {mark}>\n{text}\n</evidence {mark}>"


class _Reading:
    """One template being read, with every file that it takes in."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.files: dict[str, bytes] = {}

    def pieces(self, path: Path, above: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
        """The texts and slots of a file and of what it includes, in order."""
        if path in above or len(above) > _MAX_DEPTH:
            raise self._error(
                path, "it includes itself", "Remove the include that closes the circle."
            )
        text = self._text(path)
        end = 0
        for form in _FORM.finditer(text):
            yield "text", text[end : form.start()]
            end = form.end()
            include, name = form.groups()
            if include:
                yield from self.pieces(path.parent / name, (*above, path))
            elif name.isidentifier():
                yield "slot", name
            else:
                place = f"{path}:{text.count(chr(10), 0, form.start()) + 1}"
                why = f"{form.group()!r} is neither a slot nor an include"
                step = "Write {{name}} for a slot or {{> part.md}} for an include."
                raise self._error(place, why, step)
        yield "text", text[end:]

    def _text(self, path: Path) -> str:
        try:
            # The label is for people; the recipe takes the bytes in order of inclusion.
            self.files[str(path)] = data = path.read_bytes()
            return data.decode()
        except OSError as error:
            why = error.strerror or "it cannot be read"
            raise self._error(path, why, "Write the file, or correct its name.") from error
        except UnicodeDecodeError as error:
            why = f"byte {error.start} is not UTF-8"
            raise self._error(path, why, "Save the file as UTF-8.") from error

    def _error(self, path: Path | str, why: str, step: str) -> SetupError:
        return SetupError(
            "prompt.unreadable",
            f"The prompt of stage {self.stage!r} cannot be used.",
            facts={"file": path, "why": why},
            next_step=step,
        )


def _joined(flat: list[tuple[str, str]]) -> Iterator[str]:
    text = ""
    for kind, piece in flat:
        if kind == "text":
            text += piece
        else:
            yield text
            yield piece
            text = ""
    yield text
