"""A file as it was read, once: its bytes, their digest, and its faults by line and column."""

from dataclasses import dataclass
from functools import cached_property

from atelier.isilon.errors import EvidenceError
from atelier.kernel.digest import digest_bytes
from atelier.kernel.errors import printable

_BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_SHOWN = 80


@dataclass(frozen=True)
class Document:
    """The bytes of one file, read once; `path` is relative to the root, with `/`."""

    path: str
    data: bytes

    @cached_property
    def digest(self) -> str:
        """The digest of the bytes that were read, a byte order mark included."""
        return digest_bytes(self.data)

    @property
    def has_bom(self) -> bool:
        """Whether the file begins with a UTF-8 byte order mark, which `text` leaves out."""
        return self.data.startswith(_BOM)

    @cached_property
    def text(self) -> str:
        """The text of the file, never normalised; only a UTF-8 byte order mark is left out.

        Raises:
            EvidenceError: the bytes are not UTF-8, or hold a NUL.
        """
        for mark, name in _FOREIGN.items():
            if self.data.startswith(mark):
                raise self._not_utf8(f"the byte order mark of {name}", 0)
        nul = self.data.find(b"\0")
        if nul >= 0:
            raise self._not_utf8("a NUL byte; is this UTF-16?", nul)
        data = self.data.removeprefix(_BOM)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            start = len(self.data) - len(data) + error.start
            raise self._not_utf8(error.reason, start) from error

    def fault(self, code: str, why: str, *, offset: int, next_step: str = "") -> EvidenceError:
        """An error at an offset of `text`, with the line that holds it."""
        start = self.text.rfind("\n", 0, offset) + 1
        return self.fault_at(
            code,
            why,
            line=self.text.count("\n", 0, offset) + 1,
            column=offset - start + 1,
            next_step=next_step,
        )

    def fault_at(
        self, code: str, why: str, *, line: int, column: int = 1, next_step: str = ""
    ) -> EvidenceError:
        """An error at a line and a column, both from 1, with what stands there."""
        return EvidenceError(
            code,
            "A source cannot be read as it stands.",
            facts={
                "at": f"{self.path}:{line}:{column}",
                "why": why,
                "near": self._near(line, column),
            },
            next_step=next_step or "Correct this line of the file.",
        )

    def _near(self, line: int, column: int) -> str:
        """The first 80 characters of a line, or those around a column beyond them."""
        lines = self.text.split("\n", line)
        shown = lines[line - 1] if line <= len(lines) else ""
        start = 0 if column <= _SHOWN else column - _SHOWN // 2
        return printable(shown[start : start + _SHOWN]).replace("\r", "\\r")

    def _not_utf8(self, why: str, offset: int) -> EvidenceError:
        start = self.data.rfind(b"\n", 0, offset) + 1
        line = self.data.count(b"\n", 0, offset) + 1
        column = len(self.data[start:offset].decode(errors="replace")) + 1
        near = self.data[start : start + _SHOWN].split(b"\n")[0]
        return EvidenceError(
            "evidence.encoding",
            "A source is not plain UTF-8.",
            facts={
                "at": f"{self.path}:{line}:{column}",
                "why": why,
                "near": near.decode("ascii", errors="backslashreplace"),
            },
            next_step="Convert the file to UTF-8, for example with `iconv -t UTF-8`.",
        )
