"""A new contract: schema, examples and cases that pass every check from the start."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import BASE_URI
from srcos_contracts.refusal import Refusal

__all__ = ["ScaffoldRefused", "scaffold"]

_NAME = re.compile(r"[A-Z][A-Za-z0-9]*")
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


class ScaffoldRefused(Refusal):
    """The name or version of a new contract cannot be used."""


def scaffold(schemas: Path, examples: Path, name: str, version: str = "0.1.0", owner: str = "unknown") -> dict[Path, str]:
    """The files of a new contract of the runtime family, by path: the caller writes them.

    Raises ScaffoldRefused where the name is not UpperCamelCase, the version not of the form 0.1.0, or a file is there already.
    """
    if not _NAME.fullmatch(name):
        raise ScaffoldRefused(f"a contract's name is UpperCamelCase, such as BuildReceipt, not {name}")
    if not _VERSION.fullmatch(version):
        raise ScaffoldRefused(f"a version has the form 0.1.0, not {version}")
    folder = examples / name / version
    urn = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    record = _record(name, version, urn)
    full = {**record, "x-note": "the producer's own property"}
    unnamed = {**record, "id": "urn:srcos:" + urn + ":<local-id>"}
    texts: dict[Path, Any] = {
        schemas / name / f"{version}.json": _schema(name, version, owner, urn),
        folder / "valid/minimal.json": record,
        folder / "valid/full.json": full,
        folder / f"invalid/{urn}-named/template-not-filled-in.json": unnamed,
        folder / "invalid/schema-format/no-offset.json": {**record, "capturedAt": "2026-05-06T18:00:00"},
        folder / "cases.json": _cases(name, version, urn),
    }
    for path in texts:
        if path.exists():
            raise ScaffoldRefused(f"{path} is there already; nothing was written")
    return {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in texts.items()}


def _record(name: str, version: str, urn: str) -> dict[str, Any]:
    return {"id": f"urn:srcos:{urn}:example-0001", "type": name, "specVersion": version, "capturedAt": "2026-05-06T18:00:00Z"}


def _schema(name: str, version: str, owner: str, urn: str) -> dict[str, Any]:
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
                "pattern": f"^urn:srcos:{urn}:[A-Za-z0-9][A-Za-z0-9._:/-]*$",
                "x-id": True,
                "x-rule": {
                    "id": f"{urn}-named",
                    "message": "the record has a name of its own",
                    "help": f"set id to urn:srcos:{urn}:<local-id>, with an id that no other record has",
                    "why": "Without a name nothing can refer to the record.",
                },
            },
            "type": {"description": "The discriminator of the contract.", "const": name},
            "specVersion": {"description": "The version of the contract.", "const": version},
            "capturedAt": {"$ref": "../defs/runtime-record/1.0.0.json#/$defs/capturedAt"},
        },
        "required": ["id", "type", "specVersion", "capturedAt"],
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
    }


def _cases(name: str, version: str, urn: str) -> dict[str, Any]:
    rule = f"{urn}-named"

    def case(words: str, patch: list[dict[str, Any]], *expect: tuple[str, str]) -> dict[str, Any]:
        return {"name": words, "base": "valid/minimal.json", "patch": patch, "expect": _expected(*expect)}

    def without(member: str) -> list[dict[str, Any]]:
        return [{"op": "remove", "path": f"/{member}"}]

    def with_value(member: str, value: Any) -> list[dict[str, Any]]:
        return [{"op": "replace", "path": f"/{member}", "value": value}]

    return {
        "contract": name,
        "version": version,
        "files": [
            {"file": "valid/minimal.json", "expect": []},
            {"file": "valid/full.json", "expect": []},
            {"file": f"invalid/{rule}/template-not-filled-in.json", "expect": _expected((rule, "/id"))},
            {"file": "invalid/schema-format/no-offset.json", "expect": _expected(("schema-format", "/capturedAt"))},
        ],
        "cases": [
            case("the record is a list", [{"op": "replace", "path": "", "value": []}], ("schema-type", "")),
            case("id is missing", without("id"), (rule, "/id")),
            case("id is a number", with_value("id", 1), (rule, "/id")),
            case("type is missing", without("type"), ("schema-required", "/type")),
            case("type is another contract's", with_value("type", "Other"), ("schema-const", "/type")),
            case("specVersion is missing", without("specVersion"), ("schema-required", "/specVersion")),
            case("specVersion is another", with_value("specVersion", "9.9.9"), ("schema-const", "/specVersion")),
            case("capturedAt is missing", without("capturedAt"), ("schema-required", "/capturedAt")),
            case("capturedAt is a number", with_value("capturedAt", 1), ("schema-type", "/capturedAt")),
            case("an undeclared property", [{"op": "add", "path": "/note", "value": 1}], ("schema-additional-properties", "/note")),
        ],
    }


def _expected(*found: tuple[str, str]) -> list[dict[str, str]]:
    return [{"rule": rule, "pointer": pointer} for rule, pointer in found]
