"""The texts that patterns describe: whether there is any that some patterns match and others do not, and the shortest one.

Every pattern is a non-deterministic automaton over ranges of code points. Those of one question are run together, each as the
set of states that it may be in, so that inclusion, overlap and complement are all one search (the subset construction).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from srcos_contracts.compat.pattern_tree import (
    LAST,
    Anchor,
    Characters,
    Range,
    Repeat,
    Sequence,
    Tree,
    Unreadable,
    read_pattern,
)
from srcos_contracts.named import NamedTuple

__all__ = ["TooLarge", "Unreadable", "any_of_texts", "shortest"]

_MOST_STATES = 4_000
_MOST_SETS = 6_000
_MOST_LENGTH = 512
"""Lengths are counted as states are: each one is another place to be in."""

_LIKED = (0x61, 0x30, 0x41, 0x20, 0x2D, 0x21)
"""Of several characters that serve, the first of these."""


class TooLarge(Exception):
    """The automata of a question grow larger than is searched."""


class _Automaton(NamedTuple):
    steps: tuple[tuple[tuple[tuple[Range, ...], int], ...], ...]
    """Of each state, the characters that lead on, and whereto."""
    free: tuple[tuple[int, ...], ...]
    """Of each state, those that are reached without a character."""
    at_start: tuple[tuple[int, ...], ...]
    at_end: tuple[tuple[int, ...], ...]
    start: int
    found: int
    """The state that is reached when the pattern has matched; it is never left."""


class _Builder:
    def __init__(self) -> None:
        self.steps: list[list[tuple[tuple[Range, ...], int]]] = []
        self.free: list[list[int]] = []
        self.anchored: dict[str, list[list[int]]] = {"start": [], "end": []}

    def state(self) -> int:
        if len(self.steps) >= _MOST_STATES:
            raise TooLarge
        for table in (self.steps, self.free, *self.anchored.values()):
            table.append([])  # type: ignore[attr-defined]
        return len(self.steps) - 1

    def add(self, tree: Tree, source: int) -> int:
        """Adds a tree that begins at a state; gives the state in which it has matched."""
        if isinstance(tree, Sequence):
            for part in tree.parts:
                source = self.add(part, source)
            return source
        if isinstance(tree, Repeat):
            return self._repeat(tree, source)
        target = self.state()
        if isinstance(tree, Characters):
            self.steps[source].append((tree.ranges, target))
        elif isinstance(tree, Anchor):
            self.anchored[tree.at][source].append(target)
        else:
            for option in tree.options:
                self.free[self.add(option, source)].append(target)
        return target

    def _repeat(self, tree: Repeat, source: int) -> int:
        for _ in range(tree.least):
            source = self.add(tree.body, source)
        if tree.most is None:
            hub = self.state()
            self.free[source].append(hub)
            self.free[self.add(tree.body, hub)].append(hub)
            return hub
        target = self.state()
        self.free[source].append(target)
        for _ in range(tree.most - tree.least):
            source = self.add(tree.body, source)
            self.free[source].append(target)
        return target


@lru_cache(maxsize=512)
def _automaton(pattern: str) -> _Automaton:
    builder = _Builder()
    # A pattern is searched for: it may begin anywhere.
    start = builder.state()
    builder.steps[start].append((((0, LAST),), start))
    begin = builder.state()
    builder.free[start].append(begin)
    found = builder.add(read_pattern(pattern), begin)
    builder.steps[found].append((((0, LAST),), found))
    return _Automaton(
        tuple(map(tuple, builder.steps)),
        tuple(map(tuple, builder.free)),
        tuple(map(tuple, builder.anchored["start"])),
        tuple(map(tuple, builder.anchored["end"])),
        start,
        found,
    )


class _Run:
    """An automaton with what was found out about its sets of states."""

    def __init__(self, automaton: _Automaton) -> None:
        self.automaton = automaton
        self._next: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._found: dict[frozenset[int], bool] = {}

    def begin(self) -> frozenset[int]:
        return self._closed((self.automaton.start,), self.automaton.at_start)

    def matches_nothing(self) -> bool:
        """Whether the empty text has a match: it begins where it ends."""
        tables = self.automaton.free, self.automaton.at_start, self.automaton.at_end
        return self.automaton.found in _reached((self.automaton.start,), tables)

    def next(self, states: frozenset[int], character: int) -> frozenset[int]:
        key = states, character
        known = self._next.get(key)
        if known is None:
            steps = self.automaton.steps
            moved = [
                target for state in states for ranges, target in steps[state] if any(first <= character <= last for first, last in ranges)
            ]
            known = self._next[key] = frozenset((self.automaton.found,)) if self.automaton.found in moved else self._closed(moved, None)
        return known

    def ends(self, states: frozenset[int]) -> bool:
        known = self._found.get(states)
        if known is None:
            tables = self.automaton.free, self.automaton.at_end
            known = self._found[states] = self.automaton.found in _reached(states, tables)
        return known

    def _closed(self, states: Iterable[int], anchored: tuple[tuple[int, ...], ...] | None) -> frozenset[int]:
        tables = (self.automaton.free,) if anchored is None else (self.automaton.free, anchored)
        closed = _reached(states, tables)
        return frozenset((self.automaton.found,)) if self.automaton.found in closed else closed


def _reached(states: Iterable[int], tables: tuple[tuple[tuple[int, ...], ...], ...]) -> frozenset[int]:
    found = set(states)
    pending = list(found)
    while pending:
        state = pending.pop()
        for table in tables:
            for target in table[state]:
                if target not in found:
                    found.add(target)
                    pending.append(target)
    return frozenset(found)


def _characters(automata: Iterable[_Automaton]) -> list[int]:
    """One character of each kind that no automaton tells apart, the most readable one."""
    classes = {ranges for automaton in automata for steps in automaton.steps for ranges, _ in steps}
    edges = {0, 0xD800, 0xE000}
    for ranges in classes:
        for first, last in ranges:
            edges.update((first, last + 1))
    kinds: dict[frozenset[int], int] = {}
    numbered = list(enumerate(classes))
    cuts = sorted(edge for edge in edges if edge <= LAST)
    for cut, after in zip(cuts, [*cuts[1:], LAST + 1], strict=True):
        if cut == 0xD800:
            continue
        kind = frozenset(number for number, ranges in numbered if any(first <= cut <= last for first, last in ranges))
        liked = next((code for code in _LIKED if cut <= code < after), None)
        if kind not in kinds or (liked is not None and kinds[kind] not in _LIKED):
            kinds[kind] = cut if liked is None else liked
    return sorted(kinds.values(), key=lambda code: (_LIKED.index(code) if code in _LIKED else len(_LIKED), code < 0x20, code))


@lru_cache(maxsize=4096)
def shortest(matched: frozenset[str], unmatched: frozenset[str], least: int = 0, most: int | None = None) -> str | None:
    """The shortest text that all of the patterns `matched` match and none of `unmatched`, from `least` to `most` characters long.

    None where there is no such text. Raises Unreadable for a pattern that is not read, TooLarge where the search has no end in sight.
    """
    counted = max(least, 0 if most is None else most + 1)
    if counted > _MOST_LENGTH:
        raise TooLarge
    automata = [_automaton(pattern) for pattern in (*matched, *unmatched)]
    wanted = [True] * len(matched) + [False] * len(unmatched)
    runs = [_Run(automaton) for automaton in automata]
    if least == 0 and all(run.matches_nothing() is want for run, want in zip(runs, wanted, strict=True)):
        return ""
    characters = _characters(automata) or [_LIKED[0]]
    state = tuple(run.begin() for run in runs)
    level: dict[tuple[tuple[frozenset[int], ...], int], str] = {(state, 0): ""}
    seen = set(level)
    length = 0
    while level and (most is None or length < most):
        length += 1
        following: dict[tuple[tuple[frozenset[int], ...], int], str] = {}
        for (states, _), text in level.items():
            for character in characters:
                moved = tuple(run.next(each, character) for run, each in zip(runs, states, strict=True))
                if _is_lost(moved, runs, wanted):
                    continue
                key = moved, min(length, counted)
                if key in seen:
                    continue
                longer = text + chr(character)
                if length >= least and all(run.ends(each) is want for run, each, want in zip(runs, moved, wanted, strict=True)):
                    return longer
                seen.add(key)
                if len(seen) > _MOST_SETS:
                    raise TooLarge
                following[key] = longer
        level = following
    return None


def _is_lost(states: tuple[frozenset[int], ...], runs: list[_Run], wanted: list[bool]) -> bool:
    """Whether no text that goes on from here can serve."""
    return any(not each if want else run.automaton.found in each for each, run, want in zip(states, runs, wanted, strict=True))


def any_of_texts(values: Iterable[Any]) -> str:
    """A pattern that matches the texts among some values, and no other text."""
    texts = [re.sub(r"[][^$.*+?(){}|\\/-]", r"\\\g<0>", value) for value in values if isinstance(value, str)]
    return f"^(?:{'|'.join(texts)})$" if texts else r"[^\s\S]"
