"""The form of a typed value: how it becomes canonical bytes, and how it is read back."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, Generic, Never, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from atelier.kernel.canonical import Fixed, canonical, canonical_plain, pointer, refuse
from atelier.kernel.digest import digest
from atelier.kernel.errors import SetupError

T = TypeVar("T")

_REFUSED = {
    "callable": "a function is not a value",
    "frozenset": "a set has no order; use a list in a stated one",
    "is-subclass": "a class is not a value",
    "set": "a set has no order; use a list in a stated one",
}
# Types whose values may still be refused, so each value is looked at before it is dumped.
_INSPECTED = frozenset({"any", "datetime", "time", "is-instance", "dict", "decimal"})
# Types of which pydantic may find only when asked for a schema that they are not JSON.
_DOUBTFUL = frozenset({"bytes", "is-instance"})
# Types that dump to texts, integers, truth and null, in objects whose keys the type names: their
# bytes need no second look. Whatever serializes in its own way is of another kind.
_PLAIN = frozenset(
    {
        "bool",
        "default",
        "function-after",
        "function-before",
        "int",
        "list",
        "literal",
        "model",
        "model-field",
        "model-fields",
        "none",
        "nullable",
        "str",
        "tuple",
    }
)


class Form(Generic[T]):
    """The canonical form of one annotation: dump, bytes, read, schema."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        try:
            self.adapter: TypeAdapter[T] = TypeAdapter(annotation)
            kinds = _kinds(self.adapter.core_schema)
            for kind in sorted(kinds & _REFUSED.keys()):
                _unsupported(annotation, _REFUSED[kind])
            schema = canonical(self.schema) if kinds & _DOUBTFUL else b""
        except (PydanticSchemaGenerationError, PydanticUserError, NameError) as error:
            _unsupported(annotation, str(error).splitlines()[0], cause=error)
        if b'"format":"binary"' in schema:
            _unsupported(annotation, "bytes are not JSON; use pydantic's Base64Bytes")
        is_plain = kinds <= _PLAIN and _has_fixed_keys(self.adapter.core_schema)
        self._write = canonical_plain if is_plain else canonical
        self._inspected = bool(kinds & _INSPECTED)
        self._has_bytes = "bytes" in kinds

    def dump(self, value: T) -> Any:
        """The value as JSON, not yet canonical bytes.

        Raises:
            ValueRefusedError: the value holds something that JSON cannot give back.
        """
        try:
            if self._inspected:
                python = self.adapter.dump_python(value, by_alias=True, warnings=False)
                _inspect(python, (), has_bytes=self._has_bytes)
            return self.adapter.dump_python(value, mode="json", by_alias=True, warnings="error")
        except (ValueError, RecursionError) as error:  # pydantic's refusals, cycles
            refuse((), " ".join(str(error).split()))

    def encode(self, value: T) -> bytes:
        """The canonical bytes of a value of this form.

        Raises:
            ValueRefusedError: the value has no canonical form.
        """
        return self._write(self.dump(value))

    def decode(self, data: bytes) -> T:
        """The value that canonical bytes hold, validated into this form.

        Raises:
            pydantic.ValidationError: the bytes hold something else.
        """
        return self.adapter.validate_json(data)

    def check(self, value: object) -> T:
        """The value validated into this form.

        Raises:
            pydantic.ValidationError: it is something else.
        """
        return self.adapter.validate_python(value)

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The canonical JSON Schema of what `encode` writes, without descriptions."""
        return canonical_schema(self.adapter, mode="serialization")

    @cached_property
    def asked(self) -> Fixed:
        """The canonical JSON Schema of what `decode` accepts, with the descriptions a model sees."""
        return Fixed(canonical_schema(self.adapter, mode="validation", descriptions=True))

    @cached_property
    def digest(self) -> str:
        """The digest of both schemas: what can be written, and what can be read."""
        return digest({"writes": self.schema, "reads": canonical_schema(self.adapter)})


@lru_cache(maxsize=4096)
def _form_of(annotation: Any) -> Form[Any]:
    return Form(annotation)


def form_of(annotation: Any) -> Form[Any]:
    """The form of an annotation; equal annotations share one.

    Raises:
        SetupError: the type has no JSON form that reads back the same.
    """
    try:
        return _form_of(annotation)
    except TypeError:  # an annotation that cannot be hashed, such as a Literal of lists
        return Form(annotation)


def faults(error: ValidationError) -> str:
    """What a validation found, one `pointer: message` a fault, the first three of them.

    Example:
        >>> from pydantic import TypeAdapter
        >>> try:
        ...     _ = TypeAdapter(dict[str, int]).validate_json('{"a": "x"}')
        ... except ValidationError as error:
        ...     print(faults(error))
        /a: Input should be a valid integer, unable to parse string as an integer
    """
    details = error.errors(include_url=False, include_context=False, include_input=False)
    shown = [f"{pointer(item['loc']) or '/'}: {item['msg']}" for item in details[:3]]
    more = [f"and {len(details) - 3} more"] if len(details) > 3 else []
    return "; ".join([*shown, *more])


def canonical_schema(
    adapter: TypeAdapter[Any], *, mode: str = "validation", descriptions: bool = False
) -> dict[str, Any]:
    """A JSON Schema whose bytes depend on the contract alone.

    Titles go, and module names with them: `$defs` are numbered by first use.
    """
    schema = adapter.json_schema(mode=cast("Any", mode), by_alias=True)
    definitions = schema.pop("$defs", {})
    names: dict[str, str] = {}
    body = _contract(schema, names, descriptions=descriptions)
    found: dict[str, Any] = {}
    while len(found) < len(names):
        name = list(names)[len(found)]
        found[names[name]] = _contract(definitions[name], names, descriptions=descriptions)
    return {**body, "$defs": found} if found else body


_ANNOTATIONS = frozenset({"title", "examples"})


def _contract(node: Any, names: dict[str, str], *, descriptions: bool) -> Any:
    """One node of a schema, without what does not bind."""
    match node:
        case {"$ref": str(reference)}:
            renamed = _renamed(reference, names)
            rest = {key: item for key, item in node.items() if key != "$ref"}
            return {**_contract(rest, names, descriptions=descriptions), "$ref": renamed}
        case dict():
            return {
                key: _values(key, item, names, descriptions=descriptions)
                for key, item in sorted(cast("dict[str, Any]", node).items())
                if key not in _ANNOTATIONS and (descriptions or key != "description")
            }
        case list():
            return [
                _contract(item, names, descriptions=descriptions)
                for item in cast("list[Any]", node)
            ]
        case _:
            return node


def _renamed(reference: str, names: dict[str, str]) -> str:
    name = reference.removeprefix("#/$defs/")
    return "#/$defs/" + names.setdefault(name, f"d{len(names)}")


def _values(key: str, item: Any, names: dict[str, str], *, descriptions: bool) -> Any:
    if key in {"properties", "patternProperties"}:  # names of fields, not keywords
        return {
            name: _contract(schema, names, descriptions=descriptions)
            for name, schema in sorted(item.items())
        }
    if key == "discriminator":  # its mapping refers to definitions by name
        mapping = {tag: _renamed(name, names) for tag, name in sorted(item["mapping"].items())}
        return {**item, "mapping": mapping}
    if key in {"const", "enum", "default", "required"}:
        return sorted(item) if key == "required" else item
    return _contract(item, names, descriptions=descriptions)


def _kinds(core: Any) -> frozenset[str]:
    """The kinds of core schema below one."""
    kinds = (node.get("type") for node in _nodes(core))
    return frozenset(kind for kind in kinds if isinstance(kind, str))


def _has_fixed_keys(core: Any) -> bool:
    """Whether every object below a schema has the keys that it names, all of them ASCII."""
    for node in _nodes(core):
        named = {*node.get("fields", ()), node.get("serialization_alias", "")}
        extra = {node.get("extra_behavior"), node.get("extra_fields_behavior")}
        if "allow" in extra or not "".join(map(str, named)).isascii():
            return False
    return True


def _nodes(core: Any) -> Iterator[Mapping[str, Any]]:
    """Every mapping of a core schema; iterative, since recursive types refer to themselves."""
    waiting: list[Any] = [core]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            mapping = cast("Mapping[str, Any]", node)
            yield mapping
            waiting.extend(item for key, item in mapping.items() if key != "metadata")
        elif isinstance(node, list | tuple):
            waiting.extend(cast("list[Any]", node))


def _inspect(value: Any, path: tuple[str | int, ...], *, has_bytes: bool) -> None:
    """Refuse what `mode="json"` would rewrite without a word."""
    match value:
        case dict():
            for key, item in cast("dict[Any, Any]", value).items():
                if not isinstance(key, str):
                    refuse((*path, str(key)), "a key that is not a string")
                _inspect(item, (*path, key), has_bytes=has_bytes)
        case list() | tuple():
            for index, item in enumerate(cast("list[Any]", value)):
                _inspect(item, (*path, index), has_bytes=has_bytes)
        case _:
            why = _lost(value, has_bytes=has_bytes)
            if why:
                refuse(path, why)


def _lost(value: object, *, has_bytes: bool) -> str:
    """Why JSON cannot give a scalar back, or nothing."""
    match value:
        case set() | frozenset():
            return "a set has no order; use a list"
        case bytes() if not (has_bytes and value.isascii()):  # Base64Bytes dump as ASCII
            return "bytes are not JSON; use pydantic's Base64Bytes"
        case datetime() | time() if value.tzinfo is None:
            return "a time without a zone; use an aware one"
        case Decimal() if not value.is_finite():
            return f"{value} is not JSON"
        case _:
            return ""


def _unsupported(annotation: Any, why: str, *, cause: Exception | None = None) -> Never:
    raise SetupError(
        "value.unsupported",
        "A type cannot cross a stage boundary.",
        facts={"type": annotation, "why": why},
        next_step="Use pydantic models and JSON types: see docs/reference/values.md.",
    ) from cause
