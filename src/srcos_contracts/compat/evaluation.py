"""Whether one value satisfies a schema in atoms, where that can be told: yes, no, or None where it cannot.

A value stands for all ways in which it can be written. Draft 4 (section 3.5 of its core) tells 1 from 1.0, within values too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from srcos_contracts.compat.atoms import WHOLE, Atom, Node, frozen
from srcos_contracts.contracts.dialects import format_checker
from srcos_contracts.contracts.engine import SchemaError, build, matcher
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, compile_keyword
from srcos_contracts.instant import is_date_time
from srcos_contracts.wording import is_whole

__all__ = ["holds", "satisfies", "type_of"]

_MOST_DEPTH = 60


def type_of(value: Any) -> str:
    """The type of a value, numbers in three kinds: `integer`, `whole` where it is written with a fraction of zero, `fraction`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, (float, Decimal)):
        return "whole" if is_whole(value) else "fraction"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def satisfies(node: Node, value: Any, depth: int = 0) -> bool | None:
    """Whether a value satisfies all atoms of a schema."""
    return _all(holds(atom, value, depth) for atom in node.atoms)


def _all(answers: Iterable[bool | None]) -> bool | None:
    known: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        known = None if answer is None else known
    return known


def _any(answers: Iterable[bool | None]) -> bool | None:
    negated = _all(_not(answer) for answer in answers)
    return _not(negated)


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def holds(atom: Atom, value: Any, depth: int = 0) -> bool | None:
    """Whether one atom holds for a value."""
    if depth > _MOST_DEPTH:
        return None
    kind, depth = atom.kind, depth + 1
    if kind == "type":
        return _typed(atom, value)
    if kind == "enum":
        return frozen(value) in atom.value
    if kind == "false":
        return False
    if kind == "ref":
        return satisfies(atom.target, value, depth)
    if kind == "not":
        return _not(satisfies(atom.nodes[0], value, depth))
    if kind == "anyOf":
        return _any(satisfies(node, value, depth) for node in atom.nodes)
    if kind == "oneOf":
        return _one([satisfies(node, value, depth) for node in atom.nodes])
    if kind == "if":
        asked = satisfies(atom.nodes[0], value, depth)
        branches = atom.nodes[1:] if asked is None else (atom.nodes[1 if asked else 2],)
        answers = {satisfies(node, value, depth) for node in branches}
        return answers.pop() if len(answers) == 1 else None
    if kind in ASSERTIONS:
        return _keyword(atom, value)
    if isinstance(value, str):
        return _text(atom, value)
    if isinstance(value, dict):
        return _object(atom, value, depth)
    if isinstance(value, list):
        return _array(atom, value, depth)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _number(atom, value)
    return None if kind == "opaque" else True


def _typed(atom: Atom, value: Any) -> bool | None:
    """Whether a value is of a type; None where that hangs on how a whole number is written."""
    kind = type_of(value)
    written = WHOLE if kind in WHOLE else {kind}
    return None if written - atom.value and written & atom.value else kind in atom.value


def _one(answers: list[bool | None]) -> bool | None:
    if answers.count(True) > 1:
        return False
    return None if None in answers else answers.count(True) == 1


def _keyword(atom: Atom, value: Any) -> bool | None:
    if atom.kind == "x-path" or "path:" in str(atom.raw):
        # What it says depends on where the record lies.
        return None if isinstance(value, dict) else True
    return not compile_keyword(atom.kind, atom.raw)(value, NO_PARTS)


def _text(atom: Atom, value: str) -> bool | None:
    kind = atom.kind
    if kind == "pattern":
        try:
            return matcher(str(atom.value))(value)
        except SchemaError:
            return None
    if kind == "format":
        name = atom.value[0]
        # The engines differ in what they take for a date-time; what both take for one is one.
        good = format_checker(atom.raw, name)(value)
        return good if name != "date-time" or good == is_date_time(value) else None
    if kind == "minLength":
        return bool(len(value) >= atom.value)
    if kind == "maxLength":
        return bool(len(value) <= atom.value)
    return None if kind == "opaque" else True


def _number(atom: Atom, value: Any) -> bool | None:
    kind = atom.kind
    if kind in ("least", "most"):
        bound, strict = atom.value
        if _close(bound, value):
            return None if frozen(bound) != frozen(value) else not strict
        return bool((value > bound) is (kind == "least"))
    if kind == "multipleOf":
        return bool(build({"multipleOf": atom.value}).is_valid(value))
    return None if kind == "opaque" else True


def _close(first: Any, second: Any) -> bool:
    """Whether an engine that reckons in doubles may take two numbers for one."""
    try:
        return float(first) == float(second)
    except OverflowError:
        return True


def _object(atom: Atom, value: dict[str, Any], depth: int) -> bool | None:
    kind = atom.kind
    if kind == "required":
        return atom.value in value
    if kind == "members":
        return _all(satisfies(node, value[name], depth) for name in value for node in members_for(atom, name))
    if kind == "dependent":
        return satisfies(atom.nodes[0], value, depth) if atom.value in value else True
    if kind == "propertyNames":
        return _all(satisfies(atom.nodes[0], name, depth) for name in value)
    if kind == "minProperties":
        return bool(len(value) >= atom.value)
    if kind == "maxProperties":
        return bool(len(value) <= atom.value)
    if kind == "unevaluatedProperties":
        return True if not value else None
    return None if kind == "opaque" else True


def members_for(atom: Atom, name: str) -> Iterator[Node]:
    """The schemas that a group of members has for the member of a name. Raises SchemaError for a pattern that is none."""
    names, patterns, rest = atom.value
    found = False
    if name in atom.raw:
        found = True
        yield atom.raw[name]
    for index, pattern in enumerate(patterns, len(names)):
        if matcher(pattern)(name):
            found = True
            yield atom.nodes[index]
    if rest and not found:
        yield atom.nodes[-1]


def _array(atom: Atom, value: list[Any], depth: int) -> bool | None:
    kind = atom.kind
    if kind == "items":
        return _all(satisfies(node, item, depth) for index, item in enumerate(value) if (node := item_at(atom, index)) is not None)
    if kind == "contains":
        least, most = atom.value
        answers = [satisfies(atom.nodes[0], item, depth) for item in value]
        sure, possible = answers.count(True), len(answers) - answers.count(False)
        if sure >= least and (most is None or possible <= most):
            return True
        return False if possible < least or (most is not None and sure > most) else None
    if kind == "uniqueItems":
        return len({frozen(item) for item in value}) == len(value)
    if kind == "minItems":
        return bool(len(value) >= atom.value)
    if kind == "maxItems":
        return bool(len(value) <= atom.value)
    if kind == "unevaluatedItems":
        return True if not value else None
    return None if kind == "opaque" else True


def item_at(atom: Atom, index: int) -> Node | None:
    """The schema that a group of items has for a position; None where it has none."""
    first, rest = atom.value
    if index < first:
        return atom.nodes[index]
    return atom.nodes[-1] if rest else None
