"""The second opinion: python-jsonschema, the reference implementation, with the same x-keywords.

It shares with the first engine only what JSON Schema leaves to the application: which formats are asserted, how the custom
keywords are checked, and that a pattern is matched in bounded time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema import ValidationError
from jsonschema.exceptions import UnknownType
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import Schema, specification_with

from srcos_contracts.contracts.dialects import NEWEST, asserted_formats, dialect_of, format_checker, id_of, uri_of
from srcos_contracts.contracts.engine import PATH_PARTS, SchemaError, build, matcher
from srcos_contracts.contracts.failure import Failure
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.contracts.vocabulary import ASSERTIONS, Check, compile_keyword
from srcos_contracts.instant import is_date_time
from srcos_contracts.pointer import Path
from srcos_contracts.wording import is_whole

__all__ = ["ReferenceEngine"]


class ReferenceEngine:
    """A python-jsonschema validator of one bundle, offline, with formats asserted.

    It follows references only when it judges: that may raise SchemaError, and RecursionError where they go round.
    """

    def __init__(self, schema: dict[str, Any], uri: str) -> None:
        """Raises SchemaError where the schema is not valid or a reference leads nowhere."""
        # What is no schema is refused in the same words by both engines, before this one looks at it.
        build(schema)
        dialect = dialect_of(schema) or NEWEST
        specification = specification_with(uri_of(dialect))
        registry: Registry[Schema] = Registry(retrieve=_refuse)  # type: ignore[call-arg]
        for name, document in resources_of(schema, uri).items():
            registry = registry.with_resource(name, Resource.from_contents(document, default_specification=specification))
        self._validator = _validator_class(dialect)(schema, registry=registry)
        self._root = registry.resolver(uri)

    def accepts_by(self, subschema: Any, uri: str, instance: Any) -> bool:
        """Whether an instance breaks nothing of a schema that stands in the resource `uri` of the bundle.

        Raises what to judge a record may raise.
        """
        with _told():
            # By way of the root, which a dynamic reference may lead back to.
            resolver = self._root.lookup(uri).resolver
            judge = _crossing(self._validator, self._root, resolver).evolve(schema=subschema, _resolver=resolver)
            return next(judge.iter_errors(instance), None) is None

    def accepts(self, instance: Any) -> bool:
        return next(iter(self._errors(instance)), None) is None

    def failures(self, instance: Any) -> Iterator[Failure]:
        for error in self._errors(instance):
            yield _failure(error)

    def _errors(self, instance: Any) -> Iterator[Any]:
        with _told():
            yield from self._validator.iter_errors(instance)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong in the libraries, as what it is."""
    try:
        yield
    except (Unresolvable, UnknownType) as error:
        raise SchemaError(str(error)) from None
    except re.error as error:
        # Beside `unevaluatedProperties` the library matches patterns itself, and takes them for Python's.
        raise SchemaError(f"python-jsonschema cannot read a pattern beside unevaluatedProperties: {error}") from None
    except AttributeError as error:
        # The library takes the map of properties that a pointer passes for a schema, and a property of that name for its URI.
        if error.name == "startswith" and isinstance(error.obj, dict):
            raise SchemaError("a reference leads past a property that is named $id, where python-jsonschema loses its way") from None
        raise
    except BaseException as error:
        # Where Python's bound on recursion is met within a map of rpds, that panics, which is no Exception.
        if type(error).__name__ == "PanicException" and "RecursionError" in str(error):
            raise RecursionError("the schema refers to itself without end, or too deep") from None
        raise


_CLASSES: dict[str, Any] = {
    "draft-04": jsonschema.Draft4Validator,
    "draft-06": jsonschema.Draft6Validator,
    "draft-07": jsonschema.Draft7Validator,
    "2019-09": jsonschema.Draft201909Validator,
    NEWEST: jsonschema.Draft202012Validator,
}


@lru_cache
def _validator_class(dialect: str) -> Any:
    base = _CLASSES[dialect]
    keywords: dict[str, Any] = {
        "$ref": _ref,
        "format": _format(dialect),
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
        "uniqueItems": _unique_items,
        **({} if dialect == "draft-04" else {"propertyNames": _property_names}),
        **{keyword: _assertion(keyword) for keyword in ASSERTIONS},
    }
    # To draft 4 what is written with a fraction is no integer, even one of zero (section 3.5 of its core), as the library has it.
    types = base.TYPE_CHECKER if dialect == "draft-04" else base.TYPE_CHECKER.redefine("integer", _is_integer)
    made: Any = extend(base, keywords, type_checker=types)  # type: ignore[no-untyped-call]
    made.evolve = _evolve
    return made


def _evolve(validator: Any, **changes: Any) -> Any:
    """A validator for another schema. The library's own method falls back to its plain class where that schema names its dialect."""
    schema = changes.get("schema", validator.schema)
    dialect = dialect_of(schema) if isinstance(schema, dict) else None
    made = validator.__class__ if dialect is None else _validator_class(dialect)
    resolver = validator._resolver
    # Within `not`, `if` and `contains` the library forgets that a schema may name itself.
    if schema is not validator.schema and isinstance(schema, dict) and "_resolver" not in changes:
        own = dialect or dialect_of(validator.META_SCHEMA)
        if id_of(schema, own) is not None:
            resolver = resolver.in_subresource(specification_with(uri_of(own or NEWEST)).create_resource(schema))
    return made(**{"schema": schema, "registry": validator._registry, "_resolver": resolver, **changes})


def _refuse(uri: str) -> Any:
    raise NoSuchResource(uri)


def _failure(error: Any) -> Failure:
    instance_path: Path = tuple(error.absolute_path)
    evaluation_path: Path = tuple(error.absolute_schema_path)
    if evaluation_path[-1:] == ("contains",):
        # The library finds too few and too many under the keyword that says of what.
        keyword = "minContains" if error.validator == "contains" and "minContains" in error.schema else error.validator
        evaluation_path = (*evaluation_path[:-1], keyword)
    strict = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}.get(error.validator, "")
    if isinstance(error.schema, dict) and error.schema.get(strict) is True:
        # In draft 4 the library finds both under the keyword that has the number.
        evaluation_path = (*evaluation_path[:-1], strict)
    if evaluation_path[-1:] == ("propertyNames",):
        return Failure(instance_path, evaluation_path, key=error.instance)
    branches: dict[int, list[Failure]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(_failure(inner))
    return Failure(instance_path, evaluation_path, tuple(tuple(branches[index]) for index in sorted(branches)))


def _crossing(validator: Any, here: Any, there: Any) -> Any:
    """The validator for the resource of the resolver `there`. The library keeps to the dialect of the one that it comes from."""
    if there._base_uri == here._base_uri:
        return validator
    resource = _looked_up(_Resolver(there), "#").contents
    dialect = dialect_of(resource) if isinstance(resource, dict) else None
    if dialect is None or validator.__class__ is _validator_class(dialect):
        return validator
    return _validator_class(dialect)(schema=validator.schema, registry=validator._registry, _resolver=validator._resolver)


class _Resolver:
    """A resolver of the library, the same as itself alone: the library compares, and hashes, all that a resolver knows."""

    __slots__ = ("own",)

    def __init__(self, own: Any) -> None:
        self.own = own

    def __hash__(self) -> int:
        return id(self.own)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Resolver) and self.own is other.own


@lru_cache(maxsize=256)
def _looked_up(resolver: _Resolver, reference: str) -> Any:
    # The library reads the URI and walks the pointer each time: half of what it takes to judge a record of ours.
    return resolver.own.lookup(reference)


def _ref(validator: Any, reference: str, instance: Any, schema: Any) -> Iterator[Any]:
    resolved = _looked_up(_Resolver(validator._resolver), reference)
    judge = _crossing(validator, validator._resolver, resolved.resolver)
    # Chains of references may be longer than calls may be deep; those that lead back are left to Python's bound on recursion.
    links, passed = 1, set[int]()
    while isinstance(resolved.contents, dict) and resolved.contents.keys() == {"$ref"} and id(resolved.contents) not in passed:
        passed.add(id(resolved.contents))
        here = resolved.resolver
        resolved = _looked_up(_Resolver(here), resolved.contents["$ref"])
        judge, links = _crossing(judge, here, resolved.resolver), links + 1
    for error in judge.descend(instance, resolved.contents, resolver=resolved.resolver):
        # The library leaves `$ref` out of the path; the findings need to know by which way a rule was reached.
        error.schema_path.extendleft(["$ref"] * links)
        yield error


def _format(dialect: str) -> Any:
    asserted = asserted_formats(dialect)

    def check(validator: Any, name: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, str) or name not in asserted:
            return
        if not (is_date_time(instance) if name == "date-time" else format_checker(dialect, name)(instance)):
            yield ValidationError(f"{instance!r} is not a {name}")

    return check


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not matcher(pattern)(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, subschema in patterns.items():
            for key, member in instance.items():
                if matcher(pattern)(key):
                    yield from validator.descend(member, subschema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    declared, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    extra = [key for key in instance if key not in declared and not any(matcher(pattern)(key) for pattern in patterns)]
    if value is False:
        if extra:
            yield ValidationError(f"{extra} are not declared")
        return
    for key in extra:
        yield from validator.descend(instance[key], value, path=key)


def _property_names(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for key in instance:
            if next(iter(validator.descend(instance=key, schema=names)), None) is not None:
                yield ValidationError(f"{key!r} is not a name that is allowed here", instance=key)


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    # The library compares every item with every other where they cannot be sorted.
    if wanted and isinstance(instance, list) and len({_identity(item) for item in instance}) < len(instance):
        yield ValidationError(f"{instance!r} has non-unique items")


def _identity(value: Any) -> Any:
    """A hashable stand-in: equal for values that JSON Schema calls equal, where true is not 1 and 1.0 is."""
    if isinstance(value, dict):
        return ("object", frozenset((key, _identity(member)) for key, member in value.items()))
    if isinstance(value, list):
        return ("array", tuple(_identity(item) for item in value))
    return ("boolean" if isinstance(value, bool) else "", value)


def _multiple_of(validator: Any, divisor: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, (int, float, Decimal)) and not isinstance(instance, bool):
        whole = jsonschema_rs.validator_for({"multipleOf": divisor}, offline=True)
        if not whole.is_valid(instance):
            yield ValidationError(f"{instance!r} is not a multiple of {divisor}")


def _assertion(keyword: str) -> Any:
    @lru_cache(maxsize=512)
    def compiled(text: str) -> Check:
        return compile_keyword(keyword, json.loads(text))

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if compiled(json.dumps(value))(instance, PATH_PARTS.get()):
            yield ValidationError(f"{keyword} does not hold")

    return check


def _is_integer(checker: Any, instance: Any) -> bool:
    return isinstance(instance, (int, float, Decimal)) and not isinstance(instance, bool) and is_whole(instance)
