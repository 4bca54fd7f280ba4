"""A new contract: schema, examples and cases that pass every check from the start."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.bundle import resolve
from srcos_contracts.contracts.catalog import BASE_URI, VERSION, shipped_root, version_order
from srcos_contracts.evolve.new_version import further_waivers, new_version
from srcos_contracts.evolve.waivers import WAIVERS_FILE
from srcos_contracts.pointer import lookup
from srcos_contracts.refusal import Refusal

__all__ = ["ScaffoldRefused", "scaffold"]

_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_FAMILY = "defs/runtime-record/1.0.0.json"
_SHARED = (_FAMILY, "defs/primitives/1.0.0.json", "defs/urn/1.0.0.json")
_RULE = "record-named"
_LOCAL_ID = "[A-Za-z0-9](?:[A-Za-z0-9._~!$&'()+;=:@/-]|%[0-9A-Fa-f]{2})*"


class ScaffoldRefused(Refusal):
    """The name or version of a new contract cannot be used."""


def scaffold(schemas: Path, examples: Path, name: str, version: str = "0.1.0", owner: str | None = None) -> dict[Path, str]:
    """The files of a new contract of the runtime family, or of a new version of one that is there, by path: the caller writes them.

    A new version begins as a copy of the last one, with its waivers: their file is the one that may be there already. What the
    family shares is referred to where the folder has it, and written out where it has not. Raises ScaffoldRefused where the name
    is not UpperCamelCase, the version has no known form, or a file is there already; CatalogError where the last version cannot
    be read.
    """
    if not _NAME.fullmatch(name):
        raise ScaffoldRefused(f"a contract's name is UpperCamelCase, such as BuildReceipt, not {name}")
    if not VERSION.fullmatch(version):
        raise ScaffoldRefused(f"a version has the form 0.1.0 or v1alpha1, without leading zeros, not {version}")
    versions = sorted((file.stem for file in (schemas / name).glob("*.json")), key=version_order)
    if version in versions:
        raise ScaffoldRefused(f"{schemas / name / version}.json is there already; nothing was written")
    if not versions:
        return _unwritten(_template(schemas, examples, name, version, owner))
    texts = _unwritten(new_version(schemas, examples, name, versions[-1], version, owner))
    waived = further_waivers(examples / WAIVERS_FILE, name, versions[-1], version)
    return {**texts, examples / WAIVERS_FILE: waived} if waived is not None else texts


def _unwritten(texts: dict[Path, str]) -> dict[Path, str]:
    for path in texts:
        if path.exists():
            raise ScaffoldRefused(f"{path} is there already; nothing was written")
    return texts


def _template(schemas: Path, examples: Path, name: str, version: str, owner: str | None) -> dict[Path, str]:
    folder = examples / name / version
    urn = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    schema = _schema(name, version, owner or "unknown", urn)
    if not (schemas / _FAMILY).is_file():
        schema = _written_out(schema, schema["$id"])
    minimal = _record(name, version, urn)
    full = {
        **minimal,
        "evidenceRefs": ["urn:srcos:evidence:log-0001", "file:///var/log/example.log"],
        "causalRefs": ["urn:srcos:event:example-0001"],
        "agentMachineReceiptRef": "urn:srcos:agent-machine-receipt:example-0001",
        "x-note": "the producer's own property",
    }
    faults: dict[str, dict[str, Any]] = {
        f"{_RULE}/template-not-filled-in": {"id": f"urn:srcos:{urn}:<local-id>"},
        "policy-decision-ref/two-in-a-list": {"policyDecisionRef": ["urn:srcos:decision:one", "urn:srcos:decision:two"]},
        "evidence-missing/none": {"evidenceRefs": []},
        "schema-format/no-offset": {"capturedAt": "2026-05-06T18:00:00"},
    }
    values: dict[Path, Any] = {
        schemas / name / f"{version}.json": schema,
        folder / "valid/minimal.json": minimal,
        folder / "valid/full.json": full,
        **{folder / f"invalid/{file}.json": {**minimal, **fault} for file, fault in faults.items()},
        folder / "cases.json": _cases(name, version, urn, faults),
    }
    return {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in values.items()}


def _record(name: str, version: str, urn: str) -> dict[str, Any]:
    return {
        "id": f"urn:srcos:{urn}:example-0001",
        "type": name,
        "specVersion": version,
        "policyDecisionRef": "urn:srcos:decision:example-0001",
        "evidenceRefs": ["urn:srcos:evidence:log-0001"],
        "capturedAt": "2026-05-06T18:00:00Z",
    }


def _schema(name: str, version: str, owner: str, urn: str) -> dict[str, Any]:
    family = ("policyDecisionRef", "evidenceRefs", "causalRefs", "agentMachineReceiptRef", "capturedAt")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE_URI}{name}/{version}.json",
        "title": name,
        "description": f"What a {name} says, in one sentence.",
        "x-contract": {
            "name": name,
            "version": version,
            "status": "draft",
            "owner": owner,
            "discriminator": {"type": name, "specVersion": version},
        },
        "type": "object",
        "properties": {
            "id": {
                "description": f"The name of this record: `urn:srcos:{urn}:<local-id>`.",
                "type": "string",
                "pattern": f"^urn:srcos:{urn}:{_LOCAL_ID}$",
                "x-id": True,
                "x-rule": {
                    "id": _RULE,
                    "message": "the record has a name of its own",
                    "help": f"set id to urn:srcos:{urn}:<local-id>, with an id that no other record has",
                    "why": "Without a name nothing can refer to the record.",
                },
            },
            "type": {"description": "The discriminator of the contract.", "const": name},
            "specVersion": {"description": "The version of the contract.", "const": version},
            **{member: {"$ref": f"../{_FAMILY}#/$defs/{member}"} for member in family},
        },
        "required": ["id", "type", "specVersion", "policyDecisionRef", "evidenceRefs", "capturedAt"],
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
        "x-warn": [{"$ref": f"../{_FAMILY}#/$defs/evidence-missing"}],
    }


def _written_out(schema: dict[str, Any], uri: str) -> dict[str, Any]:
    """The schema without references: what they lead to among the shipped definitions stands in their place."""
    resources = {BASE_URI + file: json.loads(Path(shipped_root(), file).read_text(encoding="utf-8")) for file in _SHARED}

    def inlined(node: Any, base: str) -> Any:
        if isinstance(node, list):
            return [inlined(item, base) for item in node]
        if not isinstance(node, dict):
            return node
        own = {keyword: inlined(member, base) for keyword, member in node.items() if keyword != "$ref"}
        if isinstance(own.get("x-ref"), dict):
            # The contracts of the family are not at hand either.
            own["x-ref"] = {**own["x-ref"], "to": []}
        if "$ref" not in node:
            return own
        place = resolve({**resources, uri: schema}, base, node["$ref"])
        target = inlined(lookup(resources[place.uri], place.path), place.uri)
        if target.get("format") == "date-time":
            # The pattern beside it is for validators that ignore formats; without it no waiver is needed.
            target = {keyword: member for keyword, member in target.items() if keyword != "pattern"}
        found = {**target, **own}
        if "x-rule" in found and "not" in found:
            # What is no text breaks the `not` too, under the same rule: no record would tell whether `type` is there.
            found.pop("type", None)
        return found

    written: dict[str, Any] = inlined(schema, uri)
    return written


def _cases(name: str, version: str, urn: str, faults: Mapping[str, Any]) -> dict[str, Any]:
    rules = {file: file.split("/")[0] for file in faults}
    pointers = {file: "/" + next(iter(fault)) for file, fault in faults.items()}
    return {
        "contract": name,
        "version": version,
        "files": [
            {"file": "valid/minimal.json", "expect": []},
            {"file": "valid/full.json", "expect": []},
            *({"file": f"invalid/{file}.json", "expect": _expected((rules[file], pointers[file]))} for file in faults),
        ],
        "cases": [
            _case("the record is a list", {"op": "replace", "path": "", "value": []}, ("schema-type", "")),
            _case("the record is null", {"op": "replace", "path": "", "value": None}, ("schema-type", "")),
            _case("an undeclared property", {"op": "add", "path": "/note", "value": 1}, ("schema-additional-properties", "/note")),
            *_member("id", [None, 1, f"a urn:srcos:{urn}:example-0001", f"urn:srcos:{urn}:example 0001"], _RULE),
            *_member("type", [None, "Other"], "schema-const", "schema-required"),
            *_member("specVersion", [None, "9.9.9"], "schema-const", "schema-required"),
            *_member("policyDecisionRef", [None, 1, "a urn:srcos:decision:one", "urn:srcos:decision:one two"], "policy-decision-ref"),
            *_member("policyDecisionRef", ["xurn:srcos:decision:one", "urn:srcos:decision:a;urn:srcos:decision:b"], "policy-decision-ref"),
            *_member("evidenceRefs", [None, "urn:srcos:evidence:log-0001"], "schema-type", "schema-required"),
            *_member("evidenceRefs/0", [None, 1], "schema-type"),
            *_member("evidenceRefs/0", ["two words", " log", "log "], "schema-pattern"),
            *_member("evidenceRefs", [["a:b", "a:b"]], "schema-unique-items"),
            *_member("causalRefs", [None, "urn:srcos:event:example-0001"], "schema-type"),
            *_member("causalRefs/0", [None, 1], "schema-type"),
            *_member("causalRefs/0", ["two words", " event", "event "], "schema-pattern"),
            *_member(
                "agentMachineReceiptRef",
                ["urn:srcos:agent-machine-receipt:a;urn:srcos:agent-machine-receipt:b"],
                "schema-not",
            ),
            _case("agentMachineReceiptRef is null", {"op": "replace", "path": "/agentMachineReceiptRef", "value": None}),
            *_member("agentMachineReceiptRef", [1], "schema-type"),
            *_member(
                "agentMachineReceiptRef",
                ["a urn:srcos:agent-machine-receipt:one", "urn:srcos:agent-machine-receipt:one two"],
                "schema-pattern",
            ),
            *_member("capturedAt", [None, 1], "schema-type", "schema-required"),
        ],
    }


def _member(place: str, values: list[Any], rule: str, missing: str = "") -> list[dict[str, Any]]:
    """The cases of one member: each wrong value, and its absence where it is required."""
    words = place.replace("/0", "'s first item")
    found = [
        _case(f"{words} is {json.dumps(value)}", {"op": "replace", "path": f"/{place}", "value": value}, (rule, f"/{place}"))
        for value in values
    ]
    if None in values and (missing or not rule.startswith("schema-")):
        found.append(_case(f"{words} is missing", {"op": "remove", "path": f"/{place}"}, (missing or rule, f"/{place}")))
    return found


def _case(words: str, operation: dict[str, Any], *expect: tuple[str, str]) -> dict[str, Any]:
    return {"name": words, "base": "valid/full.json", "patch": [operation], "expect": _expected(*expect)}


def _expected(*found: tuple[str, str]) -> list[dict[str, str]]:
    warning = {"severity": "warning"}
    return [{"rule": rule, "pointer": pointer, **(warning if rule == "evidence-missing" else {})} for rule, pointer in found]
