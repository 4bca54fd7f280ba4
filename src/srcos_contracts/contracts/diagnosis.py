"""From the keywords that a record breaks to what a person is told: which rule, what is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from srcos_contracts.contracts.branches import discriminator, fitting_branch
from srcos_contracts.contracts.detail import describe, form, named, subject
from srcos_contracts.contracts.dialects import is_meta_schema
from srcos_contracts.contracts.engine import matcher
from srcos_contracts.contracts.failure import Failure
from srcos_contracts.contracts.fault import Diagnosis
from srcos_contracts.contracts.judge import NEVER, Judge
from srcos_contracts.contracts.misspelling import OWN_NAME, merged
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow, source_path, trace
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, compile_keyword
from srcos_contracts.contracts.wanted import what_is_wanted, why_no_name
from srcos_contracts.finding import Severity
from srcos_contracts.instant import DATE_TIME_PATTERN
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.reading.limits import MAX_FAULTS
from srcos_contracts.wording import join_words, show

__all__ = ["MORE_FAULTS", "Diagnosis", "diagnose", "places_at_fault"]

MORE_FAULTS = "too-many-faults"
"""The rule of the last finding about a record that has more faults than are told one by one."""


class _Trial(NamedTuple):
    judge: Judge
    record: Any
    name: str
    parts: Mapping[str, str]


class _Cause(NamedTuple):
    """A failure with the schemas on its way, and what it says of one place."""

    steps: list[Step]
    keyword: str
    path: Path
    detail: str
    help: str = ""
    missing: bool = False
    at_key: bool = False
    owner: tuple[Step, ...] = ()
    """Schemas that have a say in the rule before those on the way: of a missing property, its own."""
    offset: int | None = None


_MOST_COUNTED = 20_000
"""Causes that are counted after those that are told."""

_MOST_BRANCHES = 8
"""How many branches of an `anyOf` or `oneOf` are told of, where nothing says which one is meant."""

_FALSE = "false"
"""In place of a keyword: the schema `false` itself."""

_STRICT = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}

# Of several shape faults of one value under one schema object, the first of these is told.
_PRECEDENCE = {"type": 0, "const": 1, "enum": 2, "format": 3, "pattern": 4, "not": 5}


def diagnose(judge: Judge, record: Any, name: str, parts: Mapping[str, str] = NO_PARTS) -> list[Diagnosis]:
    """Every fault of a record under a contract of the given name, in the record's own order; empty where there is none.

    Of a record with more than MAX_FAULTS, the outermost; the last one, of rule MORE_FAULTS, then says how many are left out.
    """
    causes = _all_causes(_Trial(judge, record, name, parts))
    first = _told(islice(causes, MAX_FAULTS))
    found = merged(judge.resources, record, [(cause.steps[-1], _attribute(judge.resources, cause)) for cause in first])
    wanted = {item.path[:length] for item in found for length in range(len(item.path) + 1)}
    order = {path: index for index, path in enumerate(_paths(record, ())) if path in wanted}
    told = sorted(_distinct(found), key=lambda item: (order.get(item.path, _parent_order(order, item.path)), item.path, item.rule))
    return [*told, *_left_out(judge, causes)]


def places_at_fault(judge: Judge, record: Any, parts: Mapping[str, str] = NO_PARTS) -> set[Path]:
    """Where a record is at fault, warnings included: of a member that is missing, the place at which it should be, however it is misspelt.

    Of a record with more than MAX_FAULTS, the outermost places.
    """
    return {cause.path for cause in islice(_all_causes(_Trial(judge, record, "", parts)), MAX_FAULTS)}


def _all_causes(trial: _Trial) -> Iterator[_Cause]:
    failures = trial.judge.failures(trial.record, trial.parts)
    if len(failures) > MAX_FAULTS:
        # Of an object with very many names that nobody declared, what else is wrong comes first.
        failures.sort(key=lambda failure: (len(failure.instance_path), failure.evaluation_path[-1:] == ("additionalProperties",)))
    return (cause for failure in failures for cause in _causes(trial, failure))


def _left_out(judge: Judge, causes: Iterator[_Cause]) -> list[Diagnosis]:
    """What says that there are more causes than were told; empty where there are none."""
    count, worst = 0, False
    for cause in islice(causes, _MOST_COUNTED):
        count += 1
        worst = worst or _attribute(judge.resources, cause).severity == "error"
    if not count:
        return []
    # What is not even counted might hold an error.
    severity: Severity = "error" if worst or count == _MOST_COUNTED else "warning"
    number = f"more than {count:,}" if count == _MOST_COUNTED else f"{count:,}"
    message = f"the record has more faults than the {MAX_FAULTS:,} that are told one by one"
    help = "mend those that are told, which are the outermost, and check again"
    return [
        Diagnosis(
            MORE_FAULTS,
            severity,
            message,
            f"{number} further {'one is' if count == 1 else 'ones are'} left out",
            help,
            (),
            "",
            Place(judge.uri, ()),
        )
    ]


def _parent_order(order: dict[Path, int], path: Path) -> float:
    # A missing member is told just after the object that lacks it has begun.
    while path:
        path = path[:-1]
        if path in order:
            return order[path] + 0.5
    return 0.5


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    members: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for key, member in members:
        yield from _paths(member, (*path, key))


def _causes(trial: _Trial, failure: Failure) -> Iterator[_Cause]:
    judge = trial.judge
    steps = trace(judge.resources, judge.uri, failure.evaluation_path)
    schema = steps[-1].schema
    keyword = str(failure.evaluation_path[-1]) if failure.evaluation_path else _FALSE
    # A whole file that is `false` got an `$id` too.
    if not isinstance(schema, dict) or keyword not in schema or schema in (NEVER, {"$id": judge.uri, **NEVER}):
        keyword, schema = _FALSE, {}
    if keyword == "pattern" and schema.get("format") == "date-time" and schema["pattern"] == DATE_TIME_PATTERN:
        # The pattern only helps the format along (see `fold`).
        keyword = "format"
    # In draft 4 it only says how the bound beside it is meant.
    demanded: Any = schema.get(_STRICT[keyword] if schema.get(keyword) is True and keyword in _STRICT else keyword)
    path = failure.instance_path
    instance = lookup(trial.record, path)
    if keyword in ("anyOf", "oneOf") and failure.branches and all(failure.branches):
        yield from _branch_causes(trial, failure, steps, keyword, instance)
    elif keyword in ASSERTIONS:
        for breach in compile_keyword(keyword, demanded)(instance, trial.parts):
            yield _Cause(steps, keyword, (*path, *_typed(instance, breach.path)), breach.detail, offset=breach.offset)
    elif keyword in ("required", "dependentRequired") and isinstance(instance, dict):
        wanted = demanded if keyword == "required" else [n for key, names in demanded.items() if key in instance for n in names]
        for missing in dict.fromkeys(wanted):
            if missing not in instance:
                yield _missing(judge.resources, steps, keyword, path, missing)
    elif keyword == "additionalProperties" and isinstance(instance, dict):
        for extra in _undeclared(schema, instance):
            detail = f"{show(extra)} is not a property of {_owner_name(path, trial.name)}"
            yield _Cause(steps, keyword, (*path, extra), detail, _undeclared_help(schema), at_key=True)
    elif keyword == "unevaluatedProperties":
        yield _Cause(steps, keyword, path, f"{subject(path)} has properties that are not declared", _undeclared_help(schema, "them"))
    elif failure.key is not None:
        forms = list(follow(judge.resources, Step(demanded, Place(steps[-1].place.uri, (*steps[-1].place.path, keyword)))))
        clause = why_no_name(judge.resources, forms[0], failure.key)
        if not clause:
            named = isinstance(forms[-1].schema, dict) and "pattern" in forms[-1].schema
            clause = f"does not fit {form(forms[-1].schema)}" if named else f"is none that {_owner_name(path, trial.name)} may have"
        yield _Cause(steps, keyword, (*path, failure.key), f"the name {show(failure.key)} {clause}", _meaning(forms), at_key=True)
    else:
        said = _described(judge.resources, steps[-1], keyword) if keyword in ("not", "contains") else demanded
        detail = what_is_wanted(judge.resources, steps, keyword, instance, path) or describe(keyword, said, schema, instance, path)
        yield _Cause(steps, keyword, path, detail, _meaning(steps))


def _branch_causes(trial: _Trial, failure: Failure, steps: list[Step], keyword: str, instance: Any) -> Iterator[_Cause]:
    """What is wrong with a value that fits no branch: with the one that it means to be, or with what would say which one."""
    judge, path = trial.judge, failure.instance_path
    told = discriminator(judge.resources, steps[-1], keyword) if isinstance(instance, dict) else None
    branch = fitting_branch(judge, failure)
    if told is not None and (told.name in instance or told.required):
        at = (*path, told.name)
        if told.name not in instance:
            kinds = join_words([show(option) for option in told.options])
            detail = f"{told.name} is missing{_within(path)}; it says which form is meant: {kinds}"
            yield _Cause(steps, keyword, at, detail, missing=True)
            return
        position = told.branch(instance[told.name])
        if position is None:
            yield _Cause(steps, keyword, at, describe("enum", told.options, {}, instance[told.name], at))
            return
        branch = failure.branches[position]
    if branch is not None:
        for fault in branch:
            yield from _causes(trial, fault)
        return
    first = [next(iter([cause for fault in each for cause in _causes(trial, fault)]), None) for each in failure.branches]
    details = list(dict.fromkeys(cause.detail for cause in first if cause is not None))
    if len(details) > _MOST_BRANCHES:
        details[_MOST_BRANCHES:] = [f"and {len(details) - _MOST_BRANCHES} more"]
    detail = f"{'nothing that is asked for holds: ' if len(details) > 1 else ''}{'; '.join(details)}"
    yield _Cause(steps, keyword, path, detail or f"{subject(path)} has none of the forms that are allowed here")


def _described(resources: Resources, holder: Step, keyword: str) -> Any:
    """The subschema under a keyword, or the one it refers to that says in words what its values are."""
    demanded = holder.schema[keyword]
    forms = follow(resources, Step(demanded, Place(holder.place.uri, (*holder.place.path, keyword))))
    return next((form.schema for form in forms if isinstance(form.schema, dict) and "description" in form.schema), demanded)


def _typed(instance: Any, path: Path) -> Path:
    # Keywords name an array's items by text; findings and locations name them by number.
    typed: list[Any] = []
    for token in path:
        token = int(token) if isinstance(instance, list) and isinstance(token, str) and token.isdigit() else token
        typed.append(token)
        instance = lookup(instance, (token,))
    return tuple(typed)


def _missing(resources: Resources, steps: list[Step], keyword: str, path: Path, name: str) -> _Cause:
    own: tuple[Step, ...] = ()
    for holder in (steps[-1], steps[0]) if not path else (steps[-1],):
        properties = holder.schema.get("properties", {})
        if name in properties:
            place = Place(holder.place.uri, (*holder.place.path, "properties", name))
            own = tuple(follow(resources, Step(properties[name], place, steps[-1].warned)))
            break
    meaning = next((str(step.schema["description"]) for step in own if isinstance(step.schema, dict) and "description" in step.schema), "")
    return _Cause(
        steps, keyword, (*path, name), f"{name} is missing{_within(path)}", meaning and f"add {name}: {meaning}", missing=True, owner=own
    )


def _undeclared(schema: dict[str, Any], instance: dict[str, Any]) -> list[str]:
    declared = schema.get("properties", {})
    patterns = [matcher(pattern) for pattern in schema.get("patternProperties", {})]
    return [key for key in instance if key not in declared and not any(matches(key) for matches in patterns)]


def _undeclared_help(schema: dict[str, Any], what: str = "it") -> str:
    """What to do with a name that nobody declared. Where a schema has no place for names of others, it can only go."""
    if any(matcher(pattern)("x-") for pattern in schema.get("patternProperties", {})):
        return f"{OWN_NAME}, or remove it" if what == "it" else "give them names that begin with x-, or remove them"
    return f"correct the name, or remove {what}" if what == "it" else f"correct the names, or remove {what}"


def _told(causes: Iterable[_Cause]) -> list[_Cause]:
    """The causes without those that only say again, less well, what is wrong with one value under one schema object."""
    best: dict[tuple[Path, Place], int] = {}
    listed = list(causes)
    for cause in listed:
        if cause.keyword in _PRECEDENCE:
            at = (cause.path, cause.steps[-1].place)
            best[at] = min(best.get(at, 9), _PRECEDENCE[cause.keyword])
    return [
        cause
        for cause in listed
        if cause.missing or cause.at_key or _PRECEDENCE.get(cause.keyword, 9) <= best.get((cause.path, cause.steps[-1].place), 9)
    ]


def _attribute(resources: Resources, cause: _Cause) -> Diagnosis:
    steps = [*reversed(cause.steps)]
    rule = next((found for step in (*cause.owner, *steps) if (found := _rule(step.schema)) is not None), None)
    holder = cause.steps[-1]
    demand = _demand(resources, cause)
    warned = holder.warned
    if rule is None:
        severity: Severity = "warning" if warned else "error"
        return Diagnosis(
            _schema_rule(cause.keyword),
            severity,
            cause.detail,
            "",
            cause.help,
            cause.path,
            cause.keyword,
            demand,
            cause.missing,
            cause.at_key,
            offset=cause.offset,
        )
    severity = "warning" if warned or rule.get("severity") == "warning" else "error"
    return Diagnosis(
        rule["id"],
        severity,
        rule["message"],
        cause.detail,
        rule["help"],
        cause.path,
        cause.keyword,
        demand,
        cause.missing,
        cause.at_key,
        offset=cause.offset,
    )


def _demand(resources: Resources, cause: _Cause) -> Place:
    """The keyword that demands what is not so; of what a meta-schema demands, the reference to that: it stands in nobody's file."""
    place = cause.steps[-1].place
    keyword = () if cause.keyword == _FALSE else (cause.keyword,)
    if is_meta_schema(place.uri):
        outside = [step.place for step in cause.steps if not is_meta_schema(step.place.uri)]
        place, keyword = (outside[-1], ("$ref",)) if outside else (place, keyword)
    return Place(place.uri, (*source_path(resources, place), *keyword))


def _rule(schema: Any) -> dict[str, Any] | None:
    """The rule that a schema states; a foreign schema may use the name `x-rule` for something else."""
    rule = schema.get("x-rule") if isinstance(schema, dict) else None
    stated = isinstance(rule, dict) and all(isinstance(rule.get(member), str) for member in ("id", "message", "help"))
    return rule if stated else None


def _schema_rule(keyword: str) -> str:
    return "schema-" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", keyword.removeprefix("x-")).lower()


def _distinct(found: list[Diagnosis]) -> list[Diagnosis]:
    """One fault a rule and place; an error before a warning; a named rule before a fault of shape by the same keyword."""
    errors = {item.path for item in found if item.severity == "error"}
    told = [item for item in found if item.severity == "error" or item.path not in errors]
    named = {(item.path, item.keyword) for item in told if not item.rule.startswith("schema-")}
    kept: dict[tuple[str, Path], Diagnosis] = {}
    for item in told:
        if item.rule.startswith("schema-") and (item.path, item.keyword) in named:
            continue
        known = kept.get((item.rule, item.path))
        if known is None:
            kept[item.rule, item.path] = item
        elif item.detail and item.detail not in known.detail:
            kept[item.rule, item.path] = known._replace(detail=f"{known.detail}, and {item.detail}")
    return list(kept.values())


def _owner_name(path: Path, name: str) -> str:
    return ".".join(map(named, path)) if path else name


def _within(path: Path) -> str:
    return f" in {_owner_name(path, '')}" if path else ""


def _meaning(steps: list[Step]) -> str:
    """What the schema nearest to the failure, or to where the value stands, says that the value is."""
    for step in reversed(steps):
        if isinstance(step.schema, dict) and isinstance(step.schema.get("description"), str):
            return str(step.schema["description"]) if len(step.place.path) > 0 else ""
    return ""
