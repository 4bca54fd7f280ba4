"""The `x-` keywords that assert: what each says, compiled to a plain function of an instance (docs/vocabulary.md).

Every check gives the breaches it finds and an empty tuple where the keyword holds. Places that are absent, null or of another
type never break a keyword: presence and type are JSON Schema's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from srcos_contracts.canonical import canonical_form
from srcos_contracts.instant import compare_times
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, Path, lookup, parse_pointer
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import show

__all__ = ["ASSERTIONS", "NO_PARTS", "Breach", "Check", "VocabularyError", "compile_keyword", "digest_without"]

NO_PARTS: Mapping[str, str] = {}
"""The path parts of a record that no path binding claims."""


class Breach(NamedTuple):
    """One way in which an instance breaks a keyword."""

    path: Path
    """The place at fault, from the object in which the keyword stands."""
    detail: str
    """What is wrong with it, in words; values of the payload as JSON."""
    offset: int | None = None
    """Of a text, the character at which it goes wrong, where the keyword knows."""


Check = Callable[[Any, Mapping[str, str]], tuple[Breach, ...]]
"""From an instance, and the parts of the path that its record is bound to, to breaches."""


class VocabularyError(Refusal):
    """A keyword's value does not have the form that docs/vocabulary.md gives it."""


def compile_keyword(keyword: str, value: Any) -> Check:
    """The check that a keyword with this value makes.

    Raises VocabularyError where the value is malformed, KeyError where the keyword is not one of ASSERTIONS.
    """
    try:
        return ASSERTIONS[keyword](value)
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        raise VocabularyError(f"{keyword} does not have the form that the vocabulary gives it: {error}") from error


def _order(value: Any) -> Check:
    links: list[tuple[list[tuple[str, ...]], bool]] = []
    for chain in value:
        strict = isinstance(chain, dict) and bool(chain.get("strict", False))
        links.append(([parse_pointer(pointer) for pointer in (chain["chain"] if isinstance(chain, dict) else chain)], strict))

    simple = [[path[0] for path in chain] for chain, strict in links if not strict and all(len(path) == 1 for path in chain)]
    quick = simple if len(simple) == len(links) else None

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        if not isinstance(instance, dict) or (quick is not None and _plainly_in_order(quick, instance)):
            return ()
        breaches: tuple[Breach, ...] = ()
        for chain, strict in links:
            earlier: str | None = None
            earlier_path: Path = ()
            for path in chain:
                time = lookup(instance, path)
                if not isinstance(time, str):
                    continue
                if earlier is not None and not _plainly_ordered(earlier, time, strict):
                    order = compare_times(earlier, time)
                    if order is not None and (order > 0 or (strict and order == 0)):
                        relation = "before" if order > 0 else "the same instant as"
                        detail = f"{_name(path)} {show(time)} is {relation} {_name(earlier_path)} {show(earlier)}"
                        breaches += (Breach(path, detail),)
                earlier, earlier_path = time, path
        return breaches

    return check


def _plainly_in_order(chains: list[list[str]], instance: dict[str, Any]) -> bool:
    """Whether all stamps are UTC to the second, so that text alone shows that no chain decreases."""
    for names in chains:
        earlier = ""
        for name in names:
            time = instance.get(name)
            if time is None:
                continue
            if time.__class__ is not str or len(time) != 20 or time[19] != "Z" or time[10] != "T" or time < earlier:
                return False
            earlier = time
    return True


def _plainly_ordered(first: str, second: str, strict: bool) -> bool:
    """Whether text alone shows the order: UTC stamps of equal length have the order of their text."""
    if first == second:
        return not strict
    return first < second and len(first) == len(second) == 20 and first[10] == second[10] == "T" and first[19] == second[19] == "Z"


def _membership(wanted: bool) -> Callable[[Any], Check]:
    def compile_pairs(value: Any) -> Check:
        pairs = [(_place(member), _place(container)) for member, container in value.items()]

        def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
            breaches: tuple[Breach, ...] = ()
            for member, container in pairs:
                item, among = member.get(instance, parts), container.get(instance, parts)
                if item is None or not isinstance(among, (list, dict)):
                    continue
                if _contains(among, item) is not wanted:
                    verb = "does not contain" if wanted else "contains"
                    breaches += (Breach(member.path or container.path, f"{member.name} is {show(item)}, which {container.name} {verb}"),)
            return breaches

        return check

    return compile_pairs


def _keys(value: Any) -> Check:
    pairs: list[tuple[tuple[str, ...], tuple[str, ...], bool]] = []
    for pointer, relation in value.items():
        ((kind, other),) = relation.items()
        if kind not in ("within", "same"):
            raise VocabularyError(f"a relation of keys is within or same, not {kind}")
        pairs.append((parse_pointer(pointer), parse_pointer(other), kind == "same"))

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        breaches: tuple[Breach, ...] = ()
        for path, other_path, same in pairs:
            keys, others = _map_at(instance, path, same), _map_at(instance, other_path, same)
            if keys is None or others is None or (keys.keys() <= others.keys() and (not same or len(keys) == len(others))):
                continue
            breaches += tuple(Breach((*path, key), f"{show(key)} is not a key of {_name(other_path)}") for key in keys if key not in others)
            if same:
                breaches += tuple(
                    Breach((*other_path, key), f"{show(key)} is not a key of {_name(path)}") for key in others if key not in keys
                )
        return breaches

    return check


def _unique(value: Any) -> Check:
    if not isinstance(value, str):
        raise VocabularyError("the value is the name of a member")

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        if not isinstance(instance, list):
            return ()
        seen: dict[Any, int] = {}
        breaches: tuple[Breach, ...] = ()
        for index, item in enumerate(instance):
            member = item.get(value) if isinstance(item, dict) else None
            if not isinstance(member, str):
                continue
            if member in seen:
                breaches += (Breach((index, value), f"{value} {show(member)} stands in item {seen[member]} already"),)
            else:
                seen[member] = index
        return breaches

    return check


def _equal(value: Any) -> Check:
    places = [(_place(place), re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", pattern))) for place, pattern in value.items()]
    # The path's parts come first, so that what disagrees with them is a place in the record.
    places.sort(key=lambda place: place[0].part is None)
    searches = [(place, pattern.search, tuple(pattern.groupindex)) for place, pattern in places]

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        first: dict[str, tuple[str, _Place]] = {}
        breaches: tuple[Breach, ...] = ()
        for place, search, groups in searches:
            text = place.get(instance, parts)
            match = search(text) if isinstance(text, str) else None
            if match is None:
                continue
            for group in groups:
                captured = match[group]
                known = first.get(group)
                if captured is None:
                    continue
                if known is None:
                    first[group] = (captured, place)
                elif known[0] != captured:
                    detail = f"{place.says(group)} is {show(captured)}, {known[1].says(group)} {show(known[0])}"
                    breaches += (Breach(place.path, detail),)
        return breaches

    return check


def _digest(value: Any) -> Check:
    place, omitted = parse_pointer(value["value"]), [parse_pointer(pointer) for pointer in value["omit"]]

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        stated = lookup(instance, place)
        if not isinstance(stated, str) or not isinstance(instance, dict):
            return ()
        try:
            actual = digest_without(instance, omitted)
        except ValueError as error:
            return (Breach(place, f"the record has no canonical form (RFC 8785): {error}"),)
        return () if stated.lower() == actual else (Breach(place, f"the digest of the record is {actual}"),)

    return check


def digest_without(record: dict[str, Any], omitted: Sequence[tuple[str, ...]]) -> str:
    """`sha256:` and the hex SHA-256 of the RFC 8785 form of a record without some places. Raises ValueError where it has none."""
    import hashlib

    for path in omitted:
        record = _without(record, path)
    return "sha256:" + hashlib.sha256(canonical_form(record)).hexdigest()


def _path(value: Any) -> Check:
    wanted = [str(part) for part in value]
    if isinstance(value, str):
        raise VocabularyError("the value is a list of names of path parts")

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        missing = [part for part in wanted if part not in parts] if parts else []
        return (Breach((), f"the path names no {' and no '.join(missing)}"),) if missing else ()

    return check


def _template(value: Any) -> Check:
    if value != "liquid":
        raise VocabularyError("the one language of templates is liquid")

    def check(instance: Any, parts: Mapping[str, str]) -> tuple[Breach, ...]:
        if not isinstance(instance, str):
            return ()
        from srcos_contracts.contracts.template import template_fault

        fault = template_fault(instance)
        return (Breach((), f"the template does not parse: {fault.message}", fault.offset),) if fault is not None else ()

    return check


def _without(value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if path[0] not in value:
        return value
    copy = value.copy()
    inner = copy.pop(path[0])
    if len(path) == 1:
        return copy
    if not isinstance(inner, dict):
        return value
    copy[path[0]] = _without(inner, path[1:])
    return copy


class _Place(NamedTuple):
    path: Path
    part: str | None

    def get(self, instance: Any, parts: Mapping[str, str]) -> Any:
        """The value there; None where there is none."""
        if self.part is not None:
            return parts.get(self.part)
        if len(self.path) == 1 and isinstance(instance, dict):
            return instance.get(self.path[0])
        value = lookup(instance, self.path)
        return None if value is ABSENT else value

    def says(self, group: str) -> str:
        """How a sentence names what a group has captured here."""
        return self.name if group in (self.part, self.name) else f"the {group} in {self.name}"

    @property
    def name(self) -> str:
        return f"the path's {self.part}" if self.part is not None else _name(self.path)


def _place(text: str) -> _Place:
    return _Place((), text.removeprefix("path:")) if text.startswith("path:") else _Place(parse_pointer(text), None)


def _contains(container: list[Any] | dict[str, Any], item: Any) -> bool:
    if isinstance(container, dict):
        return isinstance(item, str) and item in container
    if isinstance(item, str):
        return item in container
    # In JSON true is not 1.
    return any(member == item and isinstance(member, bool) == isinstance(item, bool) for member in container)


def _map_at(instance: Any, path: tuple[str, ...], absent_is_empty: bool) -> Mapping[str, Any] | None:
    value = lookup(instance, path)
    if value is ABSENT or value is None:
        return {} if absent_is_empty else None
    return value if isinstance(value, dict) else None


def _name(path: Path) -> str:
    return ".".join(str(token) for token in path) or "the value"


ASSERTIONS: Mapping[str, Callable[[Any], Check]] = {
    "x-order": _order,
    "x-in": _membership(True),
    "x-not-in": _membership(False),
    "x-keys": _keys,
    "x-unique": _unique,
    "x-equal": _equal,
    "x-digest": _digest,
    "x-path": _path,
    "x-template": _template,
}
"""The closed list of keywords that assert, each with the function that compiles its value."""
