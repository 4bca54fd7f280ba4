"""Pairs of schemas for every rule of the prover: one that is contained, and a near miss with a value that shows that it is not."""

from __future__ import annotations

from typing import Any, NamedTuple

_LISTED = {"type": "array", "items": {"type": "object", "oneOf": [{"required": ["a", "b"]}, {"required": ["c"]}]}}
_LISTED_BY_NOT = {
    "type": "array",
    "items": {
        "type": "object",
        "oneOf": [{"anyOf": [{"not": {"required": ["a"]}}, {"not": {"required": ["b"]}}]}, {"not": {"required": ["c"]}}],
    },
}

__all__ = ["PAIRS", "Pair"]


class Pair(NamedTuple):
    """A schema, one that accepts all that it accepts, and one that accepts nearly all, but not `missed`."""

    rule: str
    inner: Any
    outer: Any
    near: Any
    missed: Any
    dialect: str = "2020-12"


_SHORT: dict[str, Any] = {"type": "string", "maxLength": 3}
_LONGER: dict[str, Any] = {"type": "string", "maxLength": 5}
_KIND_A = {"properties": {"k": {"const": "a"}}, "required": ["k"]}
_KIND_B = {"properties": {"k": {"const": "b"}}, "required": ["k"]}
_KIND_C = {"properties": {"k": {"const": "c"}}, "required": ["k"]}


def _within(schema: Any) -> Any:
    """A schema for one member of one of three kinds of object."""
    return {"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}, "v": schema}, "required": ["k"]}, _KIND_B, _KIND_C]}


_STATE = {"type": "object", "properties": {"state": {"enum": ["on", "off"]}}, "required": ["state"]}
_ON = {"properties": {"state": {"const": "on"}}, "required": ["state"]}
_OFF = {"properties": {"state": {"const": "off"}}, "required": ["state"]}
_TIME = {"type": ["string", "null"], "format": "date-time"}
_T1, _T2 = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
_LIST: dict[str, Any] = {"type": ["object", "null"], "properties": {"value": {"type": "integer"}, "next": {"$ref": "#"}}}

PAIRS: tuple[Pair, ...] = (
    # Types and values
    Pair("type", {"type": "integer"}, {"type": ["number", "null"]}, {"type": "string"}, 1),
    Pair("type by enum", {"enum": [1, "a"]}, {"type": ["integer", "string"]}, {"type": "string"}, 1),
    Pair("type by not", {"type": ["string", "null"], "not": {"type": "null"}}, {"type": "string"}, {"type": "null"}, "a"),
    Pair("number written with a fraction", {"type": "integer"}, {"multipleOf": 1}, {"multipleOf": 2}, 1),
    Pair("whole by multipleOf", {"type": "number", "multipleOf": 2}, {"type": "integer"}, {"multipleOf": 4}, 2),
    Pair("enum", {"enum": [1, "a", None]}, {"enum": [None, 1.0, "a", 2]}, {"enum": [1, "a"]}, None),
    Pair("enum is not bool", {"enum": [1]}, {"enum": [1, True]}, {"enum": [True]}, 1),
    Pair("enum of boolean", {"type": "boolean"}, {"enum": [True, False]}, {"enum": [True]}, False),
    Pair("enum by pattern", {"enum": ["ab", "b"]}, {"pattern": "b$"}, {"pattern": "^a"}, "b"),
    Pair("enum of texts by their pattern", {"type": ["string", "null"], "pattern": "^(a|b)$"}, {"enum": ["a", "b", None]}, {"enum": ["a", None]}, "b"),
    Pair("enum of texts by what they are not", {"type": "string", "pattern": "^[abc.]$", "not": {"enum": ["c", "."]}}, {"enum": ["a", "b"]}, {"enum": ["a", 1]}, "b"),
    Pair("enum of texts by their length", {"type": "string", "maxLength": 0}, {"const": ""}, {"enum": [1]}, ""),
    Pair("enum of numbers by their bounds", {"type": ["integer", "boolean"], "minimum": 0.5, "exclusiveMaximum": 7, "multipleOf": 2}, {"enum": [2, 4, 6, True, False]}, {"enum": [2, 6, True, False]}, 4),
    Pair("enum of numbers of draft 4", {"type": "integer", "minimum": 1, "maximum": 2}, {"enum": [1, 2]}, {"enum": [1]}, 2, "draft-04"),
    Pair("enum by format", {"const": _T1}, {"format": "date-time"}, {"format": "date"}, _T1),
    Pair("enum of objects", {"enum": [{"a": 1}]}, {"properties": {"a": {"minimum": 1}}}, {"properties": {"a": {"minimum": 2}}}, {"a": 1}),
    Pair("enum cut by a pattern", {"enum": ["a", "b"], "pattern": "a"}, {"const": "a"}, {"const": "b"}, "a"),
    Pair("true", {"type": "null"}, True, {"not": {"type": "null"}}, None),
    Pair("nothing by values", {"anyOf": [{"enum": ["a"], "minLength": 2}, {"const": 1}]}, {"const": 1}, {"const": "a"}, 1),
    # Numbers
    Pair("minimum", {"type": "number", "minimum": 2}, {"exclusiveMinimum": 1}, {"exclusiveMinimum": 2}, 2),
    Pair("maximum", {"type": "number", "exclusiveMaximum": 2}, {"maximum": 2}, {"maximum": 1}, 1.5),
    Pair("whole bounds", {"type": "integer", "exclusiveMinimum": 1}, {"minimum": 2}, {"minimum": 3}, 2),
    Pair("multipleOf", {"type": "integer", "multipleOf": 6}, {"multipleOf": 3}, {"multipleOf": 4}, 6),
    Pair("multipleOf a half", {"multipleOf": 2}, {"multipleOf": 0.5}, {"multipleOf": 4}, 2),
    Pair("empty interval", {"type": ["integer", "null"], "minimum": 3, "exclusiveMaximum": 3}, {"type": "null"}, {"not": {"type": "null"}}, None),
    Pair("draft 4 bounds", {"minimum": 1, "exclusiveMinimum": True}, {"minimum": 1}, {"minimum": 2}, 1.5, "draft-04"),
    # Texts
    Pair("pattern", {"type": "string", "pattern": "^a[0-9]+$"}, {"pattern": "^[a-z]\\d+$"}, {"pattern": "^a[0-8]+$"}, "a9"),
    Pair("two patterns", {"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "b$"}]}, {"pattern": "^a.*b$|\\n"}, {"pattern": "^ab$"}, "a0b"),
    Pair("pattern refused", {"type": "string", "pattern": "^[ab]$", "not": {"pattern": "a"}}, {"pattern": "^b$"}, {"pattern": "^a$"}, "b"),
    Pair("length by pattern", {"type": "string", "pattern": "^a{2,3}$"}, {"minLength": 2, "maxLength": 3}, {"minLength": 3}, "aa"),
    Pair("length", {"minLength": 3, "maxLength": 4}, {"minLength": 2, "maxLength": 5}, {"maxLength": 3}, "abcd"),
    Pair("pattern by length", {"type": "string", "pattern": "^a+$", "maxLength": 2}, {"pattern": "^a{1,2}$"}, {"pattern": "^a{2}$"}, "a"),
    Pair("no such text", {"type": ["string", "null"], "pattern": "^a$", "minLength": 2}, {"type": "null"}, {"not": {"type": "null"}}, None),
    Pair("format", {"type": "string", "format": "ipv4"}, {"format": "ipv4"}, {"format": "ipv6"}, "127.0.0.1"),
    # Objects
    Pair("required", {"required": ["a", "b"]}, {"required": ["b"]}, {"required": ["c"]}, {"a": 1, "b": 1}),
    Pair("properties", {"properties": {"a": {"type": "integer"}}}, {"properties": {"a": {"type": "number"}}}, {"properties": {"a": {"type": "string"}}}, {"a": 1}),
    Pair("an open object gains a property", {"properties": {"a": True}, "additionalProperties": False}, {"properties": {"b": {"type": "null"}}}, {"properties": {"a": {"type": "null"}}}, {"a": 1}),
    Pair("pattern properties", {"patternProperties": {"^x": {"type": "integer"}}}, {"patternProperties": {"^xy": {"type": "number"}}}, {"patternProperties": {"x": {"type": "number"}}}, {"ax": "a"}),
    Pair("a name by pattern", {"patternProperties": {"^x": {"type": "integer"}}}, {"properties": {"xa": {"type": "number"}}}, {"properties": {"ax": {"type": "number"}}}, {"ax": "a"}),
    Pair("closed by names", {"properties": {"xa": {"type": "null"}}, "additionalProperties": False}, {"patternProperties": {"^x": {"type": "null"}}, "additionalProperties": False}, {"patternProperties": {"^a": True}, "additionalProperties": False}, {"xa": None}),
    Pair("additional", {"additionalProperties": {"type": "integer"}}, {"additionalProperties": {"type": "number"}}, {"properties": {"a": True}, "additionalProperties": {"type": "string"}}, {"b": 1}),
    Pair("many patterns", {"patternProperties": {p: {"type": "integer"} for p in "abcdefg"}, "additionalProperties": False}, {"patternProperties": {p: {"type": "number"} for p in "abcdefg"}, "additionalProperties": False}, {"patternProperties": {p: {"type": "number"} for p in "abcdef"}, "additionalProperties": False}, {"g": 1}),
    Pair("propertyNames", {"propertyNames": {"enum": ["a", "b"]}}, {"propertyNames": {"pattern": "^[a-c]$"}}, {"propertyNames": {"const": "a"}}, {"b": 1}),
    Pair("names that are declared", {"properties": {"a": True}, "patternProperties": {"^x-": True}, "additionalProperties": False}, {"propertyNames": {"pattern": "^(?:a|x-)"}}, {"propertyNames": {"pattern": "^x-"}}, {"a": 1}),
    Pair("a name that cannot be", {"propertyNames": {"pattern": "^a"}}, {"properties": {"b": False}}, {"properties": {"a": False}}, {"a": 1}),
    Pair("sizes", {"minProperties": 2, "maxProperties": 3}, {"minProperties": 1, "maxProperties": 4}, {"maxProperties": 2}, {"a": 1, "b": 1, "c": 1}),
    Pair("size by required", {"required": ["a", "b"]}, {"minProperties": 2}, {"minProperties": 3}, {"a": 1, "b": 1}),
    Pair("size by names", {"properties": {"a": True, "b": True}, "additionalProperties": False}, {"maxProperties": 2}, {"maxProperties": 1}, {"a": 1, "b": 1}),
    Pair("required by size", {"properties": {"a": True, "b": True}, "additionalProperties": False, "minProperties": 2}, {"required": ["a", "b"]}, {"maxProperties": 1}, {"a": 1, "b": 1}),
    Pair("dependentRequired", {"dependentRequired": {"a": ["b", "c"]}}, {"dependentRequired": {"a": ["c"]}}, {"dependentRequired": {"b": ["c"]}}, {"b": 1}),
    Pair("dependent by required", {"required": ["b"]}, {"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"b": ["a"]}}, {"b": 1}),
    Pair("dependent never there", {"properties": {"a": False}}, {"dependentSchemas": {"a": {"required": ["b"]}}}, {"dependentSchemas": {"b": {"required": ["a"]}}}, {"b": 1}),
    Pair("dependentSchemas", {"dependentSchemas": {"a": {"properties": {"b": {"type": "integer"}}}}}, {"dependentSchemas": {"a": {"properties": {"b": {"type": "number"}}}}}, {"dependentSchemas": {"a": {"properties": {"b": {"type": "null"}}}}}, {"a": 1, "b": 1}),
    Pair("dependencies", {"dependencies": {"a": ["b"], "c": {"minProperties": 3}}}, {"dependencies": {"a": ["b"], "c": {"minProperties": 2}}}, {"dependencies": {"b": ["a"]}}, {"b": 1}, "draft-07"),
    # Arrays
    Pair("items", {"items": {"type": "integer"}}, {"items": {"type": "number"}}, {"items": {"type": "string"}}, [1]),
    Pair("prefixItems", {"prefixItems": [{"type": "integer"}], "items": False}, {"prefixItems": [{"type": "number"}, {"type": "null"}], "items": False}, {"prefixItems": [True], "maxItems": 0}, [1]),
    Pair("items of draft 7", {"items": [{"type": "integer"}], "additionalItems": {"type": "null"}}, {"items": [{"type": "number"}, {"type": ["null", "string"]}]}, {"items": {"type": "integer"}}, [1, None], "draft-07"),
    Pair("items past the last", {"items": {"type": "integer"}, "maxItems": 1}, {"prefixItems": [True], "items": {"type": "string"}}, {"items": {"type": "string"}}, [1]),
    Pair("sizes of arrays", {"minItems": 2, "maxItems": 3}, {"minItems": 1, "maxItems": 4}, {"maxItems": 2}, [1, 1, 1]),
    Pair("size by prefix", {"prefixItems": [True, True], "items": False}, {"maxItems": 2}, {"maxItems": 1}, [1, 1]),
    Pair("uniqueItems", {"maxItems": 1}, {"uniqueItems": True}, {"maxItems": 0}, [1]),
    Pair("contains", {"contains": {"const": 1}, "minContains": 2}, {"contains": {"type": "integer"}}, {"contains": {"const": 1}, "minContains": 3}, [1, 1]),
    Pair("contains by items", {"type": "array", "items": {"type": "integer"}, "minItems": 2}, {"contains": {"type": "number"}, "minContains": 2}, {"contains": {"type": "string"}}, [1, 1]),
    Pair("maxContains", {"contains": {"type": "number"}, "maxContains": 1, "minContains": 0}, {"contains": {"type": "integer"}, "maxContains": 2, "minContains": 0}, {"contains": {"type": "string"}, "maxContains": 1, "minContains": 0}, ["a", "a"]),
    Pair("minContains and minItems", {"type": "array", "contains": True, "minContains": 2}, {"minItems": 2}, {"minItems": 3}, [1, 1]),
    # Combinations
    Pair("anyOf gains a branch", {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "null"}, {"type": "integer"}, {"type": "string"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, None),
    Pair("anyOf by types", {"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, {"anyOf": [{"type": "string"}, {"type": "array"}]}, None),
    Pair("oneOf of kinds", {"oneOf": [_KIND_A, _KIND_B]}, {"oneOf": [_KIND_A, _KIND_B, _KIND_C]}, {"oneOf": [_KIND_A, _KIND_C]}, {"k": "b"}),
    Pair("oneOf overlaps", {"type": "integer"}, {"oneOf": [{"type": "number"}, {"type": "string"}]}, {"oneOf": [{"type": "number"}, {"type": "integer"}]}, 1),
    Pair("oneOf with a wider branch", {"oneOf": [_SHORT, {"type": "integer"}]}, {"oneOf": [_LONGER, {"type": "integer"}]}, {"oneOf": [_LONGER, {"enum": [1, "ab"]}]}, "ab"),
    Pair("oneOf in oneOf with a wider branch", _within(_within(_within(_SHORT))), _within(_within(_within(_LONGER))), _within(_within(_within({"maxLength": 2}))), {"k": "a", "v": {"k": "a", "v": {"k": "a", "v": "abc"}}}),
    Pair("oneOf with a branch written otherwise", {"oneOf": [{"enum": ["a", "b"]}, {"maxLength": 1}]}, {"oneOf": [{"type": "string", "enum": ["b", "a"]}, {"maxLength": 1}]}, {"oneOf": [{"enum": ["a", "b", 1]}, {"maxLength": 1}]}, 1),
    Pair("anyOf in anyOf with wider branches", {"anyOf": [{"anyOf": [_SHORT, {"maximum": 1}]}, {"type": "null"}]}, {"anyOf": [{"anyOf": [_LONGER, {"maximum": 2}]}, {"type": "null"}]}, {"anyOf": [{"anyOf": [_LONGER, {"maximum": 0}]}, {"type": "null"}]}, 1),
    Pair("anyOf becomes oneOf", {"type": "object", "anyOf": [_KIND_A, _KIND_B]}, {"oneOf": [_KIND_B, _KIND_A]}, {"oneOf": [_KIND_A, {"type": "object"}]}, {"k": "a"}),
    Pair("not narrows", {"not": {"type": ["integer", "string"]}}, {"not": {"type": "integer"}}, {"not": {"type": ["integer", "null"]}}, None),
    Pair("not of a member", {"not": {"required": ["a"]}}, {"not": {"required": ["a", "b"]}}, {"not": {"required": ["b"]}}, {"b": 1}),
    Pair("not both", {"not": {"required": ["a", "b"]}}, {"anyOf": [{"not": {"required": ["a"]}}, {"not": {"required": ["b"]}}]}, {"anyOf": [{"not": {"required": ["a"]}}, {"not": {"required": ["c"]}}]}, {"a": 1, "c": 1}),
    Pair("a condition as alternatives", {"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["b"]}]}, {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["c"]}]}, {"a": 1, "b": 1}),
    Pair("one or the other, by what is not there", {"oneOf": [_LISTED, {"type": "null"}]}, {"oneOf": [_LISTED_BY_NOT, {"type": "null"}]}, {"oneOf": [{**_LISTED_BY_NOT, "maxItems": 1}, {"type": "null"}]}, [{"c": 1}, {"c": 1}]),
    Pair("not not", {"type": "string"}, {"not": {"not": {"type": ["string", "null"]}}}, {"not": {"not": {"type": "null"}}}, "a"),
    Pair("if gets narrower", {"if": {"properties": {"k": {"enum": ["a", "b"]}}}, "then": {"required": ["x"]}}, {"if": {"properties": {"k": {"const": "a"}}}, "then": {"required": ["x"]}}, {"if": {"properties": {"k": {"enum": ["a", "c"]}}}, "then": {"required": ["x"]}}, {"k": "c"}),
    Pair("then gets looser", {"if": _ON, "then": {"required": ["x", "y"]}}, {"if": _ON, "then": {"required": ["y"]}}, {"if": _ON, "then": {"required": ["z"]}}, {"state": "on", "x": 1, "y": 1}),
    Pair("else", {"if": _ON, "then": {"required": ["x"]}, "else": {"required": ["y", "z"]}}, {"if": _ON, "else": {"required": ["y"]}}, {"if": _ON, "else": {"required": ["x"]}}, {"state": "off", "y": 1, "z": 1}),
    Pair("conditions cover all", {**_STATE, "allOf": [{"if": _ON, "then": {"required": ["x"]}}, {"if": _OFF, "then": {"required": ["x"]}}]}, {"required": ["x"]}, {"required": ["y"]}, {"state": "on", "x": 1}),
    Pair("a condition on two states", {**_STATE, "allOf": [{"if": _ON, "then": {"required": ["x"]}}, {"if": _OFF, "then": {"required": ["x"]}}]}, {"if": _STATE, "then": {"required": ["x"]}}, {"if": _ON, "then": {"required": ["y"]}}, {"state": "on", "x": 1}),
    Pair("a condition that holds", {**_STATE, "allOf": [_ON, {"if": _ON, "then": {"properties": {"x": {"type": "null"}}}}]}, {"properties": {"x": {"type": ["null", "string"]}}}, {"properties": {"x": {"type": "string"}}}, {"state": "on", "x": None}),
    Pair("a condition turned round", {"properties": {"at": {"type": ["string", "null"]}}, "allOf": [{"if": _ON, "then": {"properties": {"at": {"type": "null"}}}}, {"if": {"properties": {"at": {"type": "string"}}, "required": ["at"]}, "then": {"required": ["state"]}}]}, {"if": {"properties": {"state": {"const": "on"}}}, "then": {"properties": {"at": {"type": "null"}}}}, {"if": _OFF, "then": {"properties": {"at": {"type": "null"}}}}, {"state": "off", "at": "a"}),
    Pair("$ref", {"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer", "minimum": 2}}}, {"$ref": "#/$defs/b", "$defs": {"b": {"minimum": 1}}}, {"$ref": "#/$defs/b", "$defs": {"b": {"minimum": 3}}}, 2),
    Pair("$anchor", {"$ref": "#a", "$defs": {"x": {"$anchor": "a", "type": "integer"}}}, {"type": "number"}, {"type": "string"}, 1),
    Pair("$dynamicRef to what is not dynamic", {"items": {"$dynamicRef": "#a"}, "$defs": {"x": {"$anchor": "a", "type": "integer"}}}, {"items": {"type": "number"}}, {"items": {"type": "string"}}, [1]),
    Pair("$dynamicRef", {"items": {"$dynamicRef": "#a"}, "$defs": {"x": {"$dynamicAnchor": "a", "type": "integer"}}}, {"items": {"type": "number"}}, {"items": {"type": "string"}}, [1]),
    Pair("$recursiveRef", {"type": ["array", "null"], "items": {"$recursiveRef": "#"}}, {"items": {"type": ["null", "array"]}}, {"items": {"type": "null"}}, [[]], "2019-09"),
    Pair("dependencies of old", {"dependencies": {"a": ["b"]}, "minProperties": 1}, {"dependencies": {"a": ["b"]}}, {"minProperties": 2}, {"b": 1}),
    Pair("beside $ref in draft 7", {"$ref": "#/definitions/a", "definitions": {"a": {"type": "integer"}}}, {"$ref": "#/definitions/a", "minimum": 5, "definitions": {"a": {"type": "number"}}}, {"allOf": [{"$ref": "#/definitions/a"}], "minimum": 5, "definitions": {"a": {"type": "number"}}}, 1, "draft-07"),
    Pair("recursive", _LIST, {**_LIST, "type": ["object", "null", "array"]}, {**_LIST, "properties": {"value": {"type": "string"}, "next": {"$ref": "#"}}}, {"value": 1}),
    Pair("recursive, deep", _LIST, {**_LIST, "properties": {"value": {"type": "number"}, "next": {"$ref": "#"}}}, {**_LIST, "properties": {**_LIST["properties"], "next": {"type": "null"}}}, {"next": {}}),
    # unevaluated*
    Pair("unevaluated gains a name", {"properties": {"a": True}, "unevaluatedProperties": False}, {"properties": {"a": True, "b": True}, "unevaluatedProperties": False}, {"properties": {"b": True}, "unevaluatedProperties": False}, {"a": 1}),
    Pair("unevaluated through $ref", {"$ref": "#/$defs/a", "unevaluatedProperties": False, "$defs": {"a": {"properties": {"a": {"type": "integer"}}}}}, {"properties": {"a": {"type": "number"}}, "additionalProperties": False}, {"properties": {"a": {"type": "string"}}, "additionalProperties": False}, {"a": 1}),
    Pair("unevaluated of branches", {"anyOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, True], "unevaluatedProperties": False}, {"anyOf": [{"properties": {"a": {"type": "number"}}, "required": ["a"]}, True], "unevaluatedProperties": False}, {"anyOf": [{"properties": {"a": {"type": "null"}}, "required": ["a"]}, True], "unevaluatedProperties": False}, {"a": 1}),
    Pair("unevaluated of branches of another kind, order and number", {"oneOf": [{"properties": {"a": True}, "required": ["a"]}, {"properties": {"b": True}, "required": ["b"]}], "unevaluatedProperties": False}, {"anyOf": [{"required": ["c"]}, {"properties": {"b": True}, "required": ["b"]}, {"properties": {"a": True}, "required": ["a"]}], "unevaluatedProperties": False}, {"anyOf": [{"required": ["a"]}, {"properties": {"b": True}, "required": ["b"]}], "unevaluatedProperties": False}, {"a": 1}),
    Pair("unevaluatedItems", {"prefixItems": [True], "unevaluatedItems": False}, {"prefixItems": [True, True], "unevaluatedItems": {"type": "null"}}, {"unevaluatedItems": False}, [1]),
    # x- keywords
    Pair("x-order loses a chain", {"x-order": [["/a", "/b"], ["/b", "/c"]]}, {"x-order": [["/b", "/c"]]}, {"x-order": [["/a", "/c"]]}, {"a": _T2, "c": _T1}),
    Pair("x-order loses a link", {"properties": {"b": _TIME}, "x-order": [["/a", "/b", "/c"]]}, {"x-order": [["/a", "/c"]]}, {"x-order": [["/c", "/a"]]}, {"a": _T1, "c": _T2}),
    Pair("x-order by what may be no time", {"x-order": [["/a", "/b", "/c"]]}, {"x-order": [["/b", "/c"]]}, {"x-order": [["/a", "/c"]]}, {"a": _T2, "b": "no time", "c": _T1}),
    Pair("x-order strictly", {"x-order": [{"chain": ["/a", "/b"], "strict": True}]}, {"x-order": [["/a", "/b"]]}, {"x-order": [{"chain": ["/b", "/a"], "strict": True}]}, {"a": _T1, "b": _T2}),
    Pair("x-order of what is no text", {"properties": {"a": {"type": "null"}}}, {"x-order": [["/a", "/b"]]}, {"x-order": [["/b", "/c"]]}, {"b": _T2, "c": _T1}),
    Pair("x-in of what is not there", {"properties": {"a": False}}, {"x-in": {"/a": "/b"}}, {"x-in": {"/b": "/a", "/c": "/b"}}, {"b": [], "c": 1}),
    Pair("x-in", {"x-in": {"/a": "/b", "/c": "/b"}}, {"x-in": {"/a": "/b"}}, {"x-in": {"/d": "/b"}}, {"d": 1, "b": []}),
    Pair("x-not-in", {"x-not-in": {"/a": "/b", "/c": "/b"}}, {"x-not-in": {"/a": "/b"}}, {"x-not-in": {"/d": "/b"}}, {"d": 1, "b": [1]}),
    Pair("x-keys", {"x-keys": {"/a": {"same": "/b"}}}, {"x-keys": {"/b": {"within": "/a"}}}, {"x-keys": {"/a": {"same": "/c"}}}, {"a": {"k": 1}, "b": {"k": 1}}),
    Pair("x-unique", {"x-unique": "name", "minItems": 1}, {"x-unique": "name"}, {"x-unique": "id"}, [{"id": "a"}, {"id": "a"}]),
    Pair("x-equal", {"x-equal": {"/a": "^(?<n>.)", "/b": "^(?<n>.)", "/c": "^(?<n>.)"}}, {"x-equal": {"/a": "^(?<n>.)", "/c": "^(?<n>.)"}}, {"x-equal": {"/a": "^(?<n>.)", "/d": "^(?<n>.)"}}, {"a": "a", "d": "b"}),
    Pair("x-digest", {"x-digest": {"value": "/d", "omit": ["/d"]}, "required": ["d"]}, {"x-digest": {"value": "/d", "omit": ["/d"]}}, {"required": ["e"]}, {"d": 1}),
    Pair("x-template", {"x-template": "liquid", "minLength": 1}, {"x-template": "liquid"}, {"minLength": 2}, "a"),
    Pair("x- on other types", {"type": "string"}, {"x-unique": "name"}, {"x-template": "liquid"}, "{% if"),
)  # fmt: skip
