"""A new version of a contract, begun as a copy of its last one: schema, examples and cases, which name the new version."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from srcos_contracts.canonical import canonical_form
from srcos_contracts.contracts.catalog import BASE_URI, CatalogError
from srcos_contracts.evolve.cases import CASES_FILE, PatchFailed, patched
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import lookup, parse_pointer
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import spans_of

__all__ = ["further_waivers", "moved_waivers", "new_version", "with_values"]

_PREFIX = "sha256:"


class _Move(NamedTuple):
    """What is called otherwise in the new version."""

    name: str
    old: str
    new: str
    constants: Mapping[str, tuple[str, str]]
    """Members of the discriminator, each with its constant before and after."""
    digest: Mapping[str, Any]
    """The x-digest of the record, empty where it has none."""


def new_version(schemas: Path, examples: Path, name: str, old: str, new: str, owner: str | None = None) -> dict[Path, str]:
    """The files of a version `new` of a contract, by path: those of `old` with the version changed, and digests made anew.

    What has digests or text of its own that the version does not tell stays as it is: whoever calls runs the cases. `owner`
    replaces the old version's. Raises CatalogError where a file cannot be read.
    """
    file = schemas / name / f"{old}.json"
    text, schema = _read(file)
    about = schema.get("x-contract") if isinstance(schema, dict) else None
    if not isinstance(about, dict):
        raise CatalogError(f"{file} has no x-contract, so there is no telling what its version names")
    members = about.get("discriminator", {})
    constants = {member: (value, value.replace(old, new)) for member, value in members.items() if isinstance(value, str) and old in value}
    move = _Move(name, old, new, constants, next(_digests(schema), {}))
    texts = {schemas / name / f"{new}.json": _new_schema(text, schema, move, owner)}
    folder = examples / name / old
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        target = examples / name / new / path.relative_to(folder)
        if path == folder / CASES_FILE:
            texts[target] = _new_cases(path, folder, move)
        else:
            texts[target] = _new_example(path, move)
    return texts


def further_waivers(waivers: Path, name: str, old: str, new: str) -> str | None:
    """The text of a waivers file in which what is waived of the version `old` is waived of `new` as well; None where nothing is."""
    lines, moved = _waivers(waivers, name, old, new)
    return "".join([*lines, *(line for line, before in zip(moved, lines, strict=True) if line != before)]) if moved != lines else None


def moved_waivers(waivers: Path, name: str, old: str, new: str) -> str | None:
    """The text of a waivers file in which what is waived of the version `old` is waived of `new` instead; None where nothing is."""
    lines, moved = _waivers(waivers, name, old, new)
    return "".join(moved) if moved != lines else None


def _waivers(waivers: Path, name: str, old: str, new: str) -> tuple[list[str], list[str]]:
    """The lines of a waivers file, and the same with those about `old` being about `new`."""
    lines = waivers.read_text(encoding="utf-8").splitlines(keepends=True) if waivers.is_file() else []
    file = f"{name}/{old}.json"
    about = re.compile(rf"- *\{{ *schema: *{re.escape(file)}\b")
    return lines, [line.replace(file, f"{name}/{new}.json", 1) if about.match(line) else line for line in lines]


def _read(path: Path) -> tuple[str, Any]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error
    value = parse_json(Document(str(path), content))
    if isinstance(value, Finding):
        raise CatalogError(f"{path}:{value.location.line}:{value.location.column}: {value.message}")
    return content.decode("utf-8"), value


def _digests(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every x-digest that is about the record as a whole."""
    if isinstance(node, dict):
        if isinstance(node.get("x-digest"), dict):
            yield node["x-digest"]
        for member in node.get("allOf", ()):
            yield from _digests(member)


def _new_schema(text: str, schema: dict[str, Any], move: _Move, owner: str | None) -> str:
    changes: dict[Way, str] = {("x-contract", "version"): move.new, ("x-contract", "status"): "draft"}
    changes["$id",] = f"{BASE_URI}{move.name}/{move.new}.json"
    if owner is not None:
        changes["x-contract", "owner"] = owner
    for member, (before, after) in move.constants.items():
        changes["x-contract", "discriminator", member] = after
        changes.update(
            {way: after for way, value in _leaves(schema, ()) if value == before and way[-3:] == ("properties", member, "const")}
        )
    return with_values(text, {way: value for way, value in changes.items() if isinstance(lookup(schema, way), str)})


def _leaves(node: Any, way: Way) -> Iterator[tuple[Way, Any]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if members is None:
        yield way, node
        return
    for key, member in members:
        yield from _leaves(member, (*way, key))


def with_values(text: str, changes: Mapping[Way, str]) -> str:
    """A JSON text in which other strings stand at some places."""
    spans = spans_of(text, list(changes))
    for way in sorted(changes, key=lambda way: -spans[way][0][0]):
        start, end = spans[way][0]
        text = text[:start] + json.dumps(changes[way], ensure_ascii=False) + text[end:]
    return text


def _new_example(path: Path, move: _Move) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except ValueError:
        # An example of what cannot be read.
        raise CatalogError(f"{path} is not UTF-8; copy it by hand after the version is made without it") from None
    changed = _renamed(text, move)
    for before, after in zip(text.split("\n"), changed.split("\n"), strict=True) if path.suffix == ".jsonl" else [(text, changed)]:
        if before != after and path.suffix in (".json", ".jsonl"):
            changed = _redigested(changed, _value(before), _value(after), move)
    return changed


def _renamed(text: str, move: _Move) -> str:
    """A text in JSON or YAML in which the discriminator's members have their new constants.

    Where one had the new constant it gets the old one: what was the wrong version would be the right one now.
    """
    for member, constants in move.constants.items():
        either = "|".join(re.escape(constant) for constant in constants)
        named = rf'("{re.escape(member)}"\s*:\s*"|^\s*{re.escape(member)}\s*:\s*["\']?)({either})(?=["\']|\s*$)'
        other = dict(zip(constants, reversed(constants), strict=True))
        text = re.sub(named, partial(_swapped, other), text, flags=re.MULTILINE)
    return text


def _swapped(other: Mapping[str, str], match: re.Match[str]) -> str:
    return match[1] + other[match[2]]


def _value(text: str) -> Any:
    value = parse_json(Document("", text.encode("utf-8")))
    return None if isinstance(value, Finding) else value


def _redigested(text: str, before: Any, after: Any, move: _Move) -> str:
    """A text with the digest that belongs to a record, where the one that stood there belonged to the record as it was."""
    old, new = _digest(before, move.digest), _digest(after, move.digest)
    stated = lookup(before, parse_pointer(move.digest["value"])) if move.digest else None
    if not isinstance(stated, str) or stated.lower() != old:
        return text
    return text.replace(stated, new if stated == old else _PREFIX + new.removeprefix(_PREFIX).upper())


def _digest(record: Any, digest: Mapping[str, Any]) -> str:
    if not digest or not isinstance(record, dict):
        return ""
    rest = copy.deepcopy(record)
    for place in digest["omit"]:
        *above, last = parse_pointer(place)
        holder = lookup(rest, above)
        if isinstance(holder, dict):
            holder.pop(last, None)
    try:
        return _PREFIX + hashlib.sha256(canonical_form(rest)).hexdigest()
    except ValueError:
        return ""


def _new_cases(path: Path, folder: Path, move: _Move) -> str:
    text, stored = _read(path)
    changes: dict[Way, str] = {("version",): move.new}
    digests: list[tuple[Any, Any]] = []
    for index, case in enumerate(stored["cases"]):
        for number, operation in enumerate(case["patch"]):
            for member, (before, after) in move.constants.items():
                if operation["path"] == f"/{member}" and operation.get("value") in (before, after):
                    # What was the wrong version may be the right one now.
                    other = after if operation["value"] == before else before
                    changes["cases", index, "patch", number, "value"] = other
        base = folder / case["base"]
        if move.digest and base.suffix == ".json":
            record = _value(base.read_text(encoding="utf-8"))
            renamed = _value(_renamed(base.read_text(encoding="utf-8"), move))
            try:
                digests.append((patched(record, case["patch"]), patched(renamed, case["patch"])))
            except PatchFailed as error:
                raise CatalogError(f"{path}: the patch of {case['name']!r} does not apply: {error}") from error
    text = with_values(text, changes)
    for before, after in digests:
        text = _redigested(text, before, after, move)
    return _renamed(text, move)
