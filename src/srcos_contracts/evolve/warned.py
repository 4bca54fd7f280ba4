"""When a contract warns: the conditions of its warnings, which no verdict on records looks at."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from srcos_contracts.compat.atoms import Node
from srcos_contracts.compat.equality import Equality
from srcos_contracts.compat.form import Form
from srcos_contracts.compat.side import Side, is_warning
from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.dialects import DEFINITIONS
from srcos_contracts.contracts.embedding import embedded
from srcos_contracts.contracts.resources import Place, Resources, stepped
from srcos_contracts.pointer import lookup

__all__ = ["changed_conditions"]

_End = tuple[dict[str, Any], str]
"""A document with its URI."""

_Condition = tuple[object, ...]
"""The way to a warning: keywords and names, and the schemas that decide whether it is given."""

_BRANCHES = ("then", "else")
_LISTS = ("allOf", "x-warn")


def changed_conditions(rules: frozenset[str], old: _End, new: _End) -> Iterator[str]:
    """Those of the rules whose warnings have other conditions in the one document than in the other. Words are no part of a condition."""
    if old == new:
        return
    equality = Equality()
    before, after = (_conditions(*end) for end in (old, new))
    for rule in sorted(rules):
        pairs = zip_longest(before.get(rule, ()), after.get(rule, ()), fillvalue=())
        if not all(_alike(equality, one, other) for one, other in pairs):
            yield rule


def _alike(equality: Equality, one: _Condition, other: _Condition) -> bool:
    return len(one) == len(other) and all(
        equality.same(mine, theirs) if isinstance(mine, Node) and isinstance(theirs, Node) else mine == theirs
        for mine, theirs in zip(one, other, strict=True)
    )


def _conditions(document: dict[str, Any], uri: str) -> dict[str, list[_Condition]]:
    """By rule, the condition of each of its warnings, in the order of the document."""
    # Without its rules nothing in it is a warning, so nothing is left out of what its definitions say.
    form = Form(Side(_without_rules(document), uri))
    written = {form.side.uri: document, **dict(embedded(document, form.side.uri))}
    found: dict[str, list[_Condition]] = {}
    for rule, condition in _warnings(form, written, Place(form.side.uri, ()), (), False, frozenset()):
        found.setdefault(rule, []).append(condition)
    return found


def _warnings(
    form: Form, written: Resources, place: Place, way: _Condition, warned: bool, above: frozenset[Place]
) -> Iterator[tuple[str, _Condition]]:
    """The rules that make warnings at a place and below it; `warned` says whether it stands in one that does."""
    schema = lookup(written.get(place.uri), place.path)
    if not isinstance(schema, dict) or place in above:
        return
    if is_warning(schema) and not warned:
        way, warned = (*way, form.node(place, _without_rules(schema))), True
    rule = schema.get("x-rule")
    if warned and isinstance(rule, dict) and isinstance(rule.get("id"), str):
        yield rule["id"], way
    above |= {place}
    target = form.resolved(place, schema["$ref"]) if isinstance(schema.get("$ref"), str) else None
    if target is not None:
        yield from _warnings(form, written, target, way, warned, above)
    for step, member in subschemas_of(schema):
        if step[0] in DEFINITIONS:
            continue
        inner = stepped(place, step, member)
        if step[0] == "x-warn" and not warned:
            yield from _warnings(form, written, inner, (*way, form.node(inner, _without_rules(member))), True, above)
            continue
        # Where a warning stands in a list says nothing of when it is given; under which condition does.
        condition = schema.get("if") if step[0] in _BRANCHES else None
        asked = () if condition is None else (form.node(stepped(place, ("if",), condition), _without_rules(condition)),)
        name = () if step[0] in _LISTS else step
        yield from _warnings(form, written, inner, (*way, *name, *asked), warned, above)


def _without_rules(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _without_rules(member) for name, member in node.items() if name != "x-rule"}
    return [_without_rules(item) for item in node] if isinstance(node, list) else node
