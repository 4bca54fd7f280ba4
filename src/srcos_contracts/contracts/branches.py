"""Of the branches of `oneOf` or `anyOf`, the one that a record means to take: only that one's faults are worth telling."""

from __future__ import annotations

from typing import Any

from srcos_contracts.contracts.failure import Failure
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.resources import Resources
from srcos_contracts.contracts.trace import Step, trace
from srcos_contracts.contracts.type_words import applied, inner
from srcos_contracts.named import NamedTuple

__all__ = ["Discriminator", "discriminator", "fitting_branch"]


class Discriminator(NamedTuple):
    """A member whose value tells the branches apart."""

    name: str
    values: tuple[tuple[Any, ...], ...]
    """The values that each branch lets it have; none of a branch that is not about objects."""
    required: bool

    def branch(self, value: Any) -> int | None:
        """The position of the branch that has a value."""
        wanted = _identity(value)
        return next((index for index, options in enumerate(self.values) if wanted in map(_identity, options)), None)

    @property
    def options(self) -> list[Any]:
        """All values, in the order of the branches."""
        return [option for options in self.values for option in options]


class _Constraints(NamedTuple):
    values: dict[str, tuple[Any, ...]]
    required: frozenset[str]


def discriminator(resources: Resources, holder: Step, keyword: str) -> Discriminator | None:
    """The member by whose constants, or short lists of words, all branches about objects can be told apart, if there is one."""
    found = [_constraints(applied(resources, inner(holder, keyword, index))) for index in range(len(holder.schema[keyword]))]
    objects = [constraints for constraints in found if constraints is not None]
    if len(objects) < 2:
        return None
    candidates = []
    for name in objects[0].values:
        values = tuple(constraints.values.get(name, ()) if constraints is not None else () for constraints in found)
        listed = [_identity(option) for options in values for option in options]
        if all(name in constraints.values for constraints in objects) and len(listed) == len(set(listed)):
            candidates.append(Discriminator(name, values, all(name in constraints.required for constraints in objects)))
    return max(candidates, key=lambda candidate: candidate.required, default=None)


def _constraints(steps: list[Step]) -> _Constraints | None:
    """Which values a branch lets the members of an object have; None where it is about no objects."""
    values: dict[str, tuple[Any, ...]] = {}
    required: set[str] = set()
    for step in steps:
        types = step.schema.get("type", "object")
        if "object" not in ([types] if isinstance(types, str) else types):
            return None
        required.update(name for name in step.schema.get("required", ()) if isinstance(name, str))
        for name, schema in step.schema.get("properties", {}).items():
            options = [schema["const"]] if isinstance(schema, dict) and "const" in schema else None
            options = schema.get("enum") if options is None and isinstance(schema, dict) else options
            if isinstance(options, list) and options and all(isinstance(option, (str, int, float)) for option in options):
                values.setdefault(name, tuple(options))
    return _Constraints(values, frozenset(required)) if steps else None


def _identity(value: Any) -> Any:
    """A hashable stand-in for a scalar: in JSON 1 is 1.0, and true is not 1."""
    if isinstance(value, (dict, list)):
        return None
    return (isinstance(value, bool), value)


def fitting_branch(judge: Judge, failure: Failure) -> tuple[Failure, ...] | None:
    """The one branch that the record's constants or the type of the value leave, if they leave one."""
    fitting = [branch for branch in failure.branches if not any(_excludes(judge, failure, fault) for fault in branch)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        # No branch fits the value's type. Null is hardly what was meant, so the other form is told.
        others = [branch for branch in failure.branches if not any(_wants_only_null(judge, fault) for fault in branch)]
        return others[0] if len(others) == 1 < len(failure.branches) else None
    return None


def _excludes(judge: Judge, failure: Failure, fault: Failure) -> bool:
    keyword = fault.evaluation_path[-1] if fault.evaluation_path else ""
    if keyword == "type":
        return fault.instance_path == failure.instance_path
    if len(fault.instance_path) != len(failure.instance_path) + 1:
        return False
    return keyword == "const" or (keyword == "enum" and len(_holder(judge, fault)["enum"]) == 1)


def _wants_only_null(judge: Judge, fault: Failure) -> bool:
    return fault.evaluation_path[-1:] == ("type",) and _holder(judge, fault).get("type") == "null"


def _holder(judge: Judge, fault: Failure) -> Any:
    """The schema whose keyword failed."""
    return trace(judge.resources, judge.uri, fault.evaluation_path)[-1].schema
