"""One side of a comparison: a schema with everything that it refers to, read in its own dialect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urljoin

from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.bundle import UnresolvableReference, bundle, resolve
from srcos_contracts.contracts.catalog import LOCAL_URI, Catalog, Contract
from srcos_contracts.contracts.dialects import DEFINITIONS, NEWEST, dialect_of, ignores_beside_references
from srcos_contracts.contracts.embedding import embedded
from srcos_contracts.contracts.judge import NEVER, EngineName, Judge, fold
from srcos_contracts.contracts.plain_names import with_plain_names
from srcos_contracts.contracts.resources import Place, Resources, stepped
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.reading.limits import MAX_DEPTH
from srcos_contracts.refusal import Refusal

__all__ = ["Side", "TooDeep", "is_warning"]

_Made = TypeVar("_Made")
_BRANCHING = frozenset(("anyOf", "oneOf"))
_ASKING = frozenset(("if", "not", "contains"))
_WORDS = frozenset(("title", "description", "$comment", "examples", "default", "deprecated", "readOnly", "writeOnly"))
_UNEVALUATED = ("unevaluatedProperties", "unevaluatedItems")


class TooDeep(Refusal):
    """A schema is nested deeper than any record could be read."""

    def __str__(self) -> str:
        return f"the schema is nested more than {MAX_DEPTH} levels deep: move the inner parts to definitions and refer to them"


class Side:
    """A schema as one party to a comparison. Never changed after construction, but for what it remembers to have been made of it."""

    def __init__(
        self, document: Any, uri: str = LOCAL_URI + "schema.json", resources: Resources | None = None, formats: bool = True
    ) -> None:
        """`document` is a schema, boolean ones included; `resources` are the documents that it may refer to, by their URI.

        `uri` counts where the document does not name its own; `formats` says whether `format` asserts, where the engines assert
        it in the schema's dialect. Raises UnresolvableReference where a reference leads nowhere, TooDeep.
        """
        plain: dict[str, Any] = document if isinstance(document, dict) else {} if document is True else dict(NEVER)
        for each in (plain, *(resources or {}).values()):
            _refuse_deep(each)
        self.dialect: str = dialect_of(plain) or NEWEST
        name = "id" if self.dialect == "draft-04" else "$id"
        own = plain[name].removesuffix("#") if isinstance(plain.get(name), str) else uri
        # A relative name that the document is known by is not relative to itself.
        self.uri: str = uri if own == uri else urljoin(uri, own)
        self.formats = formats
        known = {name: with_plain_names(each, dialect_of(each)) for name, each in {**(resources or {}), self.uri: plain}.items()}
        plain = known[self.uri]
        for base, each in list(known.items()):
            for inner, node in embedded(each, base):
                known.setdefault(inner, node)
        bundled = bundle(self.uri, known)
        self.document: dict[str, Any] = bundled if name in bundled or bundled == plain else {name: self.uri, **bundled}
        """The schema with all that it refers to embedded, as the files have it."""
        self.warnings: tuple[Path, ...] = tuple(_unclear(self.written, Place(self.uri, ()), self.document))
        """Places of warnings that cannot be told from errors, for they stand within an `anyOf`, a `oneOf`, an `if` or a `not`."""
        self.asserted: dict[str, Any] = fold(_errors_only(self.document, formats))
        """The document with what can make an error alone, folded as the engines get it. A place in it is one in `document`."""
        self._built: dict[EngineName, Judge] = {}
        self._made: dict[Callable[[Side], Any], Any] = {}

    @classmethod
    def of_contract(cls, catalog: Catalog, contract: Contract, formats: bool = True) -> Side:
        """Raises CatalogError where the contract's schema cannot be read."""
        return cls(catalog.document(contract.bundle), contract.uri, formats=formats)

    @cached_property
    def resources(self) -> Resources:
        """What `asserted` is made of, by URI: its root and the resources embedded in it."""
        return {self.uri: self.asserted, **dict(embedded(self.asserted, self.uri))}

    @cached_property
    def written(self) -> Resources:
        """What `document` is made of, by URI, as the files have it."""
        return {self.uri: self.document, **dict(embedded(self.document, self.uri))}

    def led(self, uri: str, reference: str) -> Place:
        """The place that a reference in a resource leads to; where nothing but a reference stands there, the one that it ends at.

        Raises UnresolvableReference.
        """
        place, passed = resolve(self.resources, uri, reference), set[Place]()
        while place not in passed:
            passed.add(place)
            schema = lookup(self.resources[place.uri], place.path)
            if not isinstance(schema, dict) or schema.keys() - _WORDS != {"$ref"} or not isinstance(schema["$ref"], str):
                break
            place = resolve(self.resources, place.uri, schema["$ref"])
        return place

    def also(self, schema: Mapping[str, Any], definitions: Mapping[str, Any] | None = None) -> Side:
        """A side that demands a further schema as well, which may refer to what `definitions` adds to the definitions.

        They are called `definitions` before draft 2019-09, and `$defs` from then on.
        """
        document = self.document
        early = ignores_beside_references(self.dialect)
        keyword = "definitions" if early else "$defs"
        if early and "$ref" in document:
            apart = ("$schema", "$id", "id", "definitions")
            kept = {key: value for key, value in document.items() if key in apart}
            document = {**kept, "allOf": [{key: value for key, value in document.items() if key not in apart}]}
        added = {keyword: {**document.get(keyword, {}), **definitions}} if definitions else {}
        return Side({**document, "allOf": [*document.get("allOf", ()), schema], **added}, self.uri, formats=self.formats)

    def once(self, make: Callable[[Side], _Made]) -> _Made:
        """What a function makes of this side, made once: whoever looks at the side in one form shares it with all others who do."""
        if make not in self._made:
            self._made[make] = make(self)
        made: _Made = self._made[make]
        return made

    def judge(self, engine: EngineName = "rust") -> Judge:
        """The validator of what makes errors. Raises SchemaError or VocabularyError where none can be built."""
        if engine not in self._built:
            self._built[engine] = Judge(self.asserted, self.uri, engine)
        return self._built[engine]

    def accepts(self, value: Any, parts: Mapping[str, str] = NO_PARTS, engine: EngineName = "rust") -> bool:
        """Whether nothing is wrong with a value but what makes warnings."""
        return self.judge(engine).accepts(value, parts)


def _refuse_deep(document: Any) -> None:
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise TooDeep
        level = [
            member
            for node in level
            for member in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(member, (dict, list))
        ]


def is_warning(schema: Any) -> bool:
    """Whether what fails in a schema is a warning by the schema's own word."""
    rule = schema.get("x-rule") if isinstance(schema, dict) else None
    return isinstance(rule, dict) and rule.get("severity") == "warning"


def _errors_only(schema: Any, formats: bool) -> Any:
    """A schema without the subschemas that make warnings. What stands around them keeps its place."""
    if not isinstance(schema, dict):
        return schema
    kept = {keyword: value for keyword, value in schema.items() if keyword != "x-warn" and (formats or keyword != "format")}
    if is_warning(schema):
        kept = {keyword: value for keyword, value in kept.items() if keyword in (*DEFINITIONS, "$id", "$schema", "$anchor")}
    changed: dict[str, Any] = {}
    for (keyword, *way), member in subschemas_of(kept):
        if not way:
            changed[str(keyword)] = _errors_only(member, formats)
            continue
        if keyword not in changed:
            changed[str(keyword)] = kept[str(keyword)].copy()
        changed[str(keyword)][way[0]] = _errors_only(member, formats)
    return {**kept, **changed}


def _unclear(resources: Resources, root: Place, document: Any) -> Iterator[Path]:
    """Where warnings stand that take part in a verdict: within what is asked whether it holds, or in sight of `unevaluated*`."""
    seen: set[Place] = set()
    # Chains of references may be longer than calls may be deep.
    pending: deque[tuple[Place, Any, Path, bool]] = deque([(root, document, (), False)])
    while pending:
        place, schema, way, inside = pending.popleft()
        if not isinstance(schema, dict):
            continue
        inside = inside or any(keyword in schema for keyword in _UNEVALUATED)
        if inside:
            if place in seen:
                continue
            seen.add(place)
            if is_warning(schema) or "x-warn" in schema:
                yield way
            pending += ((*led, way, True) for led in _led(resources, place, schema))
        elif is_warning(schema) and _has_error_rule(resources, place, schema):
            yield way
        for step, member in subschemas_of(schema, warnings=False):
            asked = inside or step[0] in _BRANCHING or step[0] in _ASKING
            pending.append((stepped(place, step, member), member, (*way, *step), asked))


def _has_error_rule(resources: Resources, root: Place, document: Any) -> bool:
    """Whether a rule that makes errors stands within a schema that makes warnings: the innermost one counts."""
    seen: set[Place] = set()
    pending: list[tuple[Place, Any]] = [(root, document)]
    while pending:
        place, schema = pending.pop()
        if not isinstance(schema, dict) or place in seen:
            continue
        if seen and "x-rule" in schema and not is_warning(schema):
            return True
        seen.add(place)
        pending += ((stepped(place, step, member), member) for step, member in subschemas_of(schema, warnings=False))
        pending += _led(resources, place, schema)
    return False


def _led(resources: Resources, place: Place, schema: dict[str, Any]) -> list[tuple[Place, Any]]:
    """The schema that a reference leads to, with its place; nothing where there is none, or it leads nowhere."""
    if not isinstance(schema.get("$ref"), str):
        return []
    try:
        target = resolve(resources, place.uri, schema["$ref"])
    except UnresolvableReference:
        return []
    return [(target, lookup(resources[target.uri], target.path))]
