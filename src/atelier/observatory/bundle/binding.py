"""Pages bound into one file: what each holds, with every link as an anchor of the file, or no link."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qsl

_VOID = frozenset({"br", "col", "hr", "img", "input", "meta", "link", "wbr"})
# What asks a server or runs; none of it has a use in a file.
_LEFT_OUT = frozenset({"script", "form", "button", "dialog", "input", "textarea", "iframe", "img"})
_NAMING = frozenset({"id", "for", "aria-labelledby", "aria-describedby"})
_DATA_KEPT = "data-name"  # the heading of a cell where a table is too narrow for its own

Attributes = Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A page that is bound in: by which name, what it is called, and its markup."""

    name: str
    title: str
    page: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """A leaf as it stands in the file; it is markup."""

    name: str
    title: str
    body: str = field(repr=False)
    classes: str = ""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where the addresses of a server lead within a file: `leaves` by path, and the ids there are."""

    leaves: Mapping[str, str]
    ids: frozenset[str] = frozenset()

    def find(self, leaf: str, address: str) -> str:
        """The id that an address leads to from a leaf; empty where it leads out of the file."""
        page, _, fragment = address.partition("#")
        path, _, query = page.partition("?")
        asked = dict(parse_qsl(query))
        target = leaf if not path else self.leaves.get(page) or self.leaves.get(path, "")
        if not target:
            return ""
        if not path and "stage" in asked:
            return self.leaves.get(page, "")
        inner = f"claim-{asked['claim']}" if "claim" in asked else fragment
        exact = f"{target}.{inner}" if inner else target
        if exact in self.ids:
            return exact
        # A page that is in the file is a place, also where the part that was meant is not.
        return target if path and target in self.ids else ""


def bind(leaves: Iterable[Leaf], addresses: Mapping[str, str], sprite: str) -> list[Bound]:
    """Pages as leaves of one file: ids are made unique, and each link resolves or is text.

    What a page offers that only a server can do is left out. `addresses` names the leaf of each
    path; `sprite` is the file's drawing of marks.
    """
    pages = list(leaves)
    marks = _Binder("", lambda _: "", is_whole=True)
    marks.feed(sprite)
    first = Anchors(addresses)
    ids = {leaf.name for leaf in pages} | marks.ids
    for leaf in pages:
        ids |= _bound(leaf, first).ids
    anchors = Anchors(addresses, frozenset(ids))
    found = [(leaf, _bound(leaf, anchors)) for leaf in pages]
    return [Bound(leaf.name, leaf.title, binder.body, binder.classes) for leaf, binder in found]


def _bound(leaf: Leaf, anchors: Anchors) -> "_Binder":
    binder = _Binder(leaf.name, lambda address: anchors.find(leaf.name, address), ids=anchors.ids)
    binder.feed(leaf.page)
    binder.close()
    return binder


class _Binder(HTMLParser):
    """Reads a page of ours and writes what stands in its main part, tag by tag.

    Text is handed on as it was written: it was escaped when the page was made.
    """

    def __init__(
        self,
        leaf: str,
        find: Callable[[str], str],
        *,
        ids: frozenset[str] = frozenset(),
        is_whole: bool = False,
    ) -> None:
        super().__init__(convert_charrefs=False)
        self.ids: set[str] = set()
        self.classes = ""
        self._leaf, self._find, self._known = leaf, find, ids
        self._is_inside = is_whole
        self._written: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._left_out = 0

    @property
    def body(self) -> str:
        """What was written."""
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, or leave it out with all that it holds."""
        given = dict(attrs)
        if tag == "body":
            self.classes = given.get("class") or ""
        if not self._is_inside:
            self._is_inside = tag == "main"
            return
        is_void = tag in _VOID
        if self._left_out or self._goes(tag, given):
            self._left_out += not is_void
            return
        name, kept = self._rewritten(tag, given)
        if not is_void:
            self._open.append((tag, name))
        self._written.append(f"<{name}{_attributes(kept)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an element that closes itself: a shape, or the use of a mark."""
        given = dict(attrs)
        if not self._is_inside or self._left_out:
            return
        if tag == "use" and (given.get("href") or "")[1:] not in self._known:
            return
        name, kept = (tag, given) if tag == "use" else self._rewritten(tag, given)
        self._written.append(f"<{name}{_attributes(kept)}/>")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if not self._is_inside:
            return
        if self._left_out:
            self._left_out -= 1
            return
        if not self._open:
            self._is_inside = False  # the end of the main part
            return
        opened, name = self._open.pop()
        if opened != tag:
            message = f"a page closes {tag!r} where {opened!r} is open"
            raise AssertionError(message)
        self._written.append(f"</{name}>")

    def handle_data(self, data: str) -> None:
        """Write text as it stands."""
        self._write(data)

    def handle_entityref(self, name: str) -> None:
        """Write a named character as it stands."""
        self._write(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Write a numbered character as it stands."""
        self._write(f"&#{name};")

    def _write(self, text: str) -> None:
        if self._is_inside and not self._left_out:
            self._written.append(text)

    def _goes(self, tag: str, given: Attributes) -> bool:
        named = (given.get("class") or "").split()
        if tag in _LEFT_OUT or "needs-script" in named or "crumbs" in named:
            return True
        if tag == "a" and "button" in named:
            return not self._find(given.get("href") or "")
        # A claim is hidden until a sentence is chosen; in a file each stands where links lead.
        return "hidden" in given and "claim" not in named

    def _rewritten(self, tag: str, given: Attributes) -> tuple[str, Attributes]:
        kept = {
            name: " ".join(f"{self._leaf}.{id_}" for id_ in (value or "").split())
            if name in _NAMING and self._leaf
            else value
            for name, value in given.items()
            if name == _DATA_KEPT or not name.startswith(("data-", "hidden", "on"))
        }
        if kept.get("id"):
            self.ids.add(kept["id"] or "")
        if tag != "a":
            return tag, {name: value for name, value in kept.items() if name != "href"}
        target = self._target(given)
        if target:
            return tag, {**kept, "href": f"#{target}"}
        return "span", {name: value for name, value in kept.items() if name != "href"}

    def _target(self, given: Attributes) -> str:
        """Where a link leads: a sentence that rests on a claim, to the first claim's card."""
        claims = (given.get("data-claims") or "").split()
        if claims and "sentence" in (given.get("class") or "").split():
            card = self._find(f"#claim-{claims[0]}")
            if card:
                return card
        return self._find(given.get("href") or "")


def _attributes(given: Attributes) -> str:
    return "".join(
        f" {name}" if value is None else f' {name}="{escape(value, quote=True)}"'
        for name, value in given.items()
    )
