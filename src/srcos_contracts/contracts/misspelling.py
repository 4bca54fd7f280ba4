"""Names that nobody declared, and the declared ones that they are most likely meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from srcos_contracts.contracts.detail import fold_name
from srcos_contracts.contracts.fault import Diagnosis
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.wording import show

__all__ = ["OWN_NAME", "Declared", "likeliest", "merged"]

OWN_NAME = "give it a name that begins with x-"

_MOST_NAMES = 200
"""Undeclared names up to which those with other letters are compared as well."""

_CLOSE = 0.8
_CLOSEST = 0.9
_LONGEST = 200
_SHORTEST = 4


class Declared(NamedTuple):
    """The names that an object may have, by what it does with them; each with the other names that producers have for it."""

    missing: Mapping[str, Sequence[str]]
    unused: Mapping[str, Sequence[str]]
    used: Mapping[str, Sequence[str]]


def likeliest(name: str, declared: Declared, closely: bool = True) -> str | None:
    """The declared name that `name` is meant to be: one that differs only in style, or an alias, before one with other letters.

    Those that the object lacks come first. Without `closely` the letters must be the same, which costs little.
    """
    folded = fold_name(name[:_LONGEST])
    for group in declared:
        for own, aliases in group.items():
            if folded in (fold_name(own), *map(fold_name, aliases)):
                return own
    if not closely:
        return None
    lacking = _closest(folded, [*declared.missing, *declared.unused], _CLOSE)
    return lacking if lacking is not None else _closest(folded, declared.used, _CLOSEST)


def _closest(folded: str, names: Iterable[str], least: float) -> str | None:
    import difflib

    best: tuple[float, str] | None = None
    for name in names:
        other = fold_name(name)
        matcher = difflib.SequenceMatcher(None, other, folded)
        share = 1.0 if _one_slip(folded, other) else matcher.ratio() if matcher.quick_ratio() >= least else 0.0
        if share >= least and (best is None or share > best[0]):
            best = share, name
    return best[1] if best else None


def _one_slip(one: str, other: str) -> bool:
    """Whether two names differ by one letter that is missing, surplus or another, or by two that have changed places."""
    if min(len(one), len(other)) < _SHORTEST or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def merged(resources: Resources, record: Any, told: Sequence[tuple[Step, Diagnosis]]) -> list[Diagnosis]:
    """The faults of a record, those of undeclared names each with the declared name that is meant, where there is one.

    Each stands with the schema that it breaks. An undeclared name that is nearly a missing one is one fault, at the name:
    that of the missing one, where that is an error.
    """
    absent: dict[Path, dict[str, list[Diagnosis]]] = {}
    for _, item in told:
        if item.missing:
            absent.setdefault(item.path[:-1], {}).setdefault(str(item.path[-1]), []).append(item)
    known: dict[tuple[Place, Path], dict[str, tuple[str, ...]]] = {}
    compared = 0
    result: list[Diagnosis] = []
    for holder, item in told:
        if not item.at_key or item.keyword != "additionalProperties":
            result.append(item)
            continue
        at, name = item.path[:-1], str(item.path[-1])
        if (holder.place, at) not in known:
            known[holder.place, at] = _names(resources, holder)
        names, instance, lacking = known[holder.place, at], lookup(record, at), absent.get(at, {})
        declared = Declared(
            {own: names.get(own, ()) for own in lacking},
            {own: aliases for own, aliases in names.items() if own not in instance},
            {own: aliases for own, aliases in names.items() if own in instance},
        )
        compared += 1
        meant = likeliest(name, declared, compared <= _MOST_NAMES)
        result.append(item if meant is None else _misspelt(item, name, meant, meant in instance, lacking.pop(meant, [])))
    left = {id(item) for members in absent.values() for items in members.values() for item in items}
    return [item for item in result if not item.missing or id(item) in left]


def _misspelt(item: Diagnosis, name: str, meant: str, there: bool, missing: list[Diagnosis]) -> Diagnosis:
    """The finding of an undeclared name that is likely meant to be `meant`: whether it is there, or what is told of its absence."""
    own = OWN_NAME in item.help
    if there:
        help = f"move what it holds to {meant}, or {OWN_NAME if own else 'remove it'}"
        return item._replace(message=f"{item.message}; {meant} stands there already", help=help)
    errors = [other for other in missing if other.severity == "error"]
    if not errors:
        help = f"rename {show(name)} to {meant}" + (f"; if it says something else, {OWN_NAME}" if own else "")
        return item._replace(message=f"{item.message}; did you mean {meant}?", help=help, meant=meant)
    match = next((error for error in errors if not error.rule.startswith("schema-")), errors[0])
    detail = f"{show(name)} stands where {meant} is missing; did you mean {meant}?"
    message, inner = (match.message, detail) if match.detail else (detail, "")
    return match._replace(
        message=message, detail=inner, path=item.path, missing=False, at_key=True, help=f"rename {show(name)} to {meant}", meant=meant
    )


def _names(resources: Resources, holder: Step) -> dict[str, tuple[str, ...]]:
    """The names that a schema declares for the members of an object, each with its aliases."""
    found: dict[str, tuple[str, ...]] = {}
    for name, schema in holder.schema.get("properties", {}).items():
        place = Place(holder.place.uri, (*holder.place.path, "properties", name))
        forms = [step.schema for step in follow(resources, Step(schema, place)) if isinstance(step.schema, dict)]
        found[name] = tuple(str(alias) for form in forms for alias in form.get("x-alias", ()))
    return found
