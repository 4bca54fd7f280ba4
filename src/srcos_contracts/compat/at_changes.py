"""The search for a payload at each keyword that changed: a value for that place alone, and then a record that has it there.

The search of `witness` takes both schemas as wholes, and the ways to break a large one are many. What changed is mostly small: a value
that the one part accepts and the other refuses is soon found, and so is a record that holds it, which needs the accepting schema alone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Container, Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from srcos_contracts.compat.changes import changes
from srcos_contracts.compat.generate import Generator
from srcos_contracts.compat.goals import Goal
from srcos_contracts.compat.reading import Node, Reading
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import Pair, SearchBudget, Seed, Witness, clock, confirmed, names_of, smallest
from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.engine import SchemaError
from srcos_contracts.contracts.resources import Place
from srcos_contracts.contracts.trace import REFERENCES
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer, lookup

__all__ = ["find_at_changes"]

_MOST_VALUES = 6
_MOST_RECORDS = 24
_MOST_PLACES = 20_000
_LEAST_SECONDS = 0.1
_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies")
_ITEMS = ("items", "prefixItems", "contains")
_BRANCHING = ("anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies", "contains")
_FURTHER_ITEMS = ("additionalItems", "unevaluatedItems")
_FURTHER_NAMES = ("additionalProperties", "unevaluatedProperties")


class _Name(NamedTuple):
    """A step into a member of which the schema says what its name is like."""

    schema: Any


class _Branch(NamedTuple):
    """A step into one of several schemas for the same value: what has to hold, and what not, that this one has a say."""

    holds: tuple[Place, ...]
    fails: tuple[Place, ...] = ()


_Step = str | int | _Name | _Branch


class _Part(NamedTuple):
    """Two schemas that correspond, and the way to a value that they are about."""

    ours: Node
    theirs: Node
    route: tuple[_Step, ...]


def find_at_changes(
    accepts: Side, rejects: Side, seeds: Sequence[Seed], budget: SearchBudget, doubted: Container[Place] = ()
) -> Witness | None:
    """A payload that `accepts` accepts and `rejects` rejects, with its fault at a keyword that changed; None if none is found.

    What is known not to follow is looked at first: `doubted` has the keywords of `rejects` of which that is so.
    """
    end = time.thread_time() + budget.seconds
    pair, names = Pair(accepts, rejects), names_of(accepts, rejects)
    bases = [seed for seed in seeds if seed.example and not seed.parts and accepts.accepts(seed.value)]
    try:
        # What lies deep is small. No part may take the time of all others.
        parts = sorted(_parts(accepts, rejects), key=lambda part: (not _is_doubted(part, doubted), -len(part.ours.place.path)))
        for number, part in enumerate(parts):
            left = end - time.thread_time()
            if left <= 0:
                break
            stopped = clock(max(left / (len(parts) - number), min(left, _LEAST_SECONDS)))
            for record in _records_of(part, names, stopped):
                if pair.shown_by(record, NO_PARTS) and confirmed(accepts, rejects, record):
                    return smallest(pair, record, bases, NO_PARTS)
    except (RecursionError, SchemaError):
        return None
    return None


def _is_doubted(part: _Part, doubted: Container[Place]) -> bool:
    place = part.theirs.place
    return isinstance(part.theirs.schema, dict) and any(
        Place(place.uri, (*place.path, keyword)) in doubted for keyword in part.theirs.schema
    )


def _records_of(part: _Part, names: tuple[str, ...], stopped: Callable[[], bool]) -> Iterator[Any]:
    values = Generator(names, stopped).instances(Goal((part.ours,), (part.theirs,)))
    for value in islice(values, _MOST_VALUES):
        yield from _records(part.ours.reading, part.route, value, Generator(names, stopped))


def _parts(accepts: Side, rejects: Side) -> Iterator[_Part]:
    """The schemas around what changed, as each side has them, with the way to the values that they are about."""
    ours, theirs = accepts.once(Reading), rejects.once(Reading)
    routes = _routes(ours)
    seen: set[Place] = set()
    for change in changes(accepts, rejects):
        mine, other = change.around_old, change.around_new
        for length in _lengths(mine, routes):
            above = len(mine.path) - length
            my_part, their_part = Place(mine.uri, mine.path[:length]), Place(other.uri, other.path[: max(len(other.path) - above, 0)])
            if my_part in seen:
                break
            seen.add(my_part)
            ours_there, theirs_there = (
                lookup(side.resources.get(place.uri), place.path) for side, place in ((accepts, my_part), (rejects, their_part))
            )
            # What is one schema for all items on one side may be a list of them on the other.
            if isinstance(ours_there, (dict, bool)) and isinstance(theirs_there, (dict, bool)):
                yield _Part(Node(ours_there, my_part, ours), Node(theirs_there, their_part, theirs), routes[my_part])


def _lengths(place: Place, routes: Container[Place]) -> Iterator[int]:
    """The lengths of the paths of schemas around what changed: the nearest one, and those of which it is a branch, for what a branch
    takes more or less shows beside the others alone."""
    nearest = next((length for length in range(len(place.path), -1, -1) if Place(place.uri, place.path[:length]) in routes), None)
    if nearest is None:
        return
    yield nearest
    for length in range(nearest - 1, -1, -1):
        if place.path[length] in _BRANCHING and Place(place.uri, place.path[:length]) in routes:
            yield length


def _routes(reading: Reading) -> dict[Place, tuple[_Step, ...]]:
    """The schemas that have a say in some value of a record, each with the shortest way to such a value."""
    found: dict[Place, tuple[_Step, ...]] = {}
    pending: deque[tuple[Node, tuple[_Step, ...]]] = deque([(reading.root, ())])
    while pending and len(found) < _MOST_PLACES:
        node, route = pending.popleft()
        if node.place in found:
            continue
        found[node.place] = route
        if not isinstance(node.schema, dict):
            continue
        for keyword in REFERENCES:
            reference = node.schema.get(keyword)
            target = reading.target(node, keyword, reference) if isinstance(reference, str) else None
            if target is not None:
                pending.append((target, route))
        for way, _ in subschemas_of(node.schema, warnings=False):
            step = _step(node.schema, way)
            if step is not None:
                pending.append((node.under(*way), (*route, *_branch(node, way), *step)))
    return found


def _branch(node: Node, way: Path) -> tuple[_Branch, ...]:
    if way[0] in ("anyOf", "oneOf"):
        return (_Branch((node.under(*way).place,)),)
    if way[0] not in ("then", "else") or "if" not in node.schema:
        return ()
    asked = (node.under("if").place,)
    return (_Branch(asked) if way[0] == "then" else _Branch((), asked),)


def _step(schema: dict[str, Any], way: Path) -> tuple[_Step, ...] | None:
    """What a step into a subschema is in the record; None where the subschema is about no value of it."""
    keyword, rest = str(way[0]), way[1:]
    if keyword in _IN_PLACE:
        return ()
    if keyword == "properties":
        return (str(rest[0]),)
    if keyword == "patternProperties":
        return (_Name({"type": "string", "pattern": rest[0]}),)
    if keyword in _FURTHER_NAMES:
        declared, patterns = [*schema.get("properties", ())], [*schema.get("patternProperties", ())]
        return (_Name({"type": "string", "not": {"anyOf": [{"enum": [*declared, ""]}, *({"pattern": pattern} for pattern in patterns)]}}),)
    if keyword in _ITEMS:
        return (int(rest[0]) if rest else len(schema.get("prefixItems", ())) if keyword == "items" else 0,)
    if keyword in _FURTHER_ITEMS:
        before = schema.get("prefixItems", schema.get("items"))
        return (len(before) if isinstance(before, list) else 0,)
    return None


def _records(reading: Reading, route: Sequence[_Step], value: Any, generator: Generator) -> Iterator[Any]:
    """Records that the side which is read accepts, with a value at the end of a way."""
    accepts = reading.side
    held: Any = {"enum": [value]}
    for step in reversed(route):
        if isinstance(step, _Branch):
            refused = [{"not": _reference(accepts, place)} for place in step.fails]
            held = {"allOf": [held, *(_reference(accepts, place) for place in step.holds), *refused]}
        elif isinstance(step, int):
            before: list[Any] = [{}] * step
            tuples = "prefixItems" if accepts.dialect == "2020-12" else "items"
            held = {"type": "array", "minItems": step + 1, tuples: [*before, held]}
        else:
            name = step if isinstance(step, str) else _a_name(step, accepts)
            if name is None:
                return
            held = {"type": "object", "required": [name], "properties": {name: held}}
    # As a schema of the side's own document, where its references lead; a copy of the document with it takes longer than all else.
    holds = reading.root, Node(held, Place(accepts.uri, ()), reading)
    yield from islice(generator.instances(Goal(holds), checked=False), _MOST_RECORDS)


def _reference(side: Side, place: Place) -> dict[str, str]:
    # A document need not say what its URI is.
    resource = "" if place.uri == side.uri else place.uri
    return {"$ref": f"{resource}#{quote(format_pointer(place.path))}"}


def _a_name(step: _Name, accepts: Side) -> str | None:
    schema = Side({"$schema": accepts.document["$schema"], **step.schema} if "$schema" in accepts.document else step.schema)
    found = Generator((), lambda: False).instances(Goal((Reading(schema).root,)))
    return next((name for name in found if isinstance(name, str)), None)
