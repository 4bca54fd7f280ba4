"""The lint rule about `$ref`: every one leads to a schema, and none leads back to where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from srcos_contracts.contracts.bundle import UnresolvableReference, resolve
from srcos_contracts.contracts.meta_schemas import meta_schema
from srcos_contracts.contracts.resources import Place, joined, stepped
from srcos_contracts.evolve.lint_rules import Fault
from srcos_contracts.evolve.schema_file import SchemaFile, Subschema
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.wording import cut

__all__ = ["reference_faults"]

_LISTS = ("allOf", "anyOf", "oneOf", "x-warn")
_SINGLES = ("not", "if", "then", "else")


def reference_faults(file: SchemaFile) -> Iterator[Fault]:
    """Every `$ref` that leads nowhere, to no schema, or back to itself for the same value."""
    for subschema in file.subschemas:
        if isinstance(subschema.schema, dict) and isinstance(subschema.schema.get("$ref"), str):
            yield from _dangling(file, subschema)
    for path, reference in _loops(file):
        detail = f"{cut(reference, 120)} leads back to where it stands"
        yield Fault("lint-ref", path, detail, "no validation would end: refer from a property or an item, or describe the value here")


def _dangling(file: SchemaFile, subschema: Subschema) -> Iterator[Fault]:
    reference = subschema.schema["$ref"]
    path = (*subschema.path, "$ref")
    target = file.resolve(subschema.base, reference)
    if target is None and not _leads_into_meta_schema(subschema.base, reference):
        yield Fault("lint-ref", path, f"{cut(reference, 120)} leads nowhere")
    elif target is not None and not isinstance(file.folder.at(target), (dict, bool)):
        yield Fault("lint-ref", path, f"{cut(reference, 120)} leads to something that is no schema")


def _leads_into_meta_schema(base: str, reference: str) -> bool:
    """Whether a reference leads to the schema of a dialect, which nobody has to bring, or into it."""
    uri = joined(base, reference).partition("#")[0]
    document = meta_schema(uri)
    if document is None:
        return False
    try:
        resolve({uri: document}, base, reference)
    except UnresolvableReference:
        return False
    return True


class _Step(NamedTuple):
    """A schema on a way that stays with one value, and the reference in the file at hand by which the way came there, if by one."""

    place: Place
    origin: tuple[Path, str] | None


def _loops(file: SchemaFile) -> Iterator[tuple[Path, str]]:
    """The references of this file by which a schema comes back to itself without going deeper into the value."""
    done: set[Place] = set()
    for subschema in file.subschemas:
        if not isinstance(subschema.schema, dict) or "$ref" not in subschema.schema:
            continue
        start = Place(file.uri, subschema.path)
        way: list[tuple[_Step, Iterator[_Step]]] = [(_Step(start, None), _next(file, start))] if start not in done else []
        on_way = {start: 0}
        while way:
            step = next(way[-1][1], None)
            if step is None:
                done.add(way[-1][0].place)
                on_way.pop(way.pop()[0].place)
            elif step.place in on_way:
                origins = [step.origin, *(passed.origin for passed, _ in reversed(way[on_way[step.place] + 1 :]))]
                yield from [origin for origin in origins if origin is not None][:1]
            elif step.place not in done:
                on_way[step.place] = len(way)
                way.append((step, _next(file, step.place)))


def _next(file: SchemaFile, place: Place) -> Iterator[_Step]:
    """The schemas that judge the same value as the one at `place`, one step further."""
    schema = file.folder.at(place)
    if not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    target = file.resolve(place.uri, reference) if isinstance(reference, str) else None
    if target is not None:
        yield _Step(target, ((*place.path, "$ref"), str(reference)) if place.uri == file.uri else None)
    inner: list[Path] = [(keyword,) for keyword in _SINGLES if isinstance(schema.get(keyword), dict)]
    inner += [(keyword, index) for keyword in _LISTS for index in range(len(_list(schema, keyword)))]
    for steps in inner:
        yield _Step(_inside(file, place, steps), None)


def _inside(file: SchemaFile, place: Place, steps: Path) -> Place:
    return stepped(place, steps, file.folder.at(Place(place.uri, (*place.path, *steps))))


def _list(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []
