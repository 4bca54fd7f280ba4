"""What is wanted where a schema says only what is not: for patterns, `not`, and what is ruled out altogether."""

from __future__ import annotations

import re
from typing import Any

from srcos_contracts.contracts.detail import PLACEHOLDER, spelled_form, subject
from srcos_contracts.contracts.engine import build
from srcos_contracts.contracts.pattern_words import misfit
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow
from srcos_contracts.contracts.type_words import applied
from srcos_contracts.pointer import Path
from srcos_contracts.wording import join_words, kind, show

__all__ = ["what_is_wanted", "why_no_name"]

_SURPLUS = ("items", "additionalItems")


def what_is_wanted(resources: Resources, steps: list[Step], keyword: str, instance: Any, path: Path) -> str:
    """What is wrong with the value at `path`, and what would be right; empty where the keyword says that by itself.

    `steps` lead to the schema whose keyword the value breaks.
    """
    what, schema = subject(path), steps[-1].schema
    if keyword == "pattern":
        clause = _misfit(schema, str(instance))
        return f"{what} is {show(instance)}, which {clause}" if clause else ""
    if keyword == "not":
        return _instead(resources, steps, instance, path)
    if keyword == "false":
        surplus = isinstance(path[-1], int) and any(token in _SURPLUS for token in steps[-1].place.path[-2:]) if path else False
        return f"{what} is {show(instance)}, where {'the list is to end' if surplus else 'nothing may stand'}"
    if keyword == "oneOf":
        return f"{what} fits several of the forms that are allowed here, and is to fit only one"
    if keyword in ("minContains", "maxContains"):
        bound = "fewer" if keyword == "minContains" else "more"
        return f"{what} has {bound} than {show(schema[keyword])} items of the kind that the schema asks for"
    if keyword == "unevaluatedItems":
        return f"{what} has items that are not declared"
    return ""


def why_no_name(resources: Resources, step: Step, name: str) -> str:
    """Why a name is none that an object may have, where `step` says what its names are: to stand after the name."""
    for holder in follow(resources, step):
        schema = holder.schema
        if not isinstance(schema, dict):
            continue
        if isinstance(schema.get("pattern"), str) and not build({"pattern": schema["pattern"]}).is_valid(name):
            return _misfit(schema, name)
        if isinstance(schema.get("enum"), list) and name not in schema["enum"]:
            return f"is not {join_words([word if isinstance(word, str) else show(word) for word in schema['enum']])}"
        if isinstance(schema.get("maxLength"), int) and len(name) > schema["maxLength"]:
            return f"has more than {schema['maxLength']} characters"
    return ""


def _misfit(schema: dict[str, Any], text: str) -> str:
    """Why a text does not fit a schema's pattern, where its form or title does not say so by itself."""
    description = str(schema.get("description", "")).replace("`", "").rstrip(".")
    spelled = spelled_form(schema)
    if spelled:
        # A form such as `urn:srcos:<kind>:<local-id>` says nothing to whoever wrote just that.
        return f"is not what is asked for: {description}" if _fits(spelled, text) else ""
    reading = misfit(schema["pattern"], text)
    if "title" in schema and not reading.startswith(("is blank", "is empty", "has ")):
        return f'does not fit the form "{schema["title"]}": {description}' if description else ""
    return reading


def _fits(form: str, text: str) -> bool:
    """Whether a text has a form in which what stands between `<` and `>` may be anything."""
    return re.fullmatch(".+".join(re.escape(part) for part in PLACEHOLDER.split(form)), text, re.DOTALL) is not None


def _instead(resources: Resources, steps: list[Step], instance: Any, path: Path) -> str:
    """What may stand where a constant, some words or a type are ruled out."""
    ruled_out = steps[-1].schema["not"]
    if not isinstance(ruled_out, dict) or "description" in ruled_out:
        return ""
    what = f"{subject(path)} is {show(instance)}"
    if ruled_out == {"type": "null"}:
        return f"{what}, where a value is wanted"
    if ruled_out.keys() <= {"type"}:
        return f"{what}, where any other type is wanted" if ruled_out else ""
    if not ruled_out.keys() <= {"const", "enum"}:
        return ""
    words = [ruled_out["const"]] if "const" in ruled_out else ruled_out["enum"]
    options = [option for option in _declared_options(resources, steps, path) if not any(_same(option, word) for word in words)]
    if options:
        return f"{what}, where {join_words([option if isinstance(option, str) else show(option) for option in options])} is wanted"
    return f"{what}, where any value but {join_words([show(word) for word in words], 'and')} may stand"


def _declared_options(resources: Resources, steps: list[Step], path: Path) -> list[Any]:
    """The values that a member may have by its declaration, where it lists them."""
    declared = [steps[0]]
    for token in path:
        declared = [step for holder in declared for step in _member(resources, holder, token)]
    for step in declared:
        for held in applied(resources, step):
            if "enum" in held.schema:
                return list(held.schema["enum"])
            if held.schema.get("type") == "boolean":
                return [True, False]
    return []


def _member(resources: Resources, holder: Step, token: Any) -> list[Step]:
    way = ("properties", token) if isinstance(token, str) else ("items",)
    found = []
    for step in follow(resources, holder):
        node = step.schema
        for part in way:
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, dict):
            found.append(Step(node, Place(step.place.uri, (*step.place.path, *way))))
    return found


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) and (kind(one) == kind(other))
