"""Objects that are what a leaf demands: which members there are, and what each of them accepts and breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from srcos_contracts.compat.goals import ABSENCE, PRESENCE, Goal, Leaf, Literal, stated
from srcos_contracts.compat.reading import Node
from srcos_contracts.compat.relations import places
from srcos_contracts.compat.words import words
from srcos_contracts.contracts.engine import SchemaError, matcher
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT

__all__ = ["MOST_MEMBERS", "objects"]

Make = Callable[[Goal, Any], Iterator[Any]]

_MOST_PLANS = 64
_MOST_VARIANTS = 10
MOST_MEMBERS = 2_000
_UNDECLARED = ("zzz", "a", "x-a", "", "Z", "0", "zz zz", "é")
_SPARE: tuple[Any, ...] = ("a", 0, None, True, 0.5, [], {})
_NAMING = frozenset(("patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames"))
"""Keywords that a member of some new name may break."""
_MEMBER_KEYWORDS = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")


class _Plan(NamedTuple):
    present: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    breaks: tuple[tuple[str, Node], ...] = ()
    """Names, and what their members break."""
    least: int = 0
    most: int = MOST_MEMBERS


def objects(leaf: Leaf, hint: Any, make: Make, known: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Objects for a leaf; whoever uses one checks it. `known` are names of members that schemas declare anywhere."""
    declaring = list({literal.node.key: literal.node for literal in leaf.yes if literal.keyword in _MEMBER_KEYWORDS}.values())
    present = tuple(name for literal in leaf.yes if literal.keyword in ("required", PRESENCE) for name in _names(literal.value))
    absent = frozenset(literal.value for literal in leaf.yes if literal.keyword == ABSENCE)
    least = max([0, *(_count(literal.value) for literal in leaf.yes if literal.keyword == "minProperties")])
    most = min([MOST_MEMBERS, *(_count(literal.value) for literal in leaf.yes if literal.keyword == "maxProperties")])
    plans = [_Plan(present, absent, (), least, most)]
    named = any(literal.keyword in _NAMING for literal in leaf.no)
    names = tuple(_possible_names((*known, *_named_by_patterns(leaf), *_UNDECLARED), declaring)) if named else ()
    for literal in leaf.no:
        broken = (each for plan in plans for each in _broken(plan, literal, hint, make, names))
        plans = list(islice(broken, _MOST_PLANS))
    for plan in plans:
        if not plan.absent.intersection(plan.present) and plan.least <= plan.most:
            yield from _filled(plan, leaf, declaring, hint, make, known)


def _possible_names(names: Sequence[str], declaring: Sequence[Node]) -> Iterator[str]:
    """The names of members that what holds does not forbid."""
    closed = [node for node in declaring if node.reading.parts(node.schema).get("additionalProperties") is False]
    return (name for name in dict.fromkeys(names) if all(next(_applied(node, name)).schema is not False for node in closed))


def _named_by_patterns(leaf: Leaf) -> Iterator[str]:
    """Names that patterns of what holds let pass, some of which no pattern of what fails matches, and those that none of all matches."""
    kept = [pattern for literal in leaf.yes if literal.keyword == "patternProperties" for pattern in literal.value]
    asked = [
        literal.value["pattern"]
        for literal in leaf.yes
        if literal.keyword == "propertyNames" and isinstance(literal.value, dict) and isinstance(literal.value.get("pattern"), str)
    ]
    for literal in leaf.no:
        if literal.keyword in ("additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames"):
            refused = [str(pattern) for pattern in literal.node.reading.parts(literal.node.schema).get("patternProperties", ())]
            for pattern in (*kept, *asked):
                yield from islice(words([pattern], refused), 2)
            if kept:
                yield from islice(words(asked, [*kept, *refused]), 1)


def _names(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else [str(value)] if isinstance(value, str) else []


def _count(value: Any) -> int:
    return int(min(value, MOST_MEMBERS)) if isinstance(value, (int, float, Decimal)) else 0


def _broken(plan: _Plan, literal: Literal, hint: Any, make: Make, known: Sequence[str]) -> Iterator[_Plan]:
    keyword, value, node = literal
    if keyword == "required":
        yield from (plan._replace(absent=plan.absent | {name}) for name in _names(value))
    elif keyword == "minProperties":
        yield plan._replace(most=min(plan.most, _count(value) - 1))
    elif keyword == "maxProperties":
        yield plan._replace(least=max(plan.least, _count(value) + 1))
    elif keyword == "properties":
        yield from (_with_member(plan, name, node.under(keyword, name)) for name in value if value[name] is not True)
    elif keyword == "patternProperties":
        for pattern in value:
            for name in islice(_matching(pattern, hint, known), 4):
                yield _with_member(plan, name, node.under(keyword, pattern))
    elif keyword == "additionalProperties":
        parts = node.reading.parts(node.schema)
        declared, patterns = parts.get("properties", {}), list(parts.get("patternProperties", ()))
        for name in _not_covered(declared, patterns, hint, known):
            yield _with_member(plan, name, node.under(keyword))
    elif keyword == "unevaluatedProperties":
        for name in dict.fromkeys((*known, *_keys(hint))):
            yield _with_member(plan, name, node.under(keyword))
    elif keyword == "propertyNames":
        for name in islice(make(Goal((), (node.under(keyword),)), ABSENT), 12):
            if isinstance(name, str):
                yield plan._replace(present=(*plan.present, name))
        for name in known:
            if not node.reading.accepts(node.under(keyword), name):
                yield plan._replace(present=(*plan.present, name))
    elif keyword in ("const", "enum"):
        # Another value than each that is named: with more members, or with another one.
        yield plan
        named = [each for each in stated(literal) if isinstance(each, dict)]
        if named:
            yield plan._replace(least=max(plan.least, *(len(each) + 1 for each in named)))
            yield from (plan._replace(present=(*plan.present, *each)) for each in named)
    elif keyword in ASSERTIONS:
        # A relation speaks of places that are there; those that the hint has may do as well.
        yield plan._replace(present=(*plan.present, *(path[0] for path in places(literal) if path)))
        yield plan
    else:
        yield plan


def _with_member(plan: _Plan, name: str, inner: Node) -> _Plan:
    return plan._replace(present=(*plan.present, name), breaks=(*plan.breaks, (name, inner)))


def _keys(hint: Any) -> list[str]:
    return list(hint) if isinstance(hint, dict) else []


def _matches(pattern: str, name: str) -> bool:
    try:
        return matcher(pattern)(name)
    except SchemaError:
        return False


def _matching(pattern: str, hint: Any, known: Sequence[str]) -> Iterator[str]:
    yield from (name for name in _keys(hint) if _matches(pattern, name))
    yield from islice(words([pattern], known), 2)
    yield from (name for name in (*known, *_UNDECLARED, *islice(words([pattern]), 4)) if _matches(pattern, name))


def _not_covered(declared: Any, patterns: Sequence[str], hint: Any, known: Sequence[str]) -> Iterator[str]:
    made = words((), patterns, 1, 6)
    tried = dict.fromkeys((*known, *_keys(hint), *islice(made, 4)))
    return (name for name in tried if name not in declared and not any(_matches(pattern, name) for pattern in patterns))


def _applied(node: Node, name: str) -> Iterator[Node]:
    """The schemas that a node has for the member of a name."""
    parts = node.reading.parts(node.schema)
    covered = name in parts.get("properties", {})
    if covered:
        yield node.under("properties", name)
    for pattern in parts.get("patternProperties", ()):
        if _matches(pattern, name):
            covered = True
            yield node.under("patternProperties", pattern)
    if covered:
        return
    if "additionalProperties" in parts:
        yield node.under("additionalProperties")
    elif isinstance(parts.get("unevaluatedProperties"), dict):
        # Of a name that is evaluated elsewhere it says nothing, but a member that fits both is no less good.
        yield node.under("unevaluatedProperties")


def _filled(plan: _Plan, leaf: Leaf, declaring: Sequence[Node], hint: Any, make: Make, known: Sequence[str]) -> Iterator[dict[str, Any]]:
    base = hint if isinstance(hint, dict) else {}
    names = dict.fromkeys((*(name for name in base if name not in plan.absent), *plan.present))
    if plan.absent.intersection(names):
        return
    if len(names) > plan.most:
        kept = [name for name in names if name not in plan.present][: max(0, plan.most - len(set(plan.present)))]
        names = dict.fromkeys(name for name in names if name in plan.present or name in kept)
        if len(names) > plan.most:
            return
    members: dict[str, Any] = {}
    choices: list[tuple[str, Iterator[Any]]] = []
    for name in names:
        options = _member(plan, declaring, name, base.get(name, ABSENT), make)
        member = next(options, ABSENT)
        if member is not ABSENT:
            members[name] = member
            if name not in base or any(name == broken for broken, _ in plan.breaks):
                choices.append((name, options))
        elif name in plan.present:
            return
    members.update(_more(plan, members, declaring, make, known))
    if len(members) < plan.least:
        return
    yield members
    choices.sort(key=lambda choice: all(choice[0] != broken for broken, _ in plan.breaks))
    for name, options in choices[:6]:
        for option in islice(options, _MOST_VARIANTS):
            yield {**members, name: option}


def _member(plan: _Plan, declaring: Sequence[Node], name: str, hint: Any, make: Make) -> Iterator[Any]:
    holds = tuple(inner for node in declaring for inner in _applied(node, name))
    fails = tuple(inner for broken, inner in plan.breaks if broken == name)
    if holds or fails:
        return make(Goal(holds, fails), hint)
    return iter((hint,) if hint is not ABSENT else _SPARE)


def _more(plan: _Plan, members: dict[str, Any], declaring: Sequence[Node], make: Make, known: Sequence[str]) -> dict[str, Any]:
    """Further members, where there have to be more."""
    found: dict[str, Any] = {}
    if len(members) >= plan.least:
        return found
    parts = [node.reading.parts(node.schema) for node in declaring]
    declared = [name for part in parts for name in part.get("properties", ())]
    patterns = [pattern for part in parts for pattern in part.get("patternProperties", ())]
    matching = [name for pattern in patterns for name in islice(words([pattern]), 8)]
    numbered = (f"a{number}" for number in range(MOST_MEMBERS))
    for name in dict.fromkeys((*declared, *matching, *known, *_UNDECLARED, *numbered)):
        if len(members) + len(found) >= plan.least:
            break
        if name in members or name in plan.absent:
            continue
        member = next(_member(plan, declaring, name, ABSENT, make), ABSENT)
        if member is not ABSENT:
            found[name] = member
    return found
