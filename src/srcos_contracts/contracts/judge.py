"""One contract, compiled: whether a record is in order, and if not, which keywords it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from srcos_contracts.contracts.bundle import DATA, MAPS
from srcos_contracts.contracts.dialects import dialect_of, ignores_beside_references
from srcos_contracts.contracts.engine import PATH_PARTS, RustEngine, SchemaError
from srcos_contracts.contracts.failure import Engine, Failure
from srcos_contracts.contracts.resources import Resources, resources_of
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, Check, VocabularyError, compile_keyword
from srcos_contracts.instant import DATE_TIME_PATTERN
from srcos_contracts.pointer import Path, lookup

__all__ = ["NEVER", "EngineName", "Folds", "Judge", "fold", "folds_of"]

EngineName = Literal["rust", "reference"]

NEVER: Mapping[str, Any] = {"not": {}}
"""The schema that nothing satisfies, as an object."""


_ENDLESS = "references of the schema come back to the same value without end, or it is nested too deep"


class Judge:
    """A contract's bundle with a validator built from it. It never changes, but for what it remembers; any thread may use one."""

    __slots__ = ("_engine", "_folded", "_hoisted", "_misread", "_path_bound", "_resources", "_teller", "uri")

    def __init__(self, bundle: dict[str, Any], uri: str, engine: EngineName = "rust", folds: Folds | None = None) -> None:
        """`folds` are what was folded before: what the bundle shares with it is not folded again.

        Raises SchemaError or VocabularyError where no validator can be built.
        """
        self.uri = uri
        self._folded = fold(bundle, folds or {})
        self._resources: Resources | None = None
        hoisted, rest = _hoist(self._folded)
        self._hoisted = tuple(hoisted)
        self._engine: Engine = _engine(engine)(rest, uri)
        self._teller: Engine | None = None
        self._misread: bool | None = None
        text = str(bundle)
        self._path_bound = "path:" in text or "'x-path'" in text

    def accepts(self, record: Any, parts: Mapping[str, str] = NO_PARTS) -> bool:
        """Whether the record breaks nothing, warnings included."""
        return not self.rejected([record], parts)

    def rejected(self, records: Sequence[Any], parts: Mapping[str, str] = NO_PARTS) -> set[int]:
        """The positions of the records that break something, warnings included. This is the hot path.

        Raises SchemaError where an engine finds only then that the schema cannot be used.
        """
        if self._path_bound:
            PATH_PARTS.set(parts)
        accepts = self._engine.accepts
        try:
            found = {position for position, record in enumerate(records) if not accepts(record)}
        except RecursionError:
            raise SchemaError(_ENDLESS) from None
        for _, at, check in self._hoisted:
            if at:
                found.update([position for position, record in enumerate(records) if check(lookup(record, at), parts)])
            else:
                found.update([position for position, record in enumerate(records) if check(record, parts)])
        return found

    @property
    def resources(self) -> Resources:
        """The folded bundle's schema documents by URI: what the paths of failures lead through."""
        if self._resources is None:
            self._resources = resources_of(self._folded, self.uri)
        return self._resources

    def failures(self, record: Any, parts: Mapping[str, str] = NO_PARTS) -> list[Failure]:
        """Every keyword that the record breaks, each once."""
        if self._path_bound:
            PATH_PARTS.set(parts)
        try:
            found = dict.fromkeys(self._failures(record))
        except RecursionError:
            raise SchemaError(_ENDLESS) from None
        for path, at, check in self._hoisted:
            if check(lookup(record, at), parts):
                found[Failure(at, path)] = None
        return list(found)

    def _failures(self, record: Any) -> list[Failure]:
        """What the engine tells. Where names may be misread in the paths of jsonschema-rs, the reference engine tells instead."""
        if isinstance(self._engine, RustEngine):
            if self._misread is None:
                self._misread = _MISREAD_IN_TEXT.search(str(self._folded)) is not None
            if (self._misread or _has_misread_name(record)) and not self._engine.accepts(record):
                if self._teller is None:
                    self._teller = _engine("reference")(_hoist(self._folded)[1], self.uri)
                found = list(self._teller.failures(record))
                if found:
                    return found
        return list(self._engine.failures(record))


_MISREAD = re.compile(r"\+?[0-9]*")
"""Names that jsonschema-rs leaves out of its paths, for they are empty, or takes for positions in an array: `1`, and `01` too."""
_MISREAD_IN_TEXT = re.compile(f"'{_MISREAD.pattern}': ")


def _has_misread_name(record: Any) -> bool:
    pending = [record]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if any(map(_MISREAD.fullmatch, node)):
                return True
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return False


def _engine(name: EngineName) -> Callable[[dict[str, Any], str], Engine]:
    if name == "rust":
        return RustEngine
    from srcos_contracts.contracts.reference import ReferenceEngine

    return ReferenceEngine


_APPLIED = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items", "additionalItems", "propertyNames", "then", "else"))
"""Further keywords whose values are schemas, or lists of them, which an engine may call by the keyword where they are `false`."""

Folds = dict[int, tuple[Any, Any]]
"""Schemas by their identity, each with what it is folded to. The schema is held, so that its identity is not used again."""


def folds_of(schema: Any) -> Folds:
    """A schema and all that is in it, folded."""
    folds: Folds = {}
    _fold(schema, {}, folds)
    return folds


def fold(schema: Any, folds: Folds | None = None) -> Any:
    """A copy in which the subschemas of every `x-warn` stand at the end of the `allOf` beside it.

    So one validation finds errors and warnings alike, and the way to a failure tells which it is. `x-warn` itself stays, as
    the note of how many there are. A subschema that is `false` becomes NEVER, which says the same and leaves a path; `items` that is
    `true` becomes `{}`, for python-jsonschema would count it as a list.
    Beside `format: date-time` stands its pattern: jsonschema-rs takes some texts for date-times that are none.
    """
    return _fold(schema, folds or {}, None)


def _fold(schema: Any, known: Folds, made: Folds | None) -> Any:
    if isinstance(schema, list):
        return [_fold(item, known, made) for item in schema]
    if not isinstance(schema, dict):
        return schema
    before = known.get(id(schema))
    if before is not None:
        return before[1]
    folded = _folded(schema, known, made)
    if made is not None:
        made[id(schema)] = schema, folded
    return folded


def _folded(schema: dict[str, Any], known: Folds, made: Folds | None) -> dict[str, Any]:
    copy = {key: _member(key, member, known, made) for key, member in schema.items()}
    if copy.get("format") == "date-time":
        copy.setdefault("pattern", DATE_TIME_PATTERN)
    warnings = copy.get("x-warn")
    if isinstance(warnings, list):
        copy["allOf"] = [*copy.get("allOf", ()), *warnings]
    elif warnings is not None:
        raise VocabularyError("x-warn is a list of subschemas")
    return copy


def _member(keyword: str, value: Any, known: Folds, made: Folds | None) -> Any:
    if keyword in DATA:
        return value
    if keyword == "items" and value is True:
        return {}
    if keyword in MAPS and isinstance(value, dict):
        return {name: NEVER if member is False else _fold(member, known, made) for name, member in value.items()}
    if keyword in _APPLIED and isinstance(value, list):
        return [NEVER if item is False else _fold(item, known, made) for item in value]
    return NEVER if keyword in _APPLIED and value is False else _fold(value, known, made)


_Hoisted = tuple[Path, Path, Check]
"""Where an assertion stands, in the schema and in the instance, and what checks it."""


def _hoist(schema: dict[str, Any]) -> tuple[list[_Hoisted], dict[str, Any]]:
    """The x-assertions that hold for the record, or for a member of it, whatever else does, and the schema without them.

    Called as plain functions they cost a third of what an engine needs to call them back.
    """
    hoisted: list[_Hoisted] = []
    return hoisted, _without_assertions(schema, (), (), hoisted, ignores_beside_references(dialect_of(schema)))


def _without_assertions(schema: Any, path: Path, at: Path, hoisted: list[_Hoisted], alone: bool) -> Any:
    """`alone` says that nothing counts beside a `$ref`."""
    if not isinstance(schema, dict) or (alone and "$ref" in schema):
        return schema
    hoisted += [((*path, keyword), at, compile_keyword(keyword, schema[keyword])) for keyword in schema if keyword in ASSERTIONS]
    rest = {keyword: value for keyword, value in schema.items() if keyword not in ASSERTIONS}
    if isinstance(rest.get("allOf"), list):
        rest["allOf"] = [_without_assertions(item, (*path, "allOf", index), at, hoisted, alone) for index, item in enumerate(rest["allOf"])]
    if isinstance(rest.get("properties"), dict):
        rest["properties"] = {
            name: _without_assertions(member, (*path, "properties", name), (*at, name), hoisted, alone)
            for name, member in rest["properties"].items()
        }
    return rest
