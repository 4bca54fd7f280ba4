"""The engine that verdicts come from: jsonschema-rs, with the x-keywords as custom keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import jsonschema_rs

from srcos_contracts.contracts.bundle import DATA, MAPS
from srcos_contracts.contracts.dialects import DEFINITIONS, dialect_of, id_of, ignores_beside_references
from srcos_contracts.contracts.failure import Failure
from srcos_contracts.contracts.resources import Place, Resources, joined, resources_of
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, compile_keyword
from srcos_contracts.pointer import Path
from srcos_contracts.refusal import Refusal

__all__ = ["PATH_PARTS", "RustEngine", "SchemaError", "build", "matcher"]

PATH_PARTS: ContextVar[Any] = ContextVar("PATH_PARTS", default=NO_PARTS)
"""The parts of the bound path of the record in hand: an engine gives a custom keyword nothing but the instance."""

_BACKTRACK_LIMIT = 100_000
_UNEVALUATED = frozenset(("unevaluatedProperties", "unevaluatedItems"))


class SchemaError(Refusal):
    """A schema that no validator can be built from. The text says why, in one line."""

    def __init__(self, words: str, path: Path = ()) -> None:
        """`path` is where in the schema it is, as far as that is known."""
        super().__init__(words, path)
        self.words, self.path = words, path

    def __str__(self) -> str:
        return self.words


class RustEngine:
    """A jsonschema-rs validator of one bundle, offline, with formats asserted and patterns bounded in time."""

    def __init__(self, schema: dict[str, Any], uri: str) -> None:
        """`schema` is a folded bundle, `uri` its own.

        Raises SchemaError where the schema is not valid or a reference leads nowhere.
        """
        self._schema = schema
        self._uri = uri
        self._resources: Resources | None = None
        used: set[str] = set()
        tagged = _tagged(schema, uri, (), used)
        parts = _parted(tagged) if used else None
        if parts is None:
            self._full = build(tagged, _keywords(used))
            self.accepts: Callable[[Any], bool] = self._full.is_valid
            return
        # Custom keywords slow a whole validator down, so only what has them is asked with them. The whole is for failures.
        self._full = None
        self._whole = tagged, used
        plain, conditional = build(parts[0]).is_valid, build(parts[1], _keywords(used)).is_valid
        self.accepts = lambda instance: plain(instance) and conditional(instance)

    def failures(self, instance: Any) -> Iterator[Failure]:
        """Every keyword that the instance breaks; the subschemas of `x-warn` stand in the paths as parts of `allOf`."""
        if self._full is None:
            tagged, used = self._whole
            self._full = build(tagged, _keywords(used))
        for error in self._full.iter_errors(instance):
            yield self._failure(error)

    def _failure(self, error: Any) -> Failure:
        kind = error.kind
        instance_path: Path = tuple(error.instance_path)
        evaluation_path: Path = tuple(error.evaluation_path)
        if kind.name in ASSERTIONS:
            # The path that is reported for a custom keyword does not go through `$ref`; the message carries its place.
            from srcos_contracts.contracts.trace import evaluation_path_to

            if not kind.message.startswith(_SEPARATOR):
                # Not ours: what a signal's handler raises says nothing, and is no breach.
                raise KeyboardInterrupt if not kind.message else RuntimeError(kind.message)
            place = _untag(kind.message)
            if self._resources is None:
                self._resources = resources_of(self._schema, self._uri)
            way = evaluation_path_to(self._resources, self._uri, place, instance_path)
            return Failure(instance_path, (*(way if way is not None else place.path), kind.name))
        if kind.name == "propertyNames":
            # Only the inner error's path goes through `$ref`, and below `propertyNames` only strings are judged.
            inner = kind.error
            path = inner.evaluation_path
            last = len(path) - 1 - path[::-1].index("propertyNames")
            return Failure(instance_path, tuple(path[: last + 1]), key=inner.instance)
        context = getattr(kind, "context", None) or ()
        return Failure(instance_path, evaluation_path, tuple(tuple(self._failure(inner) for inner in branch) for branch in context))


def _keywords(names: set[str]) -> dict[str, type] | None:
    return {name: _custom(name) for name in names} or None


def _parted(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """A schema in two: without those members of its `allOf` that hold x-assertions, and these alone.

    None where that cannot be: x-assertions stand elsewhere, in a shared definition say, or what the members have evaluated
    counts for the rest.
    """
    members = schema.get("allOf")
    if not isinstance(members, list) or not _UNEVALUATED.isdisjoint(schema):
        return None
    if "$ref" in schema and ignores_beside_references(dialect_of(schema)):
        return None
    held = [_holds_assertions(member) for member in members]
    always = {**schema, "allOf": [member for member, holds in zip(members, held, strict=True) if not holds] or [True]}
    if _holds_assertions(always):
        return None
    kept = [member for member, holds in zip(members, held, strict=True) if holds]
    outer = {keyword: schema[keyword] for keyword in ("$schema", "$id", *DEFINITIONS) if keyword in schema}
    return always, {**outer, "allOf": kept}


def _holds_assertions(node: Any) -> bool:
    if isinstance(node, dict):
        return any(key in ASSERTIONS or _holds_assertions(member) for key, member in node.items())
    return isinstance(node, list) and any(_holds_assertions(item) for item in node)


def build(schema: Any, keywords: dict[str, type] | None = None) -> Any:
    """A jsonschema-rs validator, offline, with formats asserted and patterns in linear or bounded time. Raises SchemaError."""
    problem: Exception | None = None
    # Linear time where the patterns allow it; foreign schemas with look-around get a bounded search.
    for options in (jsonschema_rs.RegexOptions(), jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACK_LIMIT)):
        try:
            return jsonschema_rs.validator_for(schema, offline=True, validate_formats=True, pattern_options=options, keywords=keywords)
        except ValueError as error:
            problem = error
        except BaseException as error:
            # A panic of the engine is no Exception.
            if type(error).__name__ != "PanicException":
                raise
            raise SchemaError(f"jsonschema-rs fails on it: {str(error).splitlines()[0]}") from None
    raise SchemaError(str(problem).splitlines()[0], tuple(getattr(problem, "instance_path", ())))


@lru_cache(maxsize=512)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text has a match of an ECMA-262 pattern, in linear or bounded time, which Python's own `re` does not promise.

    Raises SchemaError where the pattern is none.
    """
    search: Callable[[str], bool] = build({"pattern": pattern}).is_valid
    return search


def _custom(keyword: str) -> type:
    class CustomKeyword:
        __slots__ = ("_check", "_tag")

        def __init__(self, parent: Any, value: Any, path: Any) -> None:
            self._check = compile_keyword(keyword, value["value"])
            self._tag = value["tag"]

        def validate(self, instance: Any) -> None:
            if self._check(instance, PATH_PARTS.get()):
                raise ValueError(self._tag)

    return CustomKeyword


_SEPARATOR = "\x00"


def _tagged(schema: Any, uri: str, path: Path, used: set[str], names: bool = False) -> Any:
    """A copy in which each x-assertion carries the place of the schema that holds it; their names are added to `used`.

    `names` says that the schema is a map from names to schemas.
    """
    if isinstance(schema, list):
        return [_tagged(item, uri, (*path, index), used) for index, item in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    if path and not names and ("$id" in schema or "id" in schema):
        name = id_of(schema, None)
        if name is not None:
            uri, path = joined(uri, name), ()
    copy = {}
    for key, member in schema.items():
        if not names and key in DATA:
            copy[key] = member
        elif not names and key in ASSERTIONS:
            used.add(key)
            tag = _SEPARATOR + _SEPARATOR.join([uri, *(f"{type(token).__name__[0]}{token}" for token in path)])
            copy[key] = {"value": member, "tag": tag}
        else:
            copy[key] = _tagged(member, uri, (*path, key), used, not names and key in MAPS)
    return copy


def _untag(tag: str) -> Place:
    _, uri, *tokens = tag.split(_SEPARATOR)
    return Place(uri, tuple(int(token[1:]) if token[0] == "i" else token[1:] for token in tokens))
