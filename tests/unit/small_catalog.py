"""A checkout of two small contracts, for tests of what is made from contracts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import BASE_URI
from srcos_contracts.evolve.generate import generate

__all__ = ["write_checkout"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_NOTE: dict[str, Any] = {
    "description": "What somebody wrote down <b>now</b> | later.",
    "x-contract": {"name": "Note", "version": "1.0.0", "status": "draft", "owner": "writers", "discriminator": {"kind": "note"}},
    "type": "object",
    "properties": {
        "kind": {"description": "The discriminator.", "const": "note"},
        "id": {"description": "Its name.", "$ref": "../defs/kinds/1.0.0.json#/$defs/name", "x-id": True, "x-alias": ["name"]},
        "state": {"description": "How it stands.", "enum": ["open", "closed", None]},
        "about": {
            "description": "What it is about.",
            "type": "array",
            "items": {"$ref": "../defs/kinds/1.0.0.json#/$defs/name", "x-ref": {"role": "subject", "to": ["Card", "Missing"]}},
            "minItems": 1,
            "uniqueItems": True,
        },
        "place": {"$ref": "../defs/kinds/1.0.0.json#/$defs/place"},
        "card": {"description": "A card inside.", "anyOf": [{"$ref": "../Card/1.0.0.json#/$defs/card"}, {"type": "null"}]},
        "reason": {"description": "Why it was closed.", "type": "string", "pattern": "\\S"},
    },
    "required": ["kind", "id"],
    "patternProperties": {"^x-": True},
    "additionalProperties": False,
    "allOf": [
        {
            "x-rule": {
                "id": "closed-reason",
                "message": "a closed note says why",
                "help": "say why in reason",
                "why": "Nobody can reopen it.",
            },
            "if": {"properties": {"state": {"const": "closed"}}, "required": ["state"]},
            "then": {"required": ["reason"]},
        },
        {
            "x-rule": {
                "id": "note-about",
                "message": "a note is about something",
                "help": "add about",
                "why": "It would be found by nobody.",
            },
            "properties": {"about": {"type": "array"}},
            "required": ["about"],
        },
    ],
    "x-warn": [{"$ref": "../defs/kinds/1.0.0.json#/$defs/placed"}],
}

_CARD: dict[str, Any] = {
    "description": "A card.",
    "x-contract": {"name": "Card", "version": "1.0.0", "status": "stable", "owner": "dealers", "paths": ["cards/{id}.json"]},
    "$ref": "#/$defs/card",
    "properties": {"id": {"description": "The name of the record.", "x-id": True}},
    "$defs": {
        "card": {
            "description": "The card itself.",
            "type": "object",
            "properties": {
                "id": {"description": "The card's name.", "$ref": "../defs/kinds/1.0.0.json#/$defs/urn"},
                "parts": {"description": "Its parts.", "type": "array", "items": {"$ref": "#/$defs/part"}},
                "labels": {
                    "description": "Its labels.",
                    "type": "object",
                    "propertyNames": {"$ref": "../defs/kinds/1.0.0.json#/$defs/name"},
                    "additionalProperties": {"type": "integer", "minimum": 0},
                },
            },
            "required": ["id"],
        },
        "part": {
            "type": "object",
            "properties": {
                "size": {"description": "Its size.", "type": ["integer", "null"], "minimum": 1, "default": 1},
                "inner": {"description": "A part of the part.", "$ref": "#/$defs/part"},
            },
            "required": ["size"],
        },
    },
}

_KINDS: dict[str, Any] = {
    "title": "Kinds",
    "$defs": {
        "name": {"title": "Short name", "description": "A word.", "type": "string", "pattern": "^[a-z]+$"},
        "urn": {
            "title": "URN of a card",
            "description": "`urn:card:<id>`; nothing else.",
            "type": "string",
            "pattern": "^urn:card:[a-z]+$",
        },
        "place": {"description": "Where it was written.", "type": "string", "maxLength": 20},
        "placed": {
            "x-rule": {
                "id": "note-placed",
                "severity": "warning",
                "message": "a note has its place",
                "help": "add place",
                "why": "Notes are sorted by place.",
            },
            "required": ["place"],
        },
    },
}

_FULL = (
    '{\n  "kind": "note",\n  "id": "first",\n  "state": "closed",\n  "about": ["ace", "king"],\n  "place": "here",\n  "reason": "done"\n}\n'
)
_EXAMPLES = {
    "Note/1.0.0/valid/full.json": _FULL,
    "Note/1.0.0/valid/minimal.json": '{"kind": "note", "id": "first", "about": ["ace"], "place": "here"}\n',
    "Note/1.0.0/invalid/closed-reason/none.json": _FULL.replace(',\n  "reason": "done"', ""),
    "Note/1.0.0/invalid/note-about/empty.json": _FULL.replace('["ace", "king"]', '"ace"'),
    "Note/1.0.0/invalid/note-placed/nowhere.json": _FULL.replace(' "place": "here",\n ', ""),
    "Note/1.0.0/invalid/schema-additional-properties/mood.json": _FULL.replace('"place"', '"mood": "good",\n  "place"'),
    "Note/1.0.0/invalid/schema-pattern/capital.json": _FULL.replace('"first"', '"First"'),
    "Card/1.0.0/valid/full.json": '{"id": "urn:card:ace"}\n',
    "Card/1.0.0/valid/parts.yaml": "# A card with parts.\nid: urn:card:ace\nparts:\n- size: 2\n- size: 3\nlabels:\n  top: 1\n",
    "Card/1.0.0/invalid/schema-type/size-as-text.yaml": "id: urn:card:ace\nparts:\n- size: large\n",
    "Card/1.0.0/invalid/schema-pattern/no-urn.json": '{"id": "ace"}\n',
}


def write_checkout(root: Path) -> None:
    """Writes schemas, with bundles and catalog, and examples."""
    for file, schema in (("Note/1.0.0.json", _NOTE), ("Card/1.0.0.json", _CARD), ("defs/kinds/1.0.0.json", _KINDS)):
        title = {"title": file.split("/")[0]} if "x-contract" in schema else {}
        _write(root / "schemas" / file, json.dumps({"$schema": _DIALECT, "$id": BASE_URI + file, **title, **schema}, indent=1))
    for file, text in generate(root / "schemas").items():
        _write(root / "schemas" / file, text)
    for file, text in _EXAMPLES.items():
        _write(root / "examples" / file, text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
