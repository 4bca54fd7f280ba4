"""A value made smaller, or brought nearer to another, for as long as it still shows what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from srcos_contracts.compat.plain_values import is_number
from srcos_contracts.compat.reading import alike
from srcos_contracts.pointer import ABSENT, Path, format_pointer

__all__ = ["patch_between", "shrunk", "size"]

_MOST_TRIES = 1500
_PLAIN: tuple[Any, ...] = (None, 0, "", False, [], {})


def size(value: Any) -> int:
    """How long a value is as JSON."""
    return len(json.dumps(value, ensure_ascii=False, default=float, separators=(",", ":")))


def shrunk(value: Any, shows: Callable[[Any], bool], base: Any = ABSENT) -> Any:
    """The value with everything gone that is not needed for `shows`; where there is a base, the fewest changes to it.

    `shows` holds for the value, and for what is returned.
    """
    tries = 0

    def tried(candidate: Any) -> bool:
        nonlocal tries
        tries += 1
        return tries <= _MOST_TRIES and shows(candidate)

    changed = True
    while changed and tries <= _MOST_TRIES:
        changed = False
        simpler = _nearer(value, base) if base is not ABSENT else _simpler(value)
        for candidate in simpler:
            if tried(candidate):
                value, changed = candidate, True
                break
    return value


def _nearer(value: Any, base: Any) -> Iterator[Any]:
    """Values that differ from the base in less, the largest steps first."""
    if alike(value, base):
        return
    if value.__class__ is not base.__class__ or not isinstance(value, (dict, list)):
        yield base
        yield from _simpler_alone(value)
        return
    if isinstance(value, list):
        yield from _nearer_list(value, base)
        return
    for name in [name for name in (*base, *value) if name not in value or name not in base or not alike(value[name], base[name])]:
        if name not in base:
            yield {other: member for other, member in value.items() if other != name}
        else:
            # In the order of the base, so that a patch need not say that members have moved.
            yield {other: value.get(other, base.get(other)) for other in (*base, *value) if other in value or other == name} | {
                name: base[name]
            }
    for name, member in value.items():
        nearer = _nearer(member, base[name]) if name in base else _simpler(member)
        yield from ({**value, name: candidate} for candidate in nearer)


def _nearer_list(value: list[Any], base: list[Any]) -> Iterator[Any]:
    yield base
    if len(value) > len(base):
        yield from (value[:at] + value[at + 1 :] for at in range(len(value)))
    elif len(value) < len(base):
        yield value + base[len(value) :]
        yield value + base[len(value) : len(value) + 1]
    for at, item in enumerate(value):
        nearer = _nearer(item, base[at]) if at < len(base) else _simpler(item)
        yield from ([*value[:at], candidate, *value[at + 1 :]] for candidate in nearer)


def _simpler(value: Any) -> Iterator[Any]:
    """Values with a part gone, or with a part in plainer form."""
    plain = next((index for index, other in enumerate(_PLAIN) if alike(other, value)), len(_PLAIN))
    yield from (other for index, other in enumerate(_PLAIN) if index < plain and (size(other) < size(value) or plain == len(_PLAIN)))
    yield from _simpler_alone(value)
    if isinstance(value, dict):
        yield from ({other: member for other, member in value.items() if other != name} for name in value)
        for name, member in value.items():
            yield from ({**value, name: candidate} for candidate in _simpler(member))
    elif isinstance(value, list):
        if len(value) > 4:
            yield from (value[: len(value) // 2], value[len(value) // 2 :])
        yield from (value[:at] + value[at + 1 :] for at in range(len(value)))
        for at, item in enumerate(value[:20]):
            yield from ([*value[:at], candidate, *value[at + 1 :]] for candidate in _simpler(item))


def _simpler_alone(value: Any) -> Iterator[Any]:
    if isinstance(value, str) and len(value) > 1:
        yield from (value[: len(value) // 2], value[len(value) // 2 :], value[1:], value[:-1])
    elif is_number(value) and abs(value) > 1:
        whole = int(value)
        yield from (candidate for candidate in (1, -1, whole // 2, whole) if abs(candidate) < abs(value) or whole != value)


def patch_between(base: Any, value: Any) -> tuple[dict[str, Any], ...]:
    """The JSON Patch (RFC 6902) that makes one value of another."""
    return tuple(_operations(base, value, ()))


def _operations(base: Any, value: Any, path: Path) -> Iterator[dict[str, Any]]:
    if alike(base, value) and base.__class__ is value.__class__:
        return
    if isinstance(base, dict) and isinstance(value, dict):
        yield from ({"op": "remove", "path": format_pointer((*path, name))} for name in base if name not in value)
        for name, member in value.items():
            if name in base:
                yield from _operations(base[name], member, (*path, name))
            else:
                yield {"op": "add", "path": format_pointer((*path, name)), "value": member}
    elif isinstance(base, list) and isinstance(value, list):
        yield from _item_operations(base, value, path)
    else:
        yield {"op": "replace", "path": format_pointer(path), "value": value}


def _item_operations(base: Sequence[Any], value: Sequence[Any], path: Path) -> Iterator[dict[str, Any]]:
    first = next(
        (at for at, (one, other) in enumerate(zip(base, value, strict=False)) if not alike(one, other)), min(len(base), len(value))
    )
    last = 0
    while last < min(len(base), len(value)) - first and alike(base[-1 - last], value[-1 - last]):
        last += 1
    old, new = base[first : len(base) - last], value[first : len(value) - last]
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        yield from _operations(one, other, (*path, first + at))
    for at in range(len(old) - 1, len(new) - 1, -1):
        yield {"op": "remove", "path": format_pointer((*path, first + at))}
    for at in range(len(old), len(new)):
        yield {"op": "add", "path": format_pointer((*path, first + at)), "value": new[at]}
