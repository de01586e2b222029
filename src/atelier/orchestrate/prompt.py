"""Prompts: text files with two forms, `{{name}}` and `{{> part.md}}`, and no more."""

from collections.abc import Callable, Iterator, Mapping
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


def read_prompt(
    path: Path, *, stage: str, read: Callable[[Path], bytes] = Path.read_bytes
) -> Prompt:
    """Read a template and everything that it includes; includes are relative to their file.

    Raises:
        SetupError: a file is missing or not UTF-8, includes form a cycle, or a form is malformed.
    """
    files: dict[str, bytes] = {}
    flat = list(_pieces(path, (), stage, files, read))
    return Prompt(pieces=tuple(_joined(flat)), files=files)


def fence(text: str, title: str) -> str:
    """Evidence between marks made from the digest of what they enclose.

    No text can contain its own digest, so no evidence can close its fence.

    Example:
        >>> print(fence("[journal-7f3a09c1] ...", "journal").splitlines()[0])
        <evidence journal 54ad5fdf7f14b42e>
    """
    mark = digest_bytes(text.encode()).removeprefix("sha256:")[:16]
    return f"<evidence {title} {mark}>\n{text}\n</evidence {mark}>"


def _pieces(
    path: Path,
    above: tuple[Path, ...],
    stage: str,
    files: dict[str, bytes],
    read: Callable[[Path], bytes],
) -> Iterator[tuple[str, str]]:
    if path in above or len(above) > _MAX_DEPTH:
        raise _error(
            stage, path, "it includes itself", "Remove the include that closes the circle."
        )
    text = _text(path, stage, read, files)
    end = 0
    for form in _FORM.finditer(text):
        yield "text", text[end : form.start()]
        end = form.end()
        include, name = form.groups()
        if include:
            yield from _pieces(path.parent / name, (*above, path), stage, files, read)
        elif name.isidentifier():
            yield "slot", name
        else:
            line = text.count("\n", 0, form.start()) + 1
            raise _error(
                stage,
                f"{path}:{line}",
                f"{form.group()!r} is neither a slot nor an include",
                "Write {{name}} for a slot or {{> part.md}} for an include.",
            )
    yield "text", text[end:]


def _text(path: Path, stage: str, read: Callable[[Path], bytes], files: dict[str, bytes]) -> str:
    try:
        data = read(path)
        # The label is for people; the recipe takes the bytes in order of inclusion.
        files[str(path)] = data
        return data.decode()
    except OSError as error:
        raise _error(
            stage,
            path,
            error.strerror or "it cannot be read",
            "Write the file, or correct its name.",
        ) from error
    except UnicodeDecodeError as error:
        raise _error(
            stage, path, f"byte {error.start} is not UTF-8", "Save the file as UTF-8."
        ) from error


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


def _error(stage: str, path: Path | str, why: str, step: str) -> SetupError:
    return SetupError(
        "prompt.unreadable",
        f"The prompt of stage {stage!r} cannot be used.",
        facts={"file": path, "why": why},
        next_step=step,
    )
