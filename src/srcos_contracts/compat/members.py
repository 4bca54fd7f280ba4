"""When atoms about the members of objects follow from what is known of a value."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from srcos_contracts.compat.atoms import Atom, Node
from srcos_contracts.compat.evaluation import members_for, satisfies
from srcos_contracts.compat.facts import Facts, Logic, Reason, matching, present, typed
from srcos_contracts.compat.language import TooLarge, Unreadable, any_of_texts, shortest

__all__ = ["dependent", "impossible_object", "is_absent", "members", "names", "number", "required"]

_MOST_PATTERNS = 5
_STRING = typed("string")


def is_absent(logic: Logic, facts: Facts, name: str) -> bool:
    """Whether an object is known not to have a member of a name."""
    for atom in facts.of("not"):
        inner = [part for part in atom.nodes[0].atoms if part.kind != "type" or "object" not in part.value]
        if len(inner) == 1 and inner[0].kind == "required" and inner[0].value == name:
            return True
    if any(satisfies(atom.nodes[0], name) is False for atom in facts.of("propertyNames")):
        return True
    return facts.most("maxProperties") == 0 or logic.refutes_below(logic.facts(facts.member(name)))


def members(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    names, patterns, rest = goal.value
    explicit = dict.fromkeys(names)
    if patterns or rest:
        explicit.update(dict.fromkeys(name for group in facts.of("members") for name in group.value[0]))
    for name in explicit:
        wanted = [node for node in members_for(goal, name) if node.atoms]
        if wanted:
            child = logic.facts(facts.member(name))
            if is_absent(logic, facts, name):
                continue
            for node in wanted:
                # A member that is wrong is there: that may say something of the others.
                if not logic.proves_below(child, node) and not logic.excludes(facts, present(name), logic.wrong(name, node)):
                    return None
    if (patterns or rest) and not _unnamed(logic, facts, goal):
        return None
    return Reason("")


def _unnamed(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Whether a group of members is shown to hold for the members that no group names."""
    groups = facts.of("members")
    patterns = dict.fromkeys(pattern for group in (goal, *groups) for pattern in group.value[1])
    if len(patterns) > _MOST_PATTERNS:
        return _by_pattern(logic, facts, goal)
    required, refused = _of_names(facts)
    for count in range(len(patterns) + 1):
        for matched in combinations(patterns, count):
            wanted = [node for node in _nodes(goal, matched) if node.atoms]
            if not wanted:
                continue
            unmatched = frozenset(patterns.keys() - set(matched))
            if _is_empty(frozenset(matched) | required, unmatched | refused):
                continue
            child = logic.facts(node for group in groups for node in _nodes(group, matched))
            if not all(logic.proves_below(child, node) for node in wanted):
                return False
    return True


def _by_pattern(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """As above, where there are too many patterns to look at each set of them: each must be among what is known."""
    _, patterns, rest = goal.value
    groups = facts.of("members")
    for pattern in patterns:
        wanted = next(iter(_nodes(goal, (pattern,))))
        child = logic.facts(node for group in groups if pattern in group.value[1] for node in _nodes(group, (pattern,)))
        if not logic.proves_below(child, wanted):
            return False
    if not rest:
        return True
    # What matches none of the goal's patterns matches none of those that are known, where these are among them.
    alike = [group for group in groups if set(group.value[1]) <= set(patterns)]
    return logic.proves_below(logic.facts(node for group in alike for node in _nodes(group, ())), goal.nodes[-1])


def _nodes(group: Atom, matched: tuple[str, ...]) -> Iterator[Node]:
    """The schemas that a group has for names that it does not name and that match just these patterns."""
    names, patterns, rest = group.value
    found = False
    for index, pattern in enumerate(patterns, len(names)):
        if pattern in matched:
            found = True
            yield group.nodes[index]
    if rest and not found:
        yield group.nodes[-1]


def _of_names(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    """Patterns that all names match, and that none matches."""
    required, refused = set(), set()
    for atom in facts.of("propertyNames"):
        for part in atom.nodes[0].atoms:
            if part.kind == "pattern":
                required.add(str(part.value))
            elif part.kind == "enum":
                required.add(any_of_texts(part.raw))
            elif part.kind == "not" and [inner.kind for inner in part.nodes[0].atoms] == ["pattern"]:
                refused.add(str(part.nodes[0].atoms[0].value))
    return frozenset(required), frozenset(refused)


def _is_empty(matched: frozenset[str], unmatched: frozenset[str]) -> bool:
    if not matched and not unmatched:
        return False
    try:
        return shortest(matched, unmatched) is None
    except (TooLarge, Unreadable):
        return False


def required(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    for atom in facts.of("minProperties"):
        groups = [group for group in facts.of("members") if _is_closed(logic, group)]
        for group in groups:
            possible = {name for name in group.value[0] if not is_absent(logic, facts, name)}
            if goal.value in possible and len(possible) <= int(atom.value):
                return Reason("there are not more names that it may have than it must have members", atom)
    return None


def _is_closed(logic: Logic, group: Atom) -> bool:
    """Whether a group names all members that there may be."""
    _, patterns, rest = group.value
    return bool(rest) and not patterns and logic.refutes_below(logic.facts((group.nodes[-1],)))


def dependent(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    name = str(goal.value)
    if is_absent(logic, facts, name):
        return Reason(f"{name} never comes")
    if name in facts.required:
        return Reason("") if logic.proves(facts, goal.nodes[0]) else None
    return Reason("") if logic.proves(logic.with_(facts, present(name), typed("object")), goal.nodes[0]) else None


def names(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    wanted = goal.nodes[0]
    known = logic.facts((_STRING, *(atom.nodes[0] for atom in facts.of("propertyNames"))))
    if logic.tries(known, wanted):
        return Reason("every name that can come is taken", next(iter(facts.of("propertyNames")), None))
    for group in facts.of("members"):
        declared, patterns, rest = group.value
        if not rest or not logic.refutes_below(logic.facts((group.nodes[-1],))):
            continue
        fits = all(satisfies(wanted, name) is True or is_absent(logic, facts, name) for name in declared)
        if fits and all(logic.tries(logic.with_(known, matching(pattern)), wanted) for pattern in patterns):
            return Reason("every name that is declared is taken", group)
    return None


def number(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    wanted = int(goal.value)
    if goal.kind == "minProperties":
        known = max(facts.least("minProperties"), len(facts.required))
        return Reason("as many members always come", next(iter(facts.of("minProperties")), None)) if known >= wanted else None
    most = facts.most("maxProperties")
    if most is not None and most <= wanted:
        return Reason("no more members can come", facts.of("maxProperties")[0])
    for group in facts.of("members"):
        if _is_closed(logic, group) and sum(not is_absent(logic, facts, name) for name in group.value[0]) <= wanted:
            return Reason("no more members are declared", group)
    for atom in facts.of("propertyNames"):
        few = [part for part in atom.nodes[0].atoms if part.kind == "enum" and len(part.raw) <= wanted]
        if few:
            return Reason("no more names can come", atom)
    return None


def impossible_object(logic: Logic, facts: Facts) -> bool:
    """Whether no object satisfies all that is known."""
    most = facts.most("maxProperties")
    if most is not None and max(facts.least("minProperties"), len(facts.required)) > most:
        return True
    return any(is_absent(logic, facts, str(name)) for name in facts.required)
