"""From the keywords that a record breaks to what a person is told: which rule, what is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from srcos_contracts.contracts.detail import describe, fold_name, form, subject
from srcos_contracts.contracts.engine import matcher
from srcos_contracts.contracts.failure import Failure
from srcos_contracts.contracts.judge import NEVER, Judge
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.contracts.trace import Step, follow, source_path, trace
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, compile_keyword
from srcos_contracts.finding import Severity
from srcos_contracts.instant import DATE_TIME_PATTERN
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.wording import quoted, show

__all__ = ["Diagnosis", "diagnose"]


class Diagnosis(NamedTuple):
    """One fault of a record."""

    rule: str
    severity: Severity
    message: str
    detail: str
    help: str
    path: Path
    keyword: str
    demand: Place
    """The keyword in the schema's source: resource and path."""
    missing: bool = False
    """Whether there is no value at `path`."""
    at_key: bool = False
    """Whether the fault is the name at `path`, not its value."""
    offset: int | None = None
    """The character of the text at `path` at which it goes wrong, where that is known."""


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


_MOST_NAMES = 200
"""Findings up to which undeclared names are compared with missing ones."""

_FALSE = "false"
"""In place of a keyword: the schema `false` itself."""

# Of several shape faults of one value under one schema object, the first of these is told.
_PRECEDENCE = {"type": 0, "const": 1, "enum": 2, "format": 3, "pattern": 4}
_UNDECLARED_HELP = "remove it, or give it a name that begins with x-"


def diagnose(judge: Judge, record: Any, name: str, parts: Mapping[str, str] = NO_PARTS) -> list[Diagnosis]:
    """Every fault of a record under a contract of the given name, in the record's own order; empty where there is none."""
    trial = _Trial(judge, record, name, parts)
    causes = [cause for failure in judge.failures(record, parts) for cause in _causes(trial, failure)]
    found = _merge_misspellings([_attribute(judge.resources, cause) for cause in _told(causes)])
    order = {path: index for index, path in enumerate(_paths(record, ()))}
    return sorted(_distinct(found), key=lambda item: (order.get(item.path, _parent_order(order, item.path)), item.path, item.rule))


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
    if not isinstance(schema, dict) or keyword not in schema or schema == NEVER:
        keyword, schema = _FALSE, {}
    if keyword == "pattern" and schema.get("format") == "date-time" and schema["pattern"] == DATE_TIME_PATTERN:
        # The pattern only helps the format along (see `fold`).
        keyword = "format"
    demanded: Any = schema.get(keyword)
    path = failure.instance_path
    instance = lookup(trial.record, path)
    if failure.branches:
        branch = _selected_branch(judge, failure)
        if branch is not None:
            for inner in branch:
                yield from _causes(trial, inner)
            return
        inner_causes = [next(iter([cause for inner in branch for cause in _causes(trial, inner)]), None) for branch in failure.branches]
        details = list(dict.fromkeys(cause.detail for cause in inner_causes if cause is not None))
        detail = f"nothing that is asked for holds: {'; '.join(details)}" if details else ""
        yield _Cause(steps, keyword, path, detail or f"{subject(path)} has none of the forms that are allowed here")
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
            yield _Cause(
                steps,
                keyword,
                (*path, extra),
                f"{show(extra)} is not a property of {_owner_name(path, trial.name)}",
                _UNDECLARED_HELP,
                at_key=True,
            )
    elif keyword == "unevaluatedProperties":
        yield _Cause(steps, keyword, path, f"{subject(path)} has properties that are not declared", _UNDECLARED_HELP)
    elif failure.key is not None:
        forms = list(follow(judge.resources, Step(demanded, Place(steps[-1].place.uri, (*steps[-1].place.path, keyword)))))
        yield _Cause(
            steps,
            keyword,
            (*path, failure.key),
            f"the name {show(failure.key)} does not fit {form(forms[-1].schema)}",
            _meaning(forms),
            at_key=True,
        )
    else:
        yield _Cause(steps, keyword, path, describe(keyword, demanded, schema, instance, path), _meaning(steps))


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
    where = f" in {_owner_name(path, '')}" if path else ""
    meaning = next((str(step.schema["description"]) for step in own if isinstance(step.schema, dict) and "description" in step.schema), "")
    return _Cause(steps, keyword, (*path, name), f"{name} is missing{where}", meaning and f"add {name}: {meaning}", missing=True, owner=own)


def _undeclared(schema: dict[str, Any], instance: dict[str, Any]) -> list[str]:
    declared = schema.get("properties", {})
    patterns = [matcher(pattern) for pattern in schema.get("patternProperties", {})]
    return [key for key in instance if key not in declared and not any(matches(key) for matches in patterns)]


def _selected_branch(judge: Judge, failure: Failure) -> tuple[Failure, ...] | None:
    """The one branch that the record means to take: by its discriminating constants, else by the value's type."""
    fitting = [branch for branch in failure.branches if not any(_excludes(failure, inner) for inner in branch)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        # No branch fits the value's type. Null is hardly what was meant, so the other form is told.
        others = [branch for branch in failure.branches if not any(_wants_only_null(judge, inner) for inner in branch)]
        return others[0] if len(others) == 1 < len(failure.branches) else None
    return None


def _excludes(failure: Failure, inner: Failure) -> bool:
    keyword = inner.evaluation_path[-1] if inner.evaluation_path else ""
    if keyword == "type":
        return inner.instance_path == failure.instance_path
    return keyword == "const" and len(inner.instance_path) == len(failure.instance_path) + 1


def _wants_only_null(judge: Judge, inner: Failure) -> bool:
    return (
        inner.evaluation_path[-1:] == ("type",)
        and trace(judge.resources, judge.uri, inner.evaluation_path)[-1].schema.get("type") == "null"
    )


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
    demanded = source_path(resources, holder.place)
    demand = Place(holder.place.uri, demanded if cause.keyword == _FALSE else (*demanded, cause.keyword))
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
            cause.offset,
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
        cause.offset,
    )


def _rule(schema: Any) -> dict[str, Any] | None:
    """The rule that a schema states; a foreign schema may use the name `x-rule` for something else."""
    rule = schema.get("x-rule") if isinstance(schema, dict) else None
    stated = isinstance(rule, dict) and all(isinstance(rule.get(member), str) for member in ("id", "message", "help"))
    return rule if stated else None


def _schema_rule(keyword: str) -> str:
    return "schema-" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", keyword.removeprefix("x-")).lower()


def _merge_misspellings(found: list[Diagnosis]) -> list[Diagnosis]:
    """An undeclared name that is nearly a missing one is one fault: the missing one's, at the name that stands there."""
    import difflib

    absent = [item for item in found if item.missing]
    result: list[Diagnosis] = []
    taken: dict[Path, Diagnosis] = {}
    for item in found:
        if absent and item.at_key and item.keyword == "additionalProperties" and len(result) < _MOST_NAMES:
            name = str(item.path[-1])
            candidates = {str(other.path[-1]): other for other in absent if other.path[:-1] == item.path[:-1] and other.path not in taken}
            close = difflib.get_close_matches(fold_name(name[:200]), [fold_name(candidate) for candidate in candidates], 1, 0.8)
            match = next((other for candidate, other in candidates.items() if close and fold_name(candidate) == close[0]), None)
            if match is not None:
                taken[match.path] = match
                meant = match.path[-1]
                detail = f"{show(name)} stands where {meant} is missing; did you mean {meant}?"
                message, inner = (match.message, detail) if match.detail else (detail, "")
                result.append(
                    match._replace(
                        message=message, detail=inner, path=item.path, missing=False, at_key=True, help=f"rename {show(name)} to {meant}"
                    )
                )
                continue
        result.append(item)
    return [item for item in result if not (item.missing and item.path in taken)]


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
    return ".".join(quoted(str(token), 40) for token in path) if path else name


def _meaning(steps: list[Step]) -> str:
    """What the schema nearest to the failure, or to where the value stands, says that the value is."""
    for step in reversed(steps):
        if isinstance(step.schema, dict) and isinstance(step.schema.get("description"), str):
            return str(step.schema["description"]) if len(step.place.path) > 0 else ""
    return ""
