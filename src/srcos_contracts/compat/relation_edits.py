"""Single changes to a value by which an `x-` keyword between its places comes to hold, or no longer holds."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice, pairwise
from typing import Any

from srcos_contracts.compat.words import words
from srcos_contracts.contracts.vocabulary import digest_without
from srcos_contracts.instant import compare_times
from srcos_contracts.pointer import ABSENT, lookup, parse_pointer

__all__ = ["BREAKERS", "MENDERS", "NO_TIME", "Place", "chains_of", "filled", "place_of", "put"]

_EARLY, _LATE = "2000-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
_DAYS = [f"2026-{month:02}-{day:02}T00:00:00Z" for month in range(1, 13) for day in range(1, 28)]


NO_TIME = "a"


_NO_DIGEST = "sha256:" + "0" * 64


Place = tuple[str, ...]
"""Where a value stands in another, by the tokens of its pointer."""


def place_of(text: str) -> Place | None:
    """The place that a pointer names; None of a part of the bound path."""
    return None if text.startswith("path:") else parse_pointer(text)


def put(value: Any, path: Place, new: Any) -> Any:
    """A copy with another value at a place; the objects on the way there are made where they are not."""
    if not path:
        return new
    if isinstance(value, list):
        changed = list(value)
        if path[0].isdigit() and int(path[0]) < len(changed):
            changed[int(path[0])] = put(changed[int(path[0])], path[1:], new)
        return changed
    held = dict(value) if isinstance(value, dict) else {}
    held[path[0]] = put(held.get(path[0]), path[1:], new)
    return held


def filled(value: Any, paths: Sequence[Place]) -> Any:
    """A copy with a text wherever there is nothing at one of the places."""
    for path in paths:
        if lookup(value, path) is ABSENT:
            value = put(value, path, "a")
    return value


def chains_of(value: Any) -> list[tuple[list[Place], bool]]:
    """The chains of an x-order, and whether each is strict."""
    stated = [(chain["chain"], bool(chain.get("strict"))) if isinstance(chain, dict) else (chain, False) for chain in value]
    return [([parse_pointer(pointer) for pointer in pointers], strict) for pointers, strict in stated]


def _break_order(value: Any, chains: Any) -> Iterator[Any]:
    for chain, strict in chains_of(chains):
        for earlier, later in sorted(combinations(chain, 2), key=lambda pair: chain.index(pair[1]) - chain.index(pair[0])):
            first, second = lookup(value, earlier), lookup(value, later)
            if strict:
                if isinstance(first, str):
                    yield put(value, later, first)
                if isinstance(second, str):
                    yield put(value, earlier, second)
            if isinstance(first, str) and isinstance(second, str):
                yield put(put(value, earlier, second), later, first)
            yield put(value, later, _EARLY) if isinstance(first, str) else put(put(value, earlier, _LATE), later, _EARLY)
            yield put(put(value, earlier, _LATE), later, second if isinstance(second, str) else _EARLY)
            yield put(put(value, earlier, _LATE), later, _LATE if strict else _EARLY)
            others = [path for path in chain if path not in (earlier, later) and lookup(value, path) is not ABSENT]
            bare = value
            for path in others:
                bare = _without(bare, path)
            if others:
                yield put(put(bare, earlier, _LATE), later, _EARLY)
    # A text between two times that is none keeps neither of the links in force.
    yield from (put(value, path, NO_TIME) for path in {path: None for chain, _ in chains_of(chains) for path in chain})


def _without(value: Any, path: Place) -> Any:
    if not isinstance(value, dict) or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: member for name, member in value.items() if name != path[0]}
    return {**value, path[0]: _without(value[path[0]], path[1:])}


def _mend_order(value: Any, chains: Any) -> Any:
    for chain, strict in chains_of(chains):
        present = [path for path in chain if isinstance(lookup(value, path), str)]
        for earlier, later in pairwise(present):
            order = compare_times(lookup(value, earlier), lookup(value, later))
            if order is not None and (order > 0 or (strict and order == 0)):
                after = next((day for day in _DAYS if compare_times(lookup(value, earlier), day) == -1), _LATE)
                value = put(value, later, after if strict else lookup(value, earlier))
    return value


def _break_membership(wanted: bool) -> Callable[[Any, Any], Iterator[Any]]:
    def outside(value: Any, pairs: Any) -> Iterator[Any]:
        for member, container in _pairs(pairs):
            item, among = lookup(value, member), lookup(value, container)
            if isinstance(item, str):
                yield put(value, member, item + "a")
                yield put(value, member, (item[:-1] + ("b" if item[-1:] != "b" else "a")) if item else "a")
            if isinstance(among, (list, dict)):
                yield put(value, container, _lacking(among, item))
                yield put(value, container, among.__class__())
            if isinstance(among, list):
                yield from (put(value, member, new) for new in ("zzz", 12345))
            if isinstance(value, dict):
                yield put(put(value, member, item if isinstance(item, str) else "a"), container, [])

    def inside(value: Any, pairs: Any) -> Iterator[Any]:
        for member, container in _pairs(pairs):
            item, among = lookup(value, member), lookup(value, container)
            if isinstance(among, (list, dict)):
                yield from (put(value, member, copy.deepcopy(entry)) for entry in islice(among, 3))
                if item is not ABSENT and item is not None:
                    yield put(value, container, _having(among, item))
            if isinstance(value, dict):
                known = item if isinstance(item, str) else "a"
                yield put(put(value, member, known), container, [known])

    return outside if wanted else inside


def _pairs(value: Any) -> list[tuple[Place, Place]]:
    pairs = [(place_of(member), place_of(container)) for member, container in value.items()]
    return [(member, container) for member, container in pairs if member is not None and container is not None]


def _having(among: Any, item: Any) -> Any:
    if isinstance(among, list):
        return [*among, copy.deepcopy(item)]
    return {**among, item: copy.deepcopy(next(iter(among.values()), None))} if isinstance(item, str) else among


def _lacking(among: Any, item: Any) -> Any:
    if isinstance(among, list):
        return [entry for entry in among if entry != item]
    return {name: entry for name, entry in among.items() if name != item}


def _mend_membership(wanted: bool) -> Callable[[Any, Any], Any]:
    def mend(value: Any, pairs: Any) -> Any:
        for member, container in _pairs(pairs):
            item, among = lookup(value, member), lookup(value, container)
            if item is ABSENT or item is None or not isinstance(among, (list, dict)):
                continue
            value = put(value, container, (_having if wanted else _lacking)(among, item))
        return value

    return mend


def _break_keys(value: Any, relations: Any) -> Iterator[Any]:
    for name, relation in relations.items():
        ((kind, other_name),) = relation.items()
        path, other = parse_pointer(name), parse_pointer(other_name)
        keys, others = lookup(value, path), lookup(value, other)
        keys, others = keys if isinstance(keys, dict) else {}, others if isinstance(others, dict) else {}
        sample = next(iter((*keys.values(), *others.values())), "a")
        for key in _new_keys((*keys, *others)):
            yield put(value, path, {**keys, key: copy.deepcopy(next(iter(keys.values()), sample))})
            if kind == "same":
                yield put(value, other, {**others, key: copy.deepcopy(next(iter(others.values()), sample))})
        yield from (put(value, other, _lacking(others, key)) for key in islice(others, 3))
        if not keys or not others:
            yield put(put(value, other, {}), path, {"a": sample})
        if kind == "same":
            yield from (put(value, path, _lacking(keys, key)) for key in islice(keys, 3))


def _new_keys(known: Sequence[str]) -> list[str]:
    edited = [key[:-1] + sign for key in known[:2] for sign in "ab19" if key]
    return [key for key in dict.fromkeys((*edited, *(key + "a" for key in known[:2]), "zzz")) if key not in known]


def _mend_keys(value: Any, relations: Any) -> Any:
    for name, relation in relations.items():
        ((kind, other_name),) = relation.items()
        path, other = parse_pointer(name), parse_pointer(other_name)
        keys, others = lookup(value, path), lookup(value, other)
        if isinstance(keys, dict) and isinstance(others, dict):
            kept = {key: member for key, member in keys.items() if key in others}
            if kind == "same":
                kept.update({key: copy.deepcopy(next(iter(keys.values()), member)) for key, member in others.items() if key not in kept})
            value = put(value, path, kept)
    return value


def _break_unique(value: Any, member: Any) -> Iterator[Any]:
    if not isinstance(value, list):
        return
    yield [*value, {member: "a"}, {member: "a"}]
    for first, second in combinations([at for at, item in enumerate(value) if isinstance(item, dict)][:4], 2):
        if isinstance(value[first].get(member), str):
            yield [*value[:second], {**value[second], member: value[first][member]}, *value[second + 1 :]]
            yield [*value[:first], {**value[first], member: value[second].get(member, "a")}, *value[first + 1 :]]
        yield [{**item, member: "a"} if at in (first, second) else item for at, item in enumerate(value)]


def _mend_unique(value: Any, member: Any) -> Any:
    if not isinstance(value, list):
        return value
    seen: set[str] = set()
    changed = []
    for item in value:
        text = item.get(member) if isinstance(item, dict) else None
        while isinstance(text, str) and text in seen:
            text += "a"
        if isinstance(text, str):
            seen.add(text)
            item = {**item, member: text}
        changed.append(item)
    return changed


def _captures(value: Any, patterns: Any) -> Iterator[tuple[Place, str, str, int, int]]:
    """Each place's text with each named group: where the group begins and ends."""
    for name, pattern in patterns.items():
        path = place_of(name)
        text = lookup(value, path) if path is not None else None
        match = re.search(re.sub(r"\(\?<(?![=!])", "(?P<", pattern), text) if isinstance(text, str) else None
        if path is None or match is None or not isinstance(text, str):
            continue
        for group in match.re.groupindex:
            if match[group] is not None:
                yield path, group, text, *match.span(group)


def _break_equal(value: Any, patterns: Any) -> Iterator[Any]:
    for path, _, text, start, end in _captures(value, patterns):
        captured = text[start:end]
        for other in (captured + "a", captured[:-1] + ("1" if captured[-1:] != "1" else "2"), captured[:-1] + "b", captured + "1", "a"):
            if other != captured:
                yield put(value, path, text[:start] + other + text[end:])
    for name, pattern in patterns.items():
        where = place_of(name)
        if where is not None and isinstance(value, dict):
            yield from (put(value, where, text) for text in islice(words([pattern]), 4))


def _mend_equal(value: Any, patterns: Any) -> Any:
    known: dict[str, str] = {}
    for place, group, text, start, end in list(_captures(value, patterns)):
        first = known.setdefault(group, text[start:end])
        if first != text[start:end]:
            return put(value, place, text[:start] + first + text[end:])
    return value


def _break_digest(value: Any, keyword: Any) -> Iterator[Any]:
    place = parse_pointer(keyword["value"])
    yield put(value, place, _NO_DIGEST)
    yield put(filled(value, [path for path in map(parse_pointer, keyword["omit"]) if path != place]), place, _NO_DIGEST)


def _mend_digest(value: Any, keyword: Any) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        digest = digest_without(value, [parse_pointer(pointer) for pointer in keyword["omit"]])
    except ValueError:
        return value
    return put(value, parse_pointer(keyword["value"]), digest)


def _break_template(value: Any, keyword: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield value + "{{"
        yield "{{"


BREAKERS: dict[str, Callable[[Any, Any], Iterator[Any]]] = {
    "x-order": _break_order,
    "x-in": _break_membership(True),
    "x-not-in": _break_membership(False),
    "x-keys": _break_keys,
    "x-unique": _break_unique,
    "x-equal": _break_equal,
    "x-digest": _break_digest,
    "x-template": _break_template,
}
MENDERS: dict[str, Callable[[Any, Any], Any]] = {
    "x-order": _mend_order,
    "x-in": _mend_membership(True),
    "x-not-in": _mend_membership(False),
    "x-keys": _mend_keys,
    "x-unique": _mend_unique,
    "x-equal": _mend_equal,
    "x-digest": _mend_digest,
}
