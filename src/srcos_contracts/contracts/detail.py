"""What is wrong with one value, in words: the clause that a finding puts under its caret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from srcos_contracts.pointer import ABSENT, Path, Token
from srcos_contracts.wording import a_kind, join_words, kind, nearest, quoted, show

__all__ = ["PLACEHOLDER", "describe", "fold_name", "form", "named", "spelled_form", "subject"]

_FORMATS = {"date-time": "an RFC 3339 date-time with an offset and a real date"}

_CODE = re.compile("`([^`]*)`")
PLACEHOLDER = re.compile(r"<\w[^<>]*>")
"""What stands for a part of a form."""


def subject(path: Path) -> str:
    """How a sentence names the value at `path`."""
    if not path:
        return "the record"
    if isinstance(path[-1], int):
        return f"item {path[-1]} of {named(path[-2]) if len(path) > 1 else 'the record'}"
    return named(path[-1])


def named(token: Token) -> str:
    """A member's name, or an item's number, in words; an empty name in its quotes."""
    return quoted(str(token), 40) or '""'


def spelled_form(schema: dict[str, Any]) -> str:
    """The form that a schema's description spells out: the first span of code with a placeholder, such as `urn:srcos:<id>`; else empty."""
    return next((span for span in _CODE.findall(str(schema.get("description", ""))) if PLACEHOLDER.search(span)), "")


def form(schema: dict[str, Any]) -> str:
    """How a schema with a pattern is named: by the form that its description spells out, its title, or the pattern."""
    spelled = spelled_form(schema)
    if spelled:
        return f"the form {spelled}"
    return f'the form "{schema["title"]}"' if "title" in schema else f"the pattern {schema.get('pattern', '')}"


def describe(keyword: str, demanded: Any, schema: dict[str, Any], instance: Any, path: Path) -> str:
    """How `instance`, which stands at `path`, breaks `keyword`; `demanded` is the keyword's value in `schema`."""
    what = subject(path)
    if instance is ABSENT:
        return f"{what} is missing"
    if keyword == "type":
        types = [demanded] if isinstance(demanded, str) else list(demanded)
        if kind(instance) == "integer" and "integer" in types:
            return f"{what} is {show(instance)}, written with a fraction or an exponent, which draft 4 takes for no integer"
        return f"{what} is {a_kind(kind(instance))}, not {join_words([a_kind(name) for name in types])}"
    if keyword == "const":
        return f"{what} is {show(instance)}, not {show(demanded)}"
    if keyword == "enum":
        options = join_words([option if isinstance(option, str) else show(option) for option in demanded])
        return f"{what} is {show(instance)}, which is not {options}{_did_you_mean(instance, demanded)}"
    if keyword == "format":
        return f"{what} is {show(instance)}, which is not {_FORMATS.get(demanded, f'a {demanded}')}"
    if keyword == "pattern":
        return f"{what} is {show(instance)}, which does not fit {form(schema)}"
    if keyword == "not":
        return f"{what} is {show(instance)}, which is {_noun(demanded) or 'not allowed here'}"
    if keyword in ("minItems", "maxItems", "minProperties", "maxProperties", "minLength", "maxLength"):
        unit = {"I": "item", "P": "member", "L": "character"}[keyword[3]]
        bound = "at least" if keyword.startswith("min") else "at most"
        return f"{what} has {len(instance)} {unit}{'' if len(instance) == 1 else 's'}, not {bound} {demanded}"
    if keyword == "uniqueItems":
        return f"{what} lists {show(_repeated(instance))} twice"
    if keyword == "contains":
        wanted = demanded.get("enum", [demanded["const"]] if "const" in demanded else None) if isinstance(demanded, dict) else None
        item = join_words([str(word) for word in wanted]) if wanted else re.sub("^(?:an?|the) ", "", _noun(demanded))
        return f"{what} has no {item or 'item of the form that is asked for'}"
    if keyword in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        bound = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most", "exclusiveMaximum": "less than"}[keyword]
        return f"{what} is {show(instance)}, not {bound} {show(demanded)}"
    if keyword == "multipleOf":
        return f"{what} is {show(instance)}, not a multiple of {show(demanded)}"
    return f"{what} is {show(instance)}, which is not allowed here"


def fold_name(name: str) -> str:
    """A name without what naming styles differ in: `policy_decision_ref` and `policyDecisionRef` are one."""
    return name.replace("_", "").replace("-", "").lower()


def _noun(schema: Any) -> str:
    """What the values of a schema are, as its description says it, fit to stand within a sentence: `text with a line break`."""
    words = str(schema.get("description", "")) if isinstance(schema, dict) else ""
    words = words.split(". ")[0].rstrip(".")
    return words[:1].lower() + words[1:] if words[1:2].islower() or words[1:2] == " " else words


def _did_you_mean(instance: Any, options: Iterable[Any]) -> str:
    if not isinstance(instance, str):
        return ""
    words = {fold_name(option): option for option in options if isinstance(option, str)}
    close = nearest(fold_name(instance[:100]), words, 0.75)
    return f"; did you mean {words[close]}?" if close else ""


def _repeated(items: list[Any]) -> Any:
    seen: set[str] = set()
    for item in items:
        form = f"{kind(item)} {item!r}"
        if form in seen:
            return item
        seen.add(form)
    return items[0] if items else None
