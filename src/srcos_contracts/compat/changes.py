"""The keywords in which two schemas differ, each found at its place in both, through references."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from srcos_contracts.compat.atoms import Node, frozen
from srcos_contracts.compat.equality import Equality
from srcos_contracts.compat.form import Form
from srcos_contracts.compat.side import Side, is_warning
from srcos_contracts.contracts.judge import NEVER
from srcos_contracts.contracts.resources import Place, stepped
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, Path, lookup
from srcos_contracts.wording import cut, show

__all__ = ["Change", "changes"]

_MAPS = ("properties", "patternProperties", "dependentSchemas", "dependencies", "dependentRequired")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_SINGLES = (
    "additionalProperties", "unevaluatedProperties", "propertyNames", "items", "contains", "unevaluatedItems", "additionalItems", "not",
    "if", "then", "else",
)  # fmt: skip
_PLAIN = (
    "type", "const", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern",
    "format", "minItems", "maxItems", "uniqueItems", "minContains", "maxContains", "minProperties", "maxProperties", "$dynamicRef",
    "$recursiveRef", "contentMediaType", "contentEncoding",
)  # fmt: skip
_SETS = ("enum", "required")
_ASSERTING = frozenset((*_MAPS, *_LISTS, *_SINGLES, *_PLAIN, *_SETS, *ASSERTIONS, "$ref"))


class Change(NamedTuple):
    """A keyword, or a member of one, that asserts something else in the new schema than in the old."""

    pointer_old: Place | None
    """Where it stands in the old schema; None where it does not."""
    pointer_new: Place | None
    keyword: str
    words: str
    """What was done to it."""
    around_old: Place
    """The schema of the old side in which it stands, or would; or which it is."""
    around_new: Place


def changes(old: Side, new: Side) -> list[Change]:
    """What asserts something else in `new` than in `old`, in the order of the old schema.

    Properties are matched by name, members of lists by being equal and else by what they have in common, and definitions through
    the references to them: a definition that only changed its name is no change.
    """
    pair = _Pair(Place(old.uri, ()), old.asserted, Place(new.uri, ()), new.asserted)
    found = [change for change in dict.fromkeys(_Comparison(old, new).walk(pair)) if _is_written(change, old, new)]
    if old.dialect != new.dialect:
        words = f"the dialect is {new.dialect}, not {old.dialect}"
        return [pair.change(Place(old.uri, ("$schema",)), Place(new.uri, ("$schema",)), "$schema", words), *found]
    return found


def _is_written(change: Change, old: Side, new: Side) -> bool:
    """Whether what changed stands in the files: beside `format: date-time` the engines get a pattern that does not."""
    places = ((old, change.pointer_old), (new, change.pointer_new))
    return all(place is None or lookup(side.written.get(place.uri), place.path) is not ABSENT for side, place in places)


class _Pair(NamedTuple):
    """Two schemas that correspond, each with its place."""

    place_old: Place
    old: Any
    place_new: Place
    new: Any
    keyword: str = "$schema"
    """The keyword under which they stand."""

    def below(self, step_old: Path, step_new: Path) -> _Pair:
        old, new = lookup(self.old, step_old), lookup(self.new, step_new)
        return _Pair(stepped(self.place_old, step_old, old), old, stepped(self.place_new, step_new, new), new, str(step_old[0]))

    def change(self, pointer_old: Place | None, pointer_new: Place | None, keyword: str, words: str) -> Change:
        return Change(pointer_old, pointer_new, keyword, words, self.place_old, self.place_new)


class _Comparison:
    def __init__(self, old: Side, new: Side) -> None:
        self._sides = old, new
        self._forms = old.once(Form), new.once(Form)
        self._equality = Equality()
        self._seen: set[tuple[Place, Place]] = set()
        self._worded: dict[int, tuple[Any, set[str]]] = {}

    def walk(self, pair: _Pair) -> Iterator[Change]:
        if (pair.place_old, pair.place_new) in self._seen:
            return
        self._seen.add((pair.place_old, pair.place_new))
        if self._severity(pair, 0) != self._severity(pair, 1):
            words = "made a warning" if self._severity(pair, 1) else "made an error"
            yield pair.change(_at(pair.place_old, "x-rule"), _at(pair.place_new, "x-rule"), "x-rule", words)
            return
        if self._equality.same(self._node(0, pair.place_old, pair.old), self._node(1, pair.place_new, pair.new)):
            return
        if _is_constant(pair.old) or _is_constant(pair.new):
            yield pair.change(pair.place_old, pair.place_new, pair.keyword, f"{_summary(pair.old)} became {_summary(pair.new)}")
            return
        yield from self._keywords(pair)

    def _severity(self, pair: _Pair, side: int) -> bool:
        """Whether the schema as its file has it makes warnings."""
        place = pair.place_new if side else pair.place_old
        return is_warning(lookup(self._sides[side].written.get(place.uri), place.path))

    def _node(self, side: int, place: Place, schema: Any) -> Node:
        return self._forms[side].node(place, schema)

    def _keywords(self, pair: _Pair) -> Iterator[Change]:
        old, new = pair.old, pair.new
        if "$ref" in old and "$ref" in new:
            yield from self._references(pair)
        elif ("$ref" in old) != ("$ref" in new):
            unfolded = self._unfolded(pair)
            if unfolded is not None:
                yield from self.walk(unfolded)
                return
        for keyword in dict.fromkeys((*old, *new)):
            if keyword not in _ASSERTING or not (self._forms[0].knows(keyword) or self._forms[1].knows(keyword)):
                continue
            if keyword == "$ref" and keyword in old and keyword in new:
                continue
            if keyword not in new:
                yield pair.change(_at(pair.place_old, keyword), None, keyword, "dropped")
            elif keyword not in old:
                yield pair.change(None, _at(pair.place_new, keyword), keyword, "added")
            elif frozen(old[keyword]) != frozen(new[keyword]) or keyword in (*_MAPS, *_LISTS, *_SINGLES):
                yield from self._keyword(pair, keyword)

    def _references(self, pair: _Pair) -> Iterator[Change]:
        places = self._forms[0].resolved(pair.place_old, pair.old["$ref"]), self._forms[1].resolved(pair.place_new, pair.new["$ref"])
        if places[0] is None or places[1] is None:
            yield pair.change(_at(pair.place_old, "$ref"), _at(pair.place_new, "$ref"), "$ref", "leads elsewhere")
            return
        yield from self.walk(_Pair(places[0], self._forms[0].schema(places[0]), places[1], self._forms[1].schema(places[1])))

    def _unfolded(self, pair: _Pair) -> _Pair | None:
        """Where a schema was moved to a definition, or back from one: the definition in place of the reference, if that is all there is."""
        side = 0 if "$ref" in pair.old else 1
        schema, place = (pair.old, pair.place_old) if side == 0 else (pair.new, pair.place_new)
        other = pair.new if side == 0 else pair.old
        if any(keyword in _ASSERTING and keyword != "$ref" for keyword in schema) or not any(keyword in _ASSERTING for keyword in other):
            return None
        target = self._forms[side].resolved(place, schema["$ref"])
        if target is None:
            return None
        found = self._forms[side].schema(target)
        return pair._replace(place_old=target, old=found) if side == 0 else pair._replace(place_new=target, new=found)

    def _keyword(self, pair: _Pair, keyword: str) -> Iterator[Change]:
        old, new = pair.old[keyword], pair.new[keyword]
        if keyword in _MAPS and isinstance(old, dict) and isinstance(new, dict):
            yield from self._map(pair, keyword)
        elif keyword in _LISTS and isinstance(old, list) and isinstance(new, list):
            yield from self._list(pair, keyword)
        elif keyword in _SINGLES and not isinstance(old, list) and not isinstance(new, list):
            yield from self.walk(pair.below((keyword,), (keyword,)))
        elif frozen(old) != frozen(new):
            words = _members(keyword, old, new) if keyword in _SETS else f"{_summary(old)} became {_summary(new)}"
            if words:
                yield pair.change(_at(pair.place_old, keyword), _at(pair.place_new, keyword), keyword, words)

    def _map(self, pair: _Pair, keyword: str) -> Iterator[Change]:
        old, new = pair.old[keyword], pair.new[keyword]
        for name in dict.fromkeys((*old, *new)):
            if name not in new:
                yield pair.change(_at(pair.place_old, keyword, name), None, keyword, f"{show(name)} dropped")
            elif name not in old:
                yield pair.change(None, _at(pair.place_new, keyword, name), keyword, f"{show(name)} added")
            elif isinstance(old[name], list) or isinstance(new[name], list):
                if frozen(old[name]) != frozen(new[name]):
                    words = f"{_summary(old[name])} became {_summary(new[name])}"
                    yield pair.change(_at(pair.place_old, keyword, name), _at(pair.place_new, keyword, name), keyword, words)
            else:
                yield from self.walk(pair.below((keyword, name), (keyword, name)))

    def _list(self, pair: _Pair, keyword: str) -> Iterator[Change]:
        old, new = pair.old[keyword], pair.new[keyword]
        by_place = keyword in ("prefixItems", "items")
        matched = {index: index for index in range(min(len(old), len(new)))} if by_place else self._matched(pair, keyword)
        for index in range(len(old)):
            if index in matched:
                yield from self.walk(pair.below((keyword, index), (keyword, matched[index])))
            else:
                yield pair.change(_at(pair.place_old, keyword, index), None, keyword, f"{_summary(old[index])} dropped")
        for index in range(len(new)):
            if index not in matched.values():
                yield pair.change(None, _at(pair.place_new, keyword, index), keyword, f"{_summary(new[index])} added")

    def _matched(self, pair: _Pair, keyword: str) -> dict[int, int]:
        """By an index in the old list, that of the member of the new one that it became."""
        matched = _word_for_word(pair.old[keyword], pair.new[keyword])
        taken = set(matched.values())
        pairs = [
            (index, other, pair.below((keyword, index), (keyword, other)))
            for index in range(len(pair.old[keyword]))
            for other in range(len(pair.new[keyword]))
            if index not in matched and other not in taken
        ]
        scores: Sequence[Callable[[_Pair], float]] = (self._is_same, self._likeness)
        for score in scores:
            ranked = [
                (score(each), -abs(index - other), index, other)
                for index, other, each in pairs
                if index not in matched and other not in matched.values()
            ]
            for value, _, index, other in sorted(ranked, key=lambda rank: (-rank[0], -rank[1], rank[2], rank[3])):
                if value > 0 and index not in matched and other not in matched.values():
                    matched[index] = other
        return matched

    def _is_same(self, pair: _Pair) -> float:
        alike = self._severity(pair, 0) == self._severity(pair, 1)
        return float(alike and self._equality.same(self._node(0, pair.place_old, pair.old), self._node(1, pair.place_new, pair.new)))

    def _likeness(self, pair: _Pair) -> float:
        """How much two schemas have in common, from 0 to 1: their rule's id first, then what they hold."""
        rules = [lookup(schema, ("x-rule", "id")) for schema in (pair.old, pair.new)]
        if ABSENT not in rules and rules[0] != rules[1]:
            return 0.0
        old, new = self._words(pair.old), self._words(pair.new)
        return (len(old & new) + 1) / (len(old | new) + 1)

    def _words(self, schema: Any) -> set[str]:
        """The same as of the function; each schema of a list is compared with all of another."""
        known = self._worded.get(id(schema))
        if known is None:
            # What was looked at is held, so that its identity is not used again.
            known = self._worded[id(schema)] = schema, _words(schema)
        return known[1]


def _word_for_word(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    """By an index in the old list, the nearest in the new one of a member that is written in the same way."""
    free: dict[Any, list[int]] = {}
    for other, schema in enumerate(new):
        free.setdefault(frozen(schema), []).append(other)
    matched = {}
    for index, schema in enumerate(old):
        others = free.get(frozen(schema))
        if others:
            matched[index] = min(others, key=lambda other: (abs(index - other), other))
            others.remove(matched[index])
    return matched


def _words(node: Any) -> set[str]:
    """The names and plain values in a schema, with the keyword that they stand under."""
    found: set[str] = set()
    pending = [("", node)]
    while pending:
        above, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(key, member) for key, member in value.items() if key not in ("x-rule", "description", "title")]
            found.update(f"{above}/{key}" for key in value)
        elif isinstance(value, list):
            pending += [(above, item) for item in value]
        else:
            found.add(f"{above}={value!r}")
    return found


def _at(place: Place, *step: Any) -> Place:
    return Place(place.uri, (*place.path, *step))


def _members(keyword: str, old: Any, new: Any) -> str:
    """What a list that is a set has lost and gained."""
    if not isinstance(old, list) or not isinstance(new, list):
        return f"{_summary(old)} became {_summary(new)}"
    before, after = {frozen(item) for item in old}, {frozen(item) for item in new}
    lost = [show(item) for item in old if frozen(item) not in after]
    gained = [show(item) for item in new if frozen(item) not in before]
    if keyword == "required":
        said = [f"{name} is no longer required" for name in lost] + [f"{name} is required too" for name in gained]
    else:
        said = [f"lost {value}" for value in lost] + [f"gained {value}" for value in gained]
    return "; ".join(said)


def _is_constant(schema: Any) -> bool:
    return not isinstance(schema, dict) or schema == NEVER


def _summary(value: Any) -> str:
    """A value of a schema in a few characters."""
    if value == NEVER:
        return "false"
    if isinstance(value, dict):
        return cut(json.dumps({key: member for key, member in value.items() if key in _ASSERTING}, default=str))
    return show(value)
