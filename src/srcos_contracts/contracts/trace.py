"""From an evaluation path to the schemas it passes through: where a failure comes from, and under which rules it falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from srcos_contracts.contracts.bundle import resolve, resolve_from
from srcos_contracts.contracts.dialects import NEWEST, dialect_of, ignores_beside_references
from srcos_contracts.contracts.resources import Place, Resources, stepped
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, Token, lookup

__all__ = ["REFERENCES", "Step", "endless", "evaluation_path_to", "first_warning", "follow", "source_path", "trace"]

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
"""The keywords that lead to another schema, of all dialects."""

_LISTS = ("allOf", "anyOf", "oneOf")
_INPLACE = ("if", "then", "else", "not")
_MEMBERS = ("additionalProperties", "unevaluatedProperties")
_ITEMS = ("items", "contains", "unevaluatedItems", "additionalItems")


_BESIDE = ("$ref", "title", "description")
"""A reference, and the words that people write beside it in any dialect."""


class Step(NamedTuple):
    """A schema that an evaluation passed through."""

    schema: Any
    place: Place
    warned: bool = False
    """Whether the way led through a subschema of `x-warn`."""


def trace(resources: Resources, uri: str, evaluation_path: Path) -> list[Step]:
    """Every schema object on the way, from the root to the one that holds the last keyword.

    The path counts `$ref` as a step, as JSON Schema's output format does (2020-12, section 12.3.2).
    """
    node, place, warned = resources[uri], Place(uri, ()), False
    steps = [Step(node, place)]
    tokens = list(evaluation_path)
    for position, token in enumerate(tokens):
        if token == "allOf" and position + 1 < len(tokens) and isinstance(node, dict):
            warned = warned or int(tokens[position + 1]) >= first_warning(node)
        if token in REFERENCES and isinstance(node, dict) and isinstance(node.get(token), str):
            place = resolve_from(resources, place, node[token])
            if token != "$ref":
                place = _extended(resources, steps, place, node[token])
            node = _at(resources, place)
        elif isinstance(node, (dict, list)):
            try:
                node = node[token]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                break
            place = stepped(place, (token,), node)
        else:
            break
        if isinstance(node, dict) and position < len(tokens) - 1:
            steps.append(Step(node, place, warned))
    return steps


def _extended(resources: Resources, steps: Sequence[Step], place: Place, reference: str) -> Place:
    """Where a dynamic reference leads that would lead to `place` by itself: to the outermost resource on the way that extends it."""
    from srcos_contracts.contracts.embedding import schemas_in

    name = reference.rpartition("#")[2]
    keyword, value = ("$dynamicAnchor", name) if name else ("$recursiveAnchor", True)
    if lookup(_at(resources, place), (keyword,)) != value:
        return place
    for uri in dict.fromkeys(step.place.uri for step in steps):
        for held in schemas_in(resources[uri], uri):
            if held.base == uri and held.schema.get(keyword) == value and (name or not held.path):
                return Place(uri, held.path)
    return place


def first_warning(schema: dict[str, Any]) -> int:
    """The index in a folded schema's `allOf` from which on the subschemas are those of its `x-warn` (see `judge.fold`)."""
    return len(schema.get("allOf", ())) - len(schema.get("x-warn", ()))


def source_path(resources: Resources, place: Place) -> Path:
    """A place of a folded schema as its source file has it: with `x-warn` where `allOf` stands in for it."""
    parent: Any = None
    node: Any = resources[place.uri]
    path: list[Token] = []
    for token in place.path:
        if path and path[-1] == "allOf" and isinstance(token, int) and isinstance(parent, dict):
            offset = first_warning(parent)
            if token >= offset:
                path[-1], token = "x-warn", token - offset
                node = parent["x-warn"]
        path.append(token)
        parent, node = node, node[token]
    return tuple(path)


def follow(resources: Resources, step: Step) -> Iterator[Step]:
    """A schema and those that its chain of `$ref` leads to, each once; what stands beside a `$ref` where that says nothing is left out."""
    seen: set[Place] = set()
    while step.place not in seen:
        seen.add(step.place)
        if not isinstance(step.schema, dict) or not isinstance(step.schema.get("$ref"), str):
            yield step
            return
        alone = ignores_beside_references(dialect_of(resources[step.place.uri]))
        yield step._replace(schema={name: step.schema[name] for name in _BESIDE if name in step.schema}) if alone else step
        place = resolve_from(resources, step.place, step.schema["$ref"])
        step = Step(_at(resources, place), place, step.warned)


def _at(resources: Resources, place: Place) -> Any:
    node = resources[place.uri]
    for token in place.path:
        node = node[token]
    return node


def endless(resources: Resources) -> str | None:
    """A reference by which a schema comes back to itself without going deeper into the instance, if there is one.

    Evaluation would never end (JSON Schema 2020-12, section 9.4.1). A dynamic reference that several resources extend is not looked at.
    """
    from srcos_contracts.contracts.embedding import schemas_in

    every = [(uri, held) for uri, document in resources.items() for held in schemas_in(document, uri) if held.base == uri and not held.idle]
    extending = Counter(str(held.schema.get("$dynamicAnchor", held.schema.get("$recursiveAnchor"))) for _, held in every)
    done: set[Place] = set()

    def leads(place: Place) -> Iterator[tuple[str | None, Place]]:
        """The schemas that judge the same value as the one at a place, one step further, with the reference by which, if by one."""
        schema = _at(resources, place)
        if not isinstance(schema, dict):
            return
        for keyword in REFERENCES:
            reference = schema.get(keyword)
            if isinstance(reference, str) and _is_spoken(keyword, resources[place.uri]):
                extended = keyword != "$ref" and extending[reference.rpartition("#")[2] or "True"] > 1
                if not extended:
                    yield reference, resolve(resources, place.uri, reference)
        if "$ref" in schema and ignores_beside_references(dialect_of(resources[place.uri])):
            return
        for keyword, steps, deeper in _applicators(schema, None):
            if keyword != "$ref" and not deeper:
                yield None, stepped(place, steps, lookup(schema, steps))

    for uri, held in every:
        start = Place(uri, held.path)
        if start in done or not any(isinstance(held.schema.get(keyword), str) for keyword in REFERENCES):
            continue
        # Chains of references may be longer than calls may be deep.
        way: list[tuple[Place, str, Iterator[tuple[str | None, Place]]]] = [(start, "", leads(start))]
        on_way = {start}
        while way:
            place, led_by, further = way[-1]
            reference, led = next(further, (None, None))
            if led is None:
                way.pop()
                on_way.discard(place)
                done.add(place)
            elif led in on_way:
                return reference or led_by
            elif led not in done:
                on_way.add(led)
                way.append((led, reference or led_by, leads(led)))
    return None


def _is_spoken(keyword: str, resource: Any) -> bool:
    """Whether a keyword is a reference in the dialect of a resource."""
    dialect = dialect_of(resource) if isinstance(resource, dict) else None
    return keyword == "$ref" or (dialect or NEWEST) == {"$dynamicRef": NEWEST, "$recursiveRef": "2019-09"}[keyword]


def evaluation_path_to(resources: Resources, uri: str, target: Place, instance_path: Path) -> Path | None:
    """The way on which an instance at `instance_path` comes to the schema at `target`; the first one where there are several.

    An engine that calls a custom keyword back says where the keyword stands, not by which way it came there.
    """
    seen: set[tuple[Place, int]] = set()

    def search(place: Place, depth: int, way: Path) -> Path | None:
        if (place, depth) in seen:
            return None
        seen.add((place, depth))
        if place == target and depth == len(instance_path):
            return way
        schema = _at(resources, place)
        if not isinstance(schema, dict):
            return None
        for keyword, steps, deeper in _applicators(schema, instance_path[depth] if depth < len(instance_path) else None):
            if keyword == "$ref":
                next_place = resolve(resources, place.uri, schema["$ref"])
            else:
                next_place = stepped(place, steps, lookup(schema, steps))
            found = search(next_place, depth + deeper, (*way, *steps))
            if found is not None:
                return found
        return None

    return search(Place(uri, ()), 0, ())


def _applicators(schema: dict[str, Any], token: Token | None) -> Iterator[tuple[str, Path, int]]:
    if isinstance(schema.get("$ref"), str):
        yield "$ref", ("$ref",), 0
    for keyword in _LISTS:
        for index in range(len(schema.get(keyword, ()))):
            yield keyword, (keyword, index), 0
    for keyword in _INPLACE:
        if keyword in schema:
            yield keyword, (keyword,), 0
    for name in schema.get("dependentSchemas", ()):
        yield "dependentSchemas", ("dependentSchemas", name), 0
    dependencies = schema.get("dependencies")
    for name, member in dependencies.items() if isinstance(dependencies, dict) else ():
        # The others are lists of names.
        if isinstance(member, dict):
            yield "dependencies", ("dependencies", name), 0
    if isinstance(token, str):
        if token in schema.get("properties", ()):
            yield "properties", ("properties", token), 1
        for pattern in schema.get("patternProperties", ()):
            yield "patternProperties", ("patternProperties", pattern), 1
        for keyword in _MEMBERS:
            if keyword in schema:
                yield keyword, (keyword,), 1
    elif token is not None:
        prefix = schema.get("prefixItems", ())
        if token < len(prefix):
            yield "prefixItems", ("prefixItems", token), 1
        for keyword in _ITEMS:
            if keyword in schema:
                yield keyword, (keyword,), 1
