"""The ways to a goal: its schemas taken apart into keywords that each speak of the value itself.

Each way chooses the branches of every anyOf, oneOf and if, and of each schema that must not hold one keyword that is broken. First
come the `aims`, one for every keyword that can be broken; then, for each of them, the `leaves`, ways in which all else may hold. The
choices that a given value, the hint, makes already come first, then ways that differ from it in one choice, in two.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import islice
from typing import Any

from srcos_contracts.compat.atoms import frozen
from srcos_contracts.compat.goals import ABSENCE, PRESENCE, Goal, Leaf, Literal, interleaved, kinds_of
from srcos_contracts.compat.held import ALONE, BESIDE, Held
from srcos_contracts.compat.reading import Node, alike, same
from srcos_contracts.contracts.trace import REFERENCES
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT

__all__ = ["Aim", "aims", "leaves"]

_MOST_DIFFERENT = 3

_NO_OBJECTS = ["string", "number", "boolean", "null", "array"]

_MOST_STEPS = 10_000

_MOST_DEEP = 60

_MOST_PAIRS = 600

_LOOKED_AT = 16

_SILENT = frozenset(
    (
        "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$defs", "definitions", "$comment", "$vocabulary", "title",
        "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "then", "else", "minContains", "maxContains",
        "contentSchema", "contentEncoding", "contentMediaType",
    )
)  # fmt: skip


class _Task(NamedTuple):
    node: Node
    wanted: bool
    aimed: bool
    """Whether all ways of breaking it are looked for, not only those near the hint."""
    depth: int = 0


_Option = tuple[tuple[_Task, ...], tuple[Literal, ...], tuple[Literal, ...]]
"""Further tasks, keywords that hold, keywords that do not."""


_Choice = tuple[list[_Option], bool]
"""Options, and whether what is aimed at depends on them."""


class Aim(NamedTuple):
    """A goal with every choice made that decides what is broken; choices of how all else holds are open."""

    leaf: Leaf
    choices: tuple[_Choice, ...]


def aims(goal: Goal, stopped: Callable[[], bool]) -> Iterator[Aim]:
    """The ways to break what a goal says is to fail, of each schema and keyword one in turn."""
    tasks = (*(_Task(node, True, False) for node in goal.holds), *(_Task(node, False, True) for node in goal.fails))
    return _aims(tasks, Aim(Leaf(), ()), Held(goal), stopped)


def _aims(tasks: Sequence[_Task], aim: Aim, held: Held, stopped: Callable[[], bool]) -> Iterator[Aim]:
    settled = None if stopped() else _settled(tasks, aim, held, stopped)
    if settled is None:
        return
    at = next((at for at, choice in enumerate(settled.choices) if choice[1]), None)
    if at is None:
        yield settled
        return
    rest = (*settled.choices[:at], *settled.choices[at + 1 :])
    fitting = [option for option in settled.choices[at][0] if _fits(option, settled.leaf)]
    yield from interleaved([_aims(more, Aim(_joined(settled.leaf, yes, no), rest), held, stopped) for more, yes, no in fitting])


def leaves(aim: Aim, goal: Goal, hint: Any, stopped: Callable[[], bool]) -> Iterator[Leaf]:
    """The ways in which all else may hold, those that differ from the hint in fewer choices first."""
    held = Held(goal)
    for different in range(_MOST_DIFFERENT + 1):
        yield from _leaves((), aim, hint, different, held, stopped)


def _leaves(tasks: Sequence[_Task], aim: Aim, hint: Any, different: int, held: Held, stopped: Callable[[], bool]) -> Iterator[Leaf]:
    """The ways that differ from the hint in exactly so many choices."""
    settled = None if stopped() else _settled(tasks, aim, held, stopped)
    if settled is None:
        return
    leaf, choices = settled
    if not choices:
        if different == 0 and _possible(leaf):
            yield leaf
        return
    at = _next(choices, leaf)
    rest = (*choices[:at], *choices[at + 1 :])
    denied = {_denial(literal) for literal in leaf.no}
    fitting = [option for option in choices[at][0] if _fits(option, leaf) and not _is_denied(option, denied)]
    for index, (more, yes, no) in enumerate(_by_hint(fitting, hint)):
        if index and not different:
            return
        yield from _leaves(more, Aim(_joined(leaf, yes, no), rest), hint, different - (index > 0), held, stopped)


def _settled(tasks: Sequence[_Task], aim: Aim, held: Held, stopped: Callable[[], bool]) -> Aim | None:
    """What follows from some tasks without any choice, and the choices that remain; None where they contradict each other."""
    leaf = aim.leaf
    pending, found = list(tasks), list(aim.choices)
    for step, task in enumerate(pending):
        if step % _LOOKED_AT == _LOOKED_AT - 1 and stopped():
            return None
        if task.depth > _MOST_DEEP or step > _MOST_STEPS or (task.node.schema is not task.wanted and isinstance(task.node.schema, bool)):
            return None
        if not isinstance(task.node.schema, dict):
            continue
        if task.wanted:
            sure, literals, branching = _required(task)
            pending += sure
            leaf = _joined(leaf, tuple(literals), ())
            found += [(options, False) for options in branching]
            continue
        options = _ways_to_break(task, held)
        if not options:
            return None
        if len(options) == 1:
            more, yes, no = options[0]
            pending += more
            leaf = _joined(leaf, yes, no)
        else:
            found.append((options, task.aimed))
    return Aim(leaf, tuple(found)) if kinds_of(leaf) else None


def _next(choices: Sequence[_Choice], leaf: Leaf) -> int:
    """The choice to make next: one that has become none, or the first."""
    return next((at for at, (options, _) in enumerate(choices) if sum(_fits(option, leaf) for option in options) < 2), 0)


def _joined(leaf: Leaf, yes: tuple[Literal, ...], no: tuple[Literal, ...]) -> Leaf:
    return Leaf((*leaf.yes, *yes), (*leaf.no, *no))


def _possible(leaf: Leaf) -> bool:
    return all(_fits(((), (literal,), ()), Leaf(leaf.yes, ())) for literal in leaf.yes if literal.keyword == ABSENCE)


def _fits(option: _Option, leaf: Leaf) -> bool:
    """Whether it cannot be seen at once that an option contradicts what is chosen already."""
    _, yes, no = option
    if (yes or no) and not kinds_of(_joined(leaf, yes, no)):
        return False
    required = {name for literal in leaf.yes if literal.keyword in ("required", PRESENCE) for name in _names(literal)}
    absent = {literal.value for literal in leaf.yes if literal.keyword == ABSENCE}
    if any(literal.keyword == ABSENCE and literal.value in required for literal in yes):
        return False
    if any(literal.keyword == PRESENCE and literal.value in absent for literal in yes):
        return False
    for literal in no:
        if literal.keyword == "required" and required.issuperset(literal.value):
            return False
        if any(_says_the_same(literal, other) for other in leaf.yes):
            return False
    return True


def _says_the_same(literal: Literal, other: Literal) -> bool:
    """Whether two keywords say the same, whatever stands beside them. Draft 4 has a narrower notion of an integer."""
    if literal.keyword != other.keyword or literal.keyword not in ALONE or not alike(literal.value, other.value):
        return False
    return literal.keyword != "type" or literal.node.reading.tells_spellings is other.node.reading.tells_spellings


def _denial(literal: Literal) -> tuple[str, Hashable]:
    return literal.keyword, frozen(literal.value)


def _is_denied(option: _Option, denied: set[tuple[str, Hashable]]) -> bool:
    """Whether all that an option asks for is one keyword that must not hold, as among the constants of an anyOf."""
    tasks, yes, _ = option
    if not denied or len(tasks) != 1 or yes or not tasks[0].wanted or not isinstance(tasks[0].node.schema, dict):
        return False
    schema = tasks[0].node.schema
    keyword = next(iter(schema), "")
    return len(schema) == 1 and keyword in ALONE and _denial(Literal(keyword, schema[keyword], tasks[0].node)) in denied


def _names(literal: Literal) -> Sequence[str]:
    return literal.value if isinstance(literal.value, list) else [literal.value]


def _by_hint(options: list[_Option], hint: Any) -> list[_Option]:
    if hint is ABSENT or len(options) == 1:
        return options
    return sorted(options, key=lambda option: not _agrees(option, hint))


def _agrees(option: _Option, hint: Any) -> bool:
    """Whether the hint is as the option demands."""
    tasks, yes, no = option
    return (
        all(task.node.reading.accepts(task.node, hint) is task.wanted for task in tasks)
        and all(_literal_holds(literal, hint) for literal in yes)
        and not any(_literal_holds(literal, hint) for literal in no)
    )


def _literal_holds(literal: Literal, value: Any) -> bool:
    if literal.keyword in (PRESENCE, ABSENCE):
        return not isinstance(value, dict) or (literal.value in value) is (literal.keyword == PRESENCE)
    names = BESIDE.get(literal.keyword, (literal.keyword,))
    part = {name: literal.node.schema[name] for name in names if name in literal.node.schema}
    return literal.node.reading.accepts(literal.node._replace(schema={**part, literal.keyword: literal.value}), value)


def _required(task: _Task) -> tuple[list[_Task], list[Literal], list[list[_Option]]]:
    """Of a schema that holds: what surely holds with it, its own keywords, and its choices."""
    node, depth = task.node, task.depth + 1
    sure: list[_Task] = []
    literals: list[Literal] = []
    branching: list[list[_Option]] = []

    def one(inner: Node, wanted: bool = True) -> _Task:
        return _Task(inner, wanted, False, depth)

    for keyword, value in node.reading.keywords(node.schema):
        if keyword in _SILENT:
            continue
        if keyword in REFERENCES:
            target = node.reading.target(node, keyword, str(value))
            sure += [one(target)] if target is not None else []
        elif keyword == "allOf":
            sure += [one(node.under(keyword, index)) for index in range(len(value))]
        elif keyword == "anyOf":
            branching.append([((one(node.under(keyword, index)),), (), ()) for index in range(len(value))])
        elif keyword == "oneOf":
            branching.append([(_only(node, index, len(value), one), (), ()) for index in range(len(value))])
        elif keyword == "not":
            sure.append(one(node.under(keyword), False))
        elif keyword == "if":
            parts = node.reading.parts(node.schema)
            yes = (one(node.under("if")), *([one(node.under("then"))] if "then" in parts else []))
            no = (one(node.under("if"), False), *([one(node.under("else"))] if "else" in parts else []))
            if "then" in parts or "else" in parts:
                branching.append([(no, (), ()), (yes, (), ())])
        elif keyword in ("dependentSchemas", "dependencies", "dependentRequired") and isinstance(value, dict):
            for name, member in value.items():
                absent = Literal(ABSENCE, name, node)
                present = Literal(PRESENCE, name, node)
                other = Literal("type", _NO_OBJECTS, node)
                if isinstance(member, list):
                    with_it: _Option = ((), (present, Literal("required", member, node)), ())
                else:
                    with_it = ((one(node.under(keyword, name)),), (present,), ())
                branching.append([((), (absent,), ()), with_it, ((), (other,), ())])
        else:
            literals.append(Literal(keyword, value, node))
    return sure, literals, branching


def _only(node: Node, chosen: int, count: int, one: Callable[[Node, bool], _Task]) -> tuple[_Task, ...]:
    return tuple(one(node.under("oneOf", index), index == chosen) for index in sorted(range(count), key=lambda index: index != chosen))


def _ways_to_break(task: _Task, held: Held) -> list[_Option]:
    """Of a schema that must not hold: each way in which one of its keywords does not."""
    node, depth = task.node, task.depth + 1
    options: list[_Option] = []
    if any(same(node, other) for other in held.nodes):
        return options

    def one(inner: Node, wanted: bool = False) -> _Task:
        return _Task(inner, wanted, task.aimed and not wanted, depth)

    for keyword, value in node.reading.keywords(node.schema):
        if keyword in _SILENT or held.excludes(Literal(keyword, value, node)):
            continue
        if keyword in REFERENCES:
            target = node.reading.target(node, keyword, str(value))
            # Of what another dialect says nothing is known here but that some value, of whatever kind, may break it.
            options.append(((one(target),), (), ()) if target is not None else ((), (), (Literal(keyword, value, node),)))
        elif keyword == "allOf":
            options += [((one(node.under(keyword, index)),), (), ()) for index in range(len(value))]
        elif keyword == "anyOf":
            options.append((tuple(one(node.under(keyword, index)) for index in range(len(value))), (), ()))
        elif keyword == "oneOf":
            options.append((tuple(one(node.under(keyword, index)) for index in range(len(value))), (), ()))
            # Neighbours first; of very many branches not every two.
            pairs = ((first, first + gap) for gap in range(1, len(value)) for first in range(len(value) - gap))
            options += [
                ((one(node.under(keyword, first), True), one(node.under(keyword, second), True)), (), ())
                for first, second in islice(pairs, _MOST_PAIRS)
            ]
        elif keyword == "not":
            options.append(((one(node.under(keyword), True),), (), ()))
        elif keyword == "if":
            parts = node.reading.parts(node.schema)
            if "then" in parts:
                options.append(((one(node.under("if"), True), one(node.under("then"))), (), ()))
            if "else" in parts:
                options.append(((one(node.under("if")), one(node.under("else"))), (), ()))
        elif keyword in ("dependentSchemas", "dependencies", "dependentRequired") and isinstance(value, dict):
            for name, member in value.items():
                present = Literal(PRESENCE, name, node)
                if isinstance(member, list):
                    options += [((), (present,), (Literal("required", [other], node),)) for other in member]
                else:
                    options.append(((one(node.under(keyword, name)),), (present,), ()))
        elif keyword == "required":
            options += [((), (), (Literal(keyword, [name], node),)) for name in value] if isinstance(value, list) else []
        elif keyword == "properties":
            names = [name for name in value if value[name] is not True and not held.demands(node, keyword, name)]
            options += [((), (), (Literal(keyword, {name: value[name]}, node),)) for name in names]
        else:
            options.append(((), (), (Literal(keyword, value, node),)))
    return options
