"""Where in a contract its rules stand, what each looks at, and under which conditions a member is required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from srcos_contracts.contracts.bundle import objects, resolve_from
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow
from srcos_contracts.contracts.type_words import applied, inner
from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer, parse_pointer
from srcos_contracts.wording import join_words, show

__all__ = ["ITEM", "NAME", "Clause", "clauses", "conditions", "dotted", "pointer"]

ITEM, NAME = "[]", "*"
"""In a path of fields: any item of an array, and any name of a map."""

_IN_PLACE = ("if", "then", "else", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
_PAIRS = ("x-in", "x-not-in", "x-equal")
_MOST = 8
_SAID = frozenset({"properties", "required", "type", "anyOf", "title", "description", "$ref"})


class Clause(NamedTuple):
    """One `x-rule`, where it stands."""

    rule: str
    severity: Severity
    message: str
    help: str
    why: str
    place: Place
    """The subschema that has it, in its source file."""
    path: Path
    """The value that it stands on; ITEM and NAME stand for any item or name."""
    mentions: tuple[Path, ...]
    """The fields that it looks at."""

    @property
    def field(self) -> str:
        """The field that it stands on; empty for the record as a whole."""
        return dotted(self.path)

    @property
    def about(self) -> tuple[str, ...]:
        """The names of the fields that it looks at."""
        return tuple(dotted(path) for path in self.mentions)


def dotted(path: Path) -> str:
    """A path of fields as people write it: `("artifacts", ITEM, "digest")` as `artifacts[].digest`."""
    text = ""
    for token in path:
        text += ITEM if token == ITEM else ("." if text else "") + str(token)
    return text


def pointer(path: Path) -> str:
    """A path of fields as a JSON Pointer in which `*` stands for any item or name."""
    return format_pointer("*" if token == ITEM else token for token in path)


def clauses(resources: Resources, root: Step) -> Iterator[Clause]:
    """Every `x-rule` that a record can come to, in the order in which the schema says them."""
    if not any("x-rule" in schema for document in resources.values() for _, schema in objects(document)):
        return
    seen: set[tuple[Place, Path]] = set()
    for step, path in _reached(resources, root, (), frozenset()):
        rule = step.schema.get("x-rule")
        if isinstance(rule, dict) and isinstance(rule.get("id"), str) and (step.place, path) not in seen:
            seen.add((step.place, path))
            severity: Severity = "warning" if step.warned or rule.get("severity") == "warning" else "error"
            message, help, why = (str(rule.get(word, "")) for word in ("message", "help", "why"))
            yield Clause(rule["id"], severity, message, help, why, step.place, path, _mentions(resources, step, path))


def _reached(resources: Resources, step: Step, path: Path, above: frozenset[Place]) -> Iterator[tuple[Step, Path]]:
    """The subschemas that have a say in a value, with the value's path: this one, then what it applies."""
    if not isinstance(step.schema, dict) or step.place in above:
        return
    yield step, path
    here = above | {step.place}
    for part, where in _applied_parts(resources, step, path):
        yield from _reached(resources, part, where, here)


def _applied_parts(resources: Resources, step: Step, path: Path) -> Iterator[tuple[Step, Path]]:
    for keyword, value in step.schema.items():
        if keyword == "$ref" and isinstance(value, str):
            place = resolve_from(resources, step.place, value)
            node: Any = resources[place.uri]
            for token in place.path:
                node = node[token]
            yield Step(node, place, step.warned), path
        elif keyword in _IN_PLACE:
            yield inner(step, keyword), path
        elif keyword in _LISTS or keyword == "x-warn":
            for index in range(len(_entries(value))):
                yield inner(step, keyword, index)._replace(warned=step.warned or keyword == "x-warn"), path
        elif keyword == "properties":
            for name in value:
                yield inner(step, keyword, name), (*path, name)
        elif keyword in ("items", "contains") and isinstance(value, dict):
            yield inner(step, keyword), (*path, ITEM)
        elif keyword == "additionalProperties" and isinstance(value, dict):
            yield inner(step, keyword), (*path, NAME)
        elif keyword == "dependentSchemas":
            for name in value:
                yield inner(step, keyword, name), path


def _mentions(resources: Resources, step: Step, path: Path) -> tuple[Path, ...]:
    """The deepest places below `path` of which a rule's subschema speaks; `path` itself where it speaks of none, or of all."""
    named: dict[Path, None] = {}
    for part, where in _reached(resources, step, path, frozenset()):
        # The shape of a field is no part of the rule that stands on it.
        if where == path or part.place.uri == step.place.uri:
            named.update(dict.fromkeys(_named(part.schema, where)))
    deepest = [place for place in named if not any(other != place and other[: len(place)] == place for other in named)]
    if len(deepest) > _MOST:
        deepest = list(dict.fromkeys(place[: len(path) + 1] for place in deepest))
    return tuple(deepest) if 0 < len(deepest) <= _MOST else (path,)


def _named(schema: Mapping[str, Any], path: Path) -> Iterator[Path]:
    for name in (*schema.get("properties", ()), *schema.get("required", ())):
        yield (*path, name)
    if isinstance(schema.get("x-unique"), str):
        yield (*path, ITEM, schema["x-unique"])
    pointers: list[Any] = []
    for chain in _entries(schema.get("x-order")):
        pointers += _entries(chain.get("chain") if isinstance(chain, dict) else chain)
    for keyword in _PAIRS:
        for key, value in _members(schema.get(keyword)):
            pointers += [key] if keyword == "x-equal" else [key, value]
    for key, value in _members(schema.get("x-keys")):
        pointers += [key, *(place for _, place in _members(value))]
    pointers += [value for key, value in _members(schema.get("x-digest")) if key == "value"]
    for text in pointers:
        if isinstance(text, str) and text.startswith("/"):
            yield (*path, *parse_pointer(text))


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _members(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def conditions(resources: Resources, root: Step) -> dict[Path, tuple[str, ...]]:
    """The members that are required only in some records, with the conditions in words."""
    found: dict[Path, dict[str, None]] = {}
    _collect(resources, applied(resources, root), (), "", found, frozenset())
    return {path: tuple(words) for path, words in found.items()}


def _collect(
    resources: Resources, steps: list[Step], path: Path, condition: str, found: dict[Path, dict[str, None]], above: frozenset[Place]
) -> None:
    here = above | {step.place for step in steps}
    for step in steps:
        schema = step.schema
        if condition:
            for name in schema.get("required", ()):
                found.setdefault((*path, name), {})[condition] = None
        if "if" in schema:
            test = _condition(resources, inner(step, "if"), path)
            for keyword, word in (("then", "when"), ("else", "unless")):
                if keyword in schema:
                    both = f"{condition} and {word} {test}" if condition and test else f"{word} {test}" if test else "in some records"
                    _collect(resources, applied(resources, inner(step, keyword)), path, both, found, here)
        for name in schema.get("properties", ()):
            member = applied(resources, inner(step, "properties", name))
            if not any(part.place in above for part in member):
                _collect(resources, member, (*path, name), condition, found, here)
        if isinstance(schema.get("items"), dict):
            items = applied(resources, inner(step, "items"))
            if not any(part.place in above for part in items):
                _collect(resources, items, (*path, ITEM), condition, found, here)


def _condition(resources: Resources, step: Step, path: Path) -> str:
    """What an `if` asks, in words, or nothing where it asks more than has words."""
    words: list[str] = []
    for held in follow(resources, step):
        if not isinstance(held.schema, dict) or held.schema.keys() - _SAID:
            return ""
        if held.schema.get("type", "object") != "object":
            return ""
        properties = held.schema.get("properties", {})
        for name in properties:
            said = _asked(resources, inner(held, "properties", name), (*path, name))
            if not said:
                return ""
            words.append(said)
        words += [f"{dotted((*path, name))} is given" for name in held.schema.get("required", ()) if name not in properties]
        if "anyOf" in held.schema:
            forms = [_condition(resources, inner(held, "anyOf", index), path) for index in range(len(held.schema["anyOf"]))]
            if not all(forms):
                return ""
            words.append(" or ".join(forms))
    return " and ".join(words)


def _asked(resources: Resources, step: Step, path: Path) -> str:
    schema = next((held.schema for held in follow(resources, step) if isinstance(held.schema, dict) and "$ref" not in held.schema), None)
    if schema is None:
        return ""
    name, said = dotted(path), schema.keys() - {"title", "description"}
    if said == {"const"}:
        return f"{name} is {_word(schema['const'])}"
    if said == {"enum"}:
        return f"{name} is {join_words([_word(option) for option in schema['enum']])}"
    if said in ({"type", "minProperties"}, {"type", "minItems"}) and 1 in (schema.get("minProperties"), schema.get("minItems")):
        return f"{name} is not empty"
    if said == {"type"}:
        return f"{name} is null" if schema["type"] == "null" else f"{name} is given"
    return _condition(resources, step, path) if "properties" in said else ""


def _word(value: Any) -> str:
    return value if isinstance(value, str) else show(value)
