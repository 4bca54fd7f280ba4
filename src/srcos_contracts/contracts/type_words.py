"""The type of a value in words: what a schema, with all that it refers to, lets stand in one place.

What is to be written exactly so stands between backticks: constants, patterns and the forms of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow
from srcos_contracts.wording import join_words, show

__all__ = ["alternatives", "applied", "branches", "definition", "inner", "items_of", "type_words"]

_TYPES = {"string": "string", "boolean": "true or false", "null": "null"}
_CAPITALS = frozenset({"Git", "JSON", "YAML", "Markdown", "URN"})
_SPELLED = re.compile(r"^`([^`]*<[^`]*)`")
_NOT_BLANK = r"\S"
_LONGEST_PATTERN = 48
_SCHEMA_KEYS = frozenset({"anyOf", "oneOf"})


def applied(resources: Resources, step: Step) -> list[Step]:
    """A schema with all that applies whenever it does: what its chain of `$ref` leads to, and its `allOf`, each once.

    The nearest comes first. Boolean schemas say nothing in words and are left out.
    """
    found: dict[Place, Step] = {}

    def add(start: Step) -> None:
        for held in follow(resources, start):
            if held.place in found or not isinstance(held.schema, dict):
                return
            found[held.place] = held
            for index in range(len(held.schema.get("allOf", ()))):
                add(inner(held, "allOf", index))

    add(step)
    return list(found.values())


def inner(step: Step, *tokens: str | int) -> Step:
    """A subschema of a schema, with its place."""
    node = step.schema
    for token in tokens:
        node = node[token]
    return Step(node, Place(step.place.uri, (*step.place.path, *tokens)), step.warned)


def alternatives(resources: Resources, steps: Sequence[Step]) -> list[list[Step]]:
    """The forms between which the first `anyOf` or `oneOf` of these schemas lets a value choose, each with all that applies to it."""
    for step in steps:
        for keyword in ("anyOf", "oneOf"):
            if isinstance(step.schema.get(keyword), list):
                return [applied(resources, inner(step, keyword, index)) for index in range(len(step.schema[keyword]))]
    return []


def branches(resources: Resources, steps: Sequence[Step]) -> list[Step]:
    """The schemas with those of all their alternatives: whatever may have a say in the value."""
    return [*steps, *(step for branch in alternatives(resources, steps) for step in branch)]


def definition(steps: Sequence[Step]) -> tuple[str, str] | None:
    """The kind of string that these schemas are, and what that means: from a definition with a title and a pattern.

    A definition whose description begins with a form, such as `urn:srcos:session:<local-id>`, is known by the form, and its
    meaning is empty: there is nothing to look up.
    """
    for step in steps:
        schema = step.schema
        if "pattern" in schema and isinstance(schema.get("title"), str) and isinstance(schema.get("description"), str):
            spelled = _SPELLED.match(schema["description"])
            if spelled is None:
                return _lowered(schema["title"]), schema["description"]
            return ("URN " if spelled[1].startswith("urn:") else "string ") + f"`{spelled[1]}`", ""
    return None


def type_words(resources: Resources, steps: Sequence[Step]) -> str:
    """What may stand where all of `steps` apply, such as ``one of `a`, `b` `` or `list of references, at least 1, each once`."""
    forms = alternatives(resources, steps)
    if forms:
        outer = [step._replace(schema={key: value for key, value in step.schema.items() if key not in _SCHEMA_KEYS}) for step in steps]
        options = list(dict.fromkeys(type_words(resources, [*form, *outer]) for form in forms))
        return ("; or " if any("," in option for option in options) else " or ").join(sorted(options, key=lambda option: option == "null"))
    merged = _merged(steps)
    if "const" in merged:
        return f"always `{show(merged['const'])}`"
    if "enum" in merged:
        return _options(merged["enum"])
    words, bounds = _words_and_bounds(resources, steps, merged)
    return ", ".join([words, *bounds])


def _merged(steps: Sequence[Step]) -> dict[str, Any]:
    """The keywords of schemas that apply together, the nearest first; what several of them list is what they have in common."""
    merged: dict[str, Any] = {}
    for step in steps:
        for keyword, value in step.schema.items():
            if keyword == "type":
                value = [value] if isinstance(value, str) else list(value)
            if keyword in ("type", "enum") and keyword in merged:
                merged[keyword] = [option for option in merged[keyword] if option in value] or value
            elif keyword != "items" or isinstance(value, dict):
                merged.setdefault(keyword, value)
    return merged


def _options(options: Sequence[Any]) -> str:
    words = [f"`{option if isinstance(option, str) else show(option)}`" for option in options if option is not None]
    null = ["null"] if None in options else []
    return " or ".join([("one of " if len(words) > 1 else "always ") + ", ".join(words), *null] if words else null)


def _words_and_bounds(resources: Resources, steps: Sequence[Step], merged: dict[str, Any]) -> tuple[str, list[str]]:
    types = list(merged.get("type", ())) or _implied(merged)
    words, bounds = [], []
    for name in types:
        if name == "string":
            word, more = _string(steps, merged)
        elif name == "array":
            word, more = _list(resources, steps, merged)
        elif name == "object":
            word, more = _object(resources, steps, merged)
        else:
            word, more = _TYPES.get(name, name), _range(merged) if name in ("integer", "number") else []
        words.append(word)
        bounds += more
    if "default" in merged:
        bounds.append(f"by default `{show(merged['default'])}`")
    return join_words(sorted(words, key=lambda word: word == "null")) or "anything", bounds


def _implied(merged: dict[str, Any]) -> list[str]:
    if "properties" in merged or "additionalProperties" in merged:
        return ["object"]
    if "items" in merged or "minItems" in merged or "uniqueItems" in merged:
        return ["array"]
    return ["string"] if "pattern" in merged or "format" in merged else []


def _string(steps: Sequence[Step], merged: dict[str, Any]) -> tuple[str, list[str]]:
    bounds = _sizes(merged, "Length", "character")
    named = definition(steps)
    if named is not None:
        return named[0], bounds
    pattern = merged.get("pattern")
    if pattern == _NOT_BLANK:
        bounds.insert(0, "not blank")
    elif isinstance(pattern, str):
        bounds.insert(0, f"of the form `{pattern}`" if len(pattern) <= _LONGEST_PATTERN and "`" not in pattern else "of a set form")
    if isinstance(merged.get("x-template"), str):
        bounds.insert(0, f"a {merged['x-template']} template")
    if isinstance(merged.get("format"), str):
        bounds.insert(0, f"format {merged['format']}")
    return "string", bounds


def _list(resources: Resources, steps: Sequence[Step], merged: dict[str, Any]) -> tuple[str, list[str]]:
    bounds = _sizes(merged, "Items", "")
    if merged.get("uniqueItems") is True:
        bounds.append("each once")
    if isinstance(merged.get("x-unique"), str):
        bounds.append(f"each `{merged['x-unique']}` once")
    items = items_of(resources, steps)
    if not items:
        return "list", bounds
    item = type_words(resources, items)
    if item.startswith("one of "):
        return f"list of words, each {item}", bounds
    if item.startswith("object") and " or " not in item:
        return "list of objects", bounds
    if " or " in item or "," in item or item.startswith("always "):
        return f"list, each item {item}", bounds
    return f"list of {_plural(item)}", bounds


def items_of(resources: Resources, steps: Sequence[Step]) -> list[Step]:
    """The schemas that apply to every item of an array to which `steps` apply."""
    return [found for step in steps if isinstance(step.schema.get("items"), dict) for found in applied(resources, inner(step, "items"))]


def _object(resources: Resources, steps: Sequence[Step], merged: dict[str, Any]) -> tuple[str, list[str]]:
    bounds = _sizes(merged, "Properties", "member")
    values = merged.get("additionalProperties")
    for step in steps:
        if isinstance(values, dict) and step.schema.get("additionalProperties") == values:
            value = type_words(resources, applied(resources, inner(step, "additionalProperties")))
            names = step.schema.get("propertyNames")
            key = type_words(resources, applied(resources, inner(step, "propertyNames"))) if isinstance(names, dict) else ""
            from_keys = f"from {_plural(key)} " if key and " or " not in key else ""
            to = _plural(value) if " or " not in value and "," not in value else f"values, each {value}"
            return f"map {from_keys}to {to}", bounds
    if values is False or merged.get("unevaluatedProperties") is False:
        return "object", bounds
    return "object", [*bounds, "open to further members" if "properties" in merged else "of any members"]


def _sizes(merged: dict[str, Any], what: str, unit: str) -> list[str]:
    least, most = merged.get(f"min{what}"), merged.get(f"max{what}")
    found = []
    if least is not None and least == most:
        return [f"exactly {_counted(least, unit)}"]
    if least:
        found.append(f"at least {_counted(least, unit)}")
    if most is not None:
        found.append(f"at most {_counted(most, unit)}")
    return found


def _counted(number: Any, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if unit else str(number)


def _range(merged: dict[str, Any]) -> list[str]:
    words = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}
    bounds = []
    for keyword, word in words.items():
        exclusive = f"exclusive{keyword[0].upper()}{keyword[1:]}"
        if keyword in merged and not isinstance(merged[keyword], bool):
            # In draft 4 the exclusive ones only say how the others are meant.
            bounds.append(f"{words[exclusive] if merged.get(exclusive) is True else word} {show(merged[keyword])}")
    return [*bounds, *([f"a multiple of {show(merged['multipleOf'])}"] if "multipleOf" in merged else [])]


def _lowered(title: str) -> str:
    first = title.split(" ", 1)[0]
    return title if first in _CAPITALS or first[1:] != first[1:].lower() else title[:1].lower() + title[1:]


def _plural(words: str) -> str:
    """`reference to one thing` as `references to one thing`: the noun is what stands before the first `of`, `to` or backtick."""
    head = re.split(r" (?=of |to |`)", words, maxsplit=1)
    return " ".join([head[0] + "s", *head[1:]])
