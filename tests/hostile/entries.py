"""The corpus as a table: every hostile input, how it is made, and what must come of it.

Small files stand in `corpus/`; what is large is made when it is asked for.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

__all__ = ["BYSTANDER", "BYSTANDER_FINDING", "CORPUS", "ENTRIES", "Entry", "Repeated"]

CORPUS = Path(__file__).parent / "corpus"

Place = tuple[str, int, int]
"""Rule, line and column of a finding; 0 and 0 where it is about a whole file."""


class Repeated(NamedTuple):
    """Content that is too large to hold: `unit`, so many times over, between a head and a tail."""

    unit: bytes
    times: int
    head: bytes = b""
    tail: bytes = b""

    def write(self, stream: BinaryIO) -> None:
        stream.write(self.head)
        batch = max(1, (1 << 20) // len(self.unit))
        for done in range(0, self.times, batch):
            stream.write(self.unit * min(batch, self.times - done))
        stream.write(self.tail)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hostile input and its outcome."""

    name: str
    code: int
    finds: tuple[Place, ...] = ()
    """Every finding, but for the bystander's."""
    records: int = 0
    """How many records could be judged, but for the bystander."""
    files: Mapping[str, bytes | Repeated] = field(default_factory=dict)
    """What to write into the folder; empty for the corpus file named as the entry is."""
    arguments: tuple[str, ...] = ()
    """The paths and options; empty for the paths of the files."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic links, by name, to their targets."""
    prepare: Callable[[Path], object] | None = None
    """Anything else that the folder must hold."""
    shell: str = 'exec "$@"'
    bystander: bool = True
    """Whether another ledger is checked in the same run, to show that it is still judged."""
    error: str | None = None
    """The whole of stderr, where the run ends before anything is reported."""
    seconds: float = 2.0
    """Processor time; more than 3 is for `make test-hostile-long`."""
    bug: str = ""
    """What does not hold yet. The entry then has to fail; remove this when it no longer does."""


_MEMBERS: dict[str, Any] = {
    "schema": "sourceos.workspace-operation/v1alpha1",
    "operation_type": "sync.operation.enqueue",
    "local_operation_id": "local-op:1",
    "checkpoint_ref": "checkpoint:1",
    "causal_parent_ids": [],
    "policy_decision_ref": "policy-decision:1",
    "ledger_evidence_refs": ["evidence:1"],
    "actor_id": "actor:1",
    "device_id": "device:1",
    "workspace_id": "workspace:1",
    "replay_safe": True,
}


def _line(**members: Any) -> bytes:
    return json.dumps({**_MEMBERS, **members}, separators=(",", ":")).encode() + b"\n"


_GOOD = _line()
_BAD = _line(replay_safe="yes")
_BAD_FINDING = ("schema-type", 1, 349)
_OPEN = _GOOD.rstrip()[:-1]
"""A good record without its closing bracket."""

BYSTANDER = json.dumps({name: value for name, value in _MEMBERS.items() if name != "device_id"}).encode() + b"\n"
BYSTANDER_FINDING = ("operation-owner", 1, 1)
"""A warning, so that it changes no exit code."""


def _on_line(line: int, place: Place = _BAD_FINDING) -> Place:
    return (place[0], line, place[2])


def _stored(name: str, *finds: Place, records: int = 0, bug: str = "") -> Entry:
    return Entry(name, 1 if finds else 0, finds, records, {name: (CORPUS / name).read_bytes()}, bug=bug)


def _made(name: str, file: str, content: bytes | Repeated, *finds: Place, records: int = 0, seconds: float = 2.0, bug: str = "") -> Entry:
    return Entry(name, 1 if finds else 0, finds, records, {file: content}, seconds=seconds, bug=bug)


def _stdin(
    name: str, content: bytes, *finds: Place, records: int = 0, shell: str = 'exec "$@" < input', code: int = 1, bug: str = ""
) -> Entry:
    return Entry(name, code, finds, records, {"input": content}, ("-",), shell=shell, bystander=False, bug=bug)


def _path(
    name: str,
    arguments: tuple[str, ...],
    *finds: Place,
    records: int = 0,
    files: Mapping[str, bytes | Repeated] | None = None,
    links: Mapping[str, str] | None = None,
    prepare: Callable[[Path], object] | None = None,
    code: int = 2,
    bug: str = "",
) -> Entry:
    return Entry(name, code, finds, records, files or {}, arguments, links or {}, prepare, bug=bug)


_UNREADABLE: Place = ("unreadable", 0, 0)

_READING = (
    # One JSON document
    _stored("duplicate-key.json", ("duplicate-key", 3, 17)),
    _stored("duplicate-key-spelt-with-escapes.json", ("duplicate-key", 2, 2)),
    _stored("not-a-number.json", ("not-finite-number", 2, 8)),
    _stored("infinity.json", ("not-finite-number", 1, 7)),
    _stored("minus-infinity.json", ("not-finite-number", 1, 11)),
    _stored("invalid-utf8.json", ("invalid-utf8", 2, 12)),
    _stored("utf8-overlong.json", ("invalid-utf8", 1, 8)),
    _stored("utf8-of-a-surrogate.json", ("invalid-utf8", 1, 8)),
    _stored("utf8-cut-short.json", ("invalid-utf8", 1, 8)),
    _stored("high-surrogate.json", ("lone-surrogate", 1, 9)),
    _stored("low-surrogate.json", ("lone-surrogate", 1, 8)),
    _stored("surrogates-swapped.json", ("lone-surrogate", 1, 8)),
    _stored("surrogate-in-a-key.json", ("lone-surrogate", 1, 3)),
    _stored("surrogate-pair.json", records=1),
    _stored("byte-order-mark.json", ("byte-order-mark", 1, 1)),
    _stored("utf-16-le.json", ("utf-16", 1, 1)),
    _stored("utf-16-be-without-mark.json", ("utf-16", 1, 1)),
    _stored("utf-32.json", ("utf-16", 1, 1)),
    _stored("trailing-data.json", ("trailing-data", 2, 1)),
    _stored("trailing-bracket.json", ("trailing-data", 1, 9)),
    _stored("empty.json", ("empty-document", 1, 1)),
    _stored("only-blanks.json", ("empty-document", 1, 1)),
    _stored("comment.json", ("json-syntax", 2, 3)),
    _stored("trailing-comma.json", ("json-syntax", 1, 13)),
    _stored("single-quotes.json", ("json-syntax", 1, 2)),
    _stored("unquoted-key.json", ("json-syntax", 1, 2)),
    _stored("leading-zero.json", ("json-syntax", 1, 8)),
    _stored("plus-sign.json", ("json-syntax", 1, 7)),
    _stored("bare-point.json", ("json-syntax", 1, 9)),
    _stored("hexadecimal.json", ("json-syntax", 1, 8)),
    _stored("bare-word.json", ("json-syntax", 1, 10)),
    _stored("raw-newline-in-a-string.json", ("json-syntax", 1, 9)),
    _stored("raw-escape-code-in-a-string.json", ("json-syntax", 1, 8)),
    _stored("nul-byte.json", ("json-syntax", 1, 8)),
    _stored("bad-escape.json", ("json-syntax", 1, 9)),
    _stored("other-blanks.json", ("json-syntax", 1, 1)),
    _stored("unclosed-string.json", ("json-syntax", 1, 8)),
    _stored("unclosed-object.json", ("json-syntax", 3, 11)),
    _stored("a-string.json", ("unclaimed-record", 1, 1), records=1),
    _stored("an-array.json", ("unclaimed-record", 1, 1), records=1),
    _stored("null.json", ("unclaimed-record", 1, 1), records=1),
    _stored("an-empty-object.json", ("unclaimed-record", 1, 1), records=1),
    _stored("integer-of-400-digits.json", records=1),
    _stored("number-of-400-digits-in-place-of-a-string.json", ("schema-type", 1, 114), records=1),
    _stored("number-1e400.json", ("schema-type", 1, 114), records=1),
    _stored("integer-of-5000-digits.json", ("number-out-of-range", 1, 360)),
    _stored("number-with-a-huge-exponent.json", ("number-out-of-range", 1, 360)),
    _stored(
        "line-separators-in-strings.json",
        *(("operation-owner", 1, 1),) * 3,
        ("policy-decision-ref", 1, 1),
        *(("schema-required", 1, 1),) * 5,
        ("schema-type", 1, 77),
        records=1,
    ),
    _stored("wide-characters-before-the-fault.json", ("schema-type", 1, 361), records=1),
    _stored("carriage-returns.json", ("schema-type", 1, 359), records=1),
    _stored("discriminator-is-an-array.json", ("unclaimed-record", 1, 1), records=1),
    _stored("discriminator-is-an-object.json", ("unclaimed-record", 1, 1), records=1),
    _stored("keys-like-pointers.json", *(("schema-additional-properties", 1, column) for column in (354, 364, 369, 378)), records=1),
    _stored("keys-like-methods.json", *(("schema-additional-properties", 1, column) for column in (354, 368, 388)), records=1),
    # Ledgers
    _stored("byte-order-mark.jsonl", ("byte-order-mark", 1, 1), _on_line(2), records=1),
    _stored("utf-16.jsonl", ("utf-16", 1, 1)),
    _stored("several-values.jsonl", ("several-values-on-line", 1, 355), ("several-values-on-line", 2, 354), _on_line(3), records=1),
    _stored("several-values-with-commas.jsonl", ("several-values-on-line", 1, 354), _on_line(2), records=1),
    _stored("torn-last-line.jsonl", _on_line(1), ("torn-last-line", 2, 120), records=1),
    _stored("torn-line-in-the-middle.jsonl", ("json-syntax", 1, 120), _on_line(2), records=1),
    _stored("whole-last-line-without-newline.jsonl", _on_line(2), records=2),
    _stored("blank-lines.jsonl", ("blank-line", 2, 1), ("blank-line", 3, 1), _on_line(4), ("blank-line", 5, 1), records=2),
    _stored("zeros-after-a-crash.jsonl", _on_line(1), ("torn-last-line", 2, 1), records=1),
    _stored("windows-line-ends.jsonl", _on_line(2), records=2),
    _stored("pretty-printed.jsonl", ("json-syntax", 1, 1), ("several-values-on-line", 2, 6), ("json-syntax", 3, 1), _on_line(4), records=1),
    _stored(
        "one-fault-a-line.jsonl",
        _on_line(1),
        ("duplicate-key", 2, 8),
        ("not-finite-number", 3, 6),
        ("invalid-utf8", 4, 7),
        ("lone-surrogate", 5, 7),
        ("byte-order-mark", 6, 1),
        ("utf-16", 7, 1),
        ("several-values-on-line", 8, 4),
        ("too-deep", 9, 129),
        ("number-out-of-range", 10, 6),
        ("blank-line", 11, 1),
        ("json-syntax", 12, 4),
        *(("unclaimed-record", line, 1) for line in (13, 14, 15, 16)),
        _on_line(18),
        ("torn-last-line", 19, 5),
        records=7,
    ),
    # YAML
    _stored("byte-order-mark.yaml", ("byte-order-mark", 1, 1)),
    _stored("utf-16.yaml", ("utf-16", 1, 1)),
    _stored("invalid-utf8.yaml", ("invalid-utf8", 2, 4)),
    _stored("alias-bomb.yaml", ("yaml-alias-budget", 6, 8)),
    _stored("alias-bomb-of-depth.yaml", ("too-deep", 13, 17)),
    _stored("recursive-alias.yaml", ("yaml-recursive-alias", 2, 10)),
    _stored("recursive-alias-in-a-key.yaml", ("yaml-recursive-alias", 1, 5)),
    _stored("alias-without-anchor.yaml", ("yaml-syntax", 1, 4)),
    _stored("aliases-within-the-budget.yaml", records=1),
    _stored("tag-of-an-object.yaml", ("yaml-tag", 2, 4)),
    _stored("tag-of-a-type.yaml", ("yaml-tag", 1, 4)),
    _stored("tag-of-ones-own.yaml", ("yaml-tag", 3, 4)),
    _stored("tag-that-says-nothing.yaml", ("yaml-tag", 1, 4)),
    _stored("duplicate-key.yaml", ("duplicate-key", 12, 1)),
    _stored("duplicate-key-in-a-flow.yaml", ("duplicate-key", 1, 8)),
    _stored("merge-key.yaml", ("yaml-syntax", 3, 3)),
    _stored("integer-key.yaml", ("yaml-key", 2, 1)),
    _stored("null-key.yaml", ("yaml-key", 1, 2)),
    _stored("mapping-as-a-key.yaml", ("yaml-key", 1, 3)),
    _stored("not-a-number.yaml", ("not-finite-number", 1, 4)),
    _stored("infinity.yaml", ("not-finite-number", 1, 8)),
    _stored("words-of-yaml-1-1.yaml", ("schema-type", 11, 14), records=1),
    _stored("integer-of-5000-digits.yaml", ("number-out-of-range", 1, 4)),
    _stored("number-with-a-huge-exponent.yaml", ("number-out-of-range", 12, 6)),
    _stored("escaped-surrogate.yaml", ("lone-surrogate", 1, 5)),
    _stored("tab-indent.yaml", ("yaml-syntax", 2, 1)),
    _stored("unclosed-flow.yaml", ("yaml-syntax", 2, 2)),
    _stored("control-character.yaml", ("yaml-syntax", 1, 4)),
    _stored("several-documents.yaml", ("yaml-syntax", 14, 5), ("schema-type", 26, 14), records=2),
    _stored("two-values-in-a-document.yaml", ("yaml-syntax", 2, 1)),
    _stored("empty.yaml", ("empty-document", 1, 1)),
    _stored("document-marker-in-a-block.yaml", ("unclaimed-record", 1, 1), ("schema-type", 14, 14), records=2),
    _stored("directive-of-a-future-version.yaml", ("yaml-syntax", 1, 1)),
    # Markdown
    _stored("byte-order-mark.md", ("byte-order-mark", 1, 1)),
    _stored("no-front-matter.md", ("front-matter", 1, 1)),
    _stored("front-matter-not-closed.md", ("front-matter", 1, 1)),
    _stored("front-matter-is-a-list.md", ("front-matter", 1, 1)),
    _stored("front-matter-is-empty.md", ("front-matter", 1, 1)),
    _stored("front-matter-of-a-bomb.md", ("yaml-alias-budget", 7, 8)),
    _stored("front-matter-with-a-fault.md", ("schema-type", 12, 14), records=1),
    # What a terminal or the log of a CI service would obey
    _stored("escape-codes.json", ("schema-additional-properties", 1, 354), ("schema-additional-properties", 1, 382), records=1),
    _stored("bidi-controls.json", *(("schema-additional-properties", 1, column) for column in (354, 362, 370)), records=1),
    _stored("forged-annotations.json", ("unclaimed-record", 1, 1), records=1),
    _stored("forged-annotations-in-a-near-record.json", ("unclaimed-record", 1, 1), records=1),
    _stored(
        "forged-annotations-in-a-claimed-record.json",
        ("schema-enum", 1, 68),
        ("schema-pattern", 1, 263),
        *(("schema-additional-properties", 1, column) for column in (352, 367, 393, 411)),
        records=1,
    ),
    _stored("forged-annotations.yaml", ("yaml-syntax", 4, 12)),
    _stored("forged-annotations-in-a-tag.yaml", ("yaml-tag", 1, 4)),
    _stored("control-characters-in-a-tag.yaml", ("yaml-syntax", 1, 9)),
    _stored("forged-annotations-in-a-key-twice.yaml", ("duplicate-key", 2, 1)),
)


def _deep(depth: int) -> bytes:
    return _OPEN + b',"x-deep":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}\n"


_MIB = 1 << 20
_KEYS = 100_000
_EXTRA_KEYS = b",".join(b'"k%d":1' % number for number in range(_KEYS))

_LARGE = (
    _made("depth-128", "x.json", _deep(128), records=1),
    _made("depth-129", "x.json", _deep(129), ("too-deep", 1, 490)),
    _made("depth-128-in-yaml", "x.yaml", _deep(128), records=1),
    _made("depth-129-in-yaml", "x.yaml", _deep(129), ("too-deep", 1, 490)),
    _made("ten-million-brackets", "x.json", Repeated(b"[", 10_000_000), ("too-deep", 1, 129)),
    _made("ten-million-brackets-in-yaml", "x.yaml", Repeated(b"[", 10_000_000), ("too-deep", 1, 129)),
    _made(
        "ten-million-brackets-on-a-line",
        "x.jsonl",
        Repeated(b"[", 10_000_000, tail=b"\n" + _BAD),
        ("too-deep", 1, 129),
        _on_line(2),
        records=1,
    ),
    _made("ten-million-braces", "x.json", Repeated(b'{"a":', 2_000_000), ("too-deep", 1, 641)),
    _made("yaml-100000-deep", "x.yaml", Repeated(b"- ", 100_000), ("too-deep", 1, 257)),
    _made("yaml-100000-keys-in-keys", "x.yaml", Repeated(b"? ", 100_000), ("too-deep", 1, 257)),
    _made("yaml-100000-mappings-deep", "x.yaml", Repeated(b"{a: ", 100_000), ("too-deep", 1, 513)),
    _made(
        "yaml-2000-documents",
        "x.yaml",
        Repeated(b"---\n1\n", 2_000),
        *(("unclaimed-record", 2 * n, 1) for n in range(1, 2001)),
        records=2_000,
    ),
    _made("yaml-50000-anchors", "x.yaml", Repeated(b"- &a x\n", 50_000), ("unclaimed-record", 1, 1), records=1),
    _made(
        "line-of-200-megabytes",
        "x.jsonl",
        Repeated(b"x", 200_000_000, b'{"a":"', b'"}\n' + _GOOD + _BAD),
        ("record-too-large", 1, 1),
        _on_line(3),
        records=2,
    ),
    _made(
        "last-line-of-200-megabytes",
        "x.jsonl",
        Repeated(b"x", 200_000_000, _BAD + b'{"a":"'),
        _on_line(1),
        ("record-too-large", 2, 1),
        records=1,
    ),
    _made("document-of-200-megabytes", "x.json", Repeated(b"x", 200_000_000, b'{"a":"', b'"}'), ("record-too-large", 1, 1)),
    _made("document-of-200-megabytes-in-yaml", "x.yaml", Repeated(b"- x\n", 50_000_000), ("record-too-large", 1, 1)),
    _made("document-of-200-megabytes-in-markdown", "x.md", Repeated(b"- x\n", 50_000_000, b"---\n"), ("record-too-large", 1, 1)),
    _made(
        "record-of-16-mebibytes",
        "x.json",
        Repeated(b"x", 16 * _MIB - len(_OPEN) - 8, _OPEN + b',"x":"', b'"}'),
        ("schema-additional-properties", 1, 354),
        records=1,
    ),
    _made(
        "record-over-16-mebibytes",
        "x.json",
        Repeated(b"x", 16 * _MIB - len(_OPEN) - 7, _OPEN + b',"x":"', b'"}'),
        ("record-too-large", 1, 1),
    ),
    _made(
        "line-of-16-mebibytes",
        "x.jsonl",
        Repeated(b"x", 16 * _MIB - len(_OPEN) - 8, _OPEN + b',"x":"', b'"}\n' + _BAD),
        ("schema-additional-properties", 1, 354),
        _on_line(2),
        records=2,
    ),
    _made(
        "line-over-16-mebibytes",
        "x.jsonl",
        Repeated(b"x", 16 * _MIB - len(_OPEN) - 7, _OPEN + b',"x":"', b'"}\n' + _BAD),
        ("record-too-large", 1, 1),
        _on_line(2),
        records=1,
    ),
    _made("string-of-15-megabytes", "x.json", Repeated(b"x", 15_000_000, _OPEN + b',"x-a":"', b'"}'), records=1),
    _made(
        "string-of-15-megabytes-at-fault",
        "x.json",
        Repeated(b"x", 15_000_000, _OPEN + b',"status":"', b'"}'),
        ("schema-enum", 1, 363),
        records=1,
    ),
    _made(
        "string-of-15-megabytes-as-discriminator",
        "x.json",
        Repeated(b"x", 15_000_000, b'{"schema":"', b'"}'),
        ("unclaimed-record", 1, 1),
        records=1,
    ),
    _made(
        "record-of-16-mebibytes-of-wide-characters",
        "x.json",
        Repeated("\U0001f600".encode(), 4_194_200, _OPEN + b',"x":"', b'"}'),
        ("schema-additional-properties", 1, 354),
        records=1,
    ),
    _made(
        "record-of-16-mebibytes-in-yaml",
        "x.yaml",
        Repeated(b"x", 16 * _MIB - len(_OPEN) - 8, _OPEN + b',"x":"', b'"}'),
        ("schema-additional-properties", 1, 354),
        records=1,
    ),
    _made("string-of-escapes", "x.json", Repeated(b"\\u0041", 2_500_000, b'{"a":"', b'\\ud800"}'), ("lone-surrogate", 1, 15_000_007)),
    _made("key-of-15-megabytes", "x.json", Repeated(b"x", 15_000_000, _OPEN + b',"', b'":1}'), ("key-too-long", 1, 354)),
    _made("key-of-a-megabyte-twice", "x.json", Repeated(b"x", 1_000_000, b'{"a":1,"', b'":1,"a":2}'), ("key-too-long", 1, 8)),
    _made(
        "key-of-a-megabyte-twice-in-yaml",
        "x.yaml",
        b'{"' + b"x" * 1_000_000 + b'": 1, "' + b"x" * 1_000_000 + b'": 2}\n',
        ("yaml-syntax", 1, 1_000_004),
    ),
    _made(
        "key-of-1000-characters-twice-in-yaml", "x.yaml", b'"' + b"x" * 1000 + b'": 1\n"' + b"x" * 1000 + b'": 2\n', ("duplicate-key", 2, 1)
    ),
    _made("tag-of-a-megabyte", "x.yaml", b"!" + b"x" * 1_000_000 + b" a\n", ("yaml-tag", 1, 1)),
    _made(
        "time-of-a-megabyte",
        "x.json",
        _line(created_at="2026-05-06T18:00:00." + "1" * 1_000_000 + "Z", updated_at="2026-05-06T18:00:00Z"),
        ("time-order", 1, 1_000_404),
        records=1,
    ),
    _made("100000-keys-in-no-contract", "x.json", b"{" + _EXTRA_KEYS + b"}", ("unclaimed-record", 1, 1), records=1),
    _made("100000-keys-of-ones-own", "x.json", _OPEN + b"," + _EXTRA_KEYS.replace(b'"k', b'"x-k') + b"}", records=1),
    _made(
        "20000-undeclared-keys",
        "x.json",
        _OPEN + b"," + b",".join(b'"%05d":1' % number for number in range(20_000)) + b"}",
        *(("schema-additional-properties", 1, 354 + 10 * number) for number in range(1_000)),
        ("too-many-faults", 1, 1),
        records=1,
    ),
    _made(
        "20000-wrong-items",
        "x.json",
        _line(causal_parent_ids=list(range(10_000, 30_000))),
        *(("schema-type", 1, 180 + 6 * number) for number in range(1_000)),
        ("too-many-faults", 1, 1),
        records=1,
        seconds=3.0,
    ),
    _made(
        "100000-items-and-one-twice",
        "x.json",
        _line(causal_parent_ids=[f"op:{number:06}" for number in (*range(100_000), 99_999)]),
        ("schema-unique-items", 1, 179),
        records=1,
    ),
    Entry(
        "100000-items-and-one-twice-by-the-reference",
        1,
        (("schema-unique-items", 1, 179),),
        1,
        {"x.json": _line(causal_parent_ids=[f"op:{number:06}" for number in (*range(100_000), 99_999)])},
        ("x.json", "--engine", "reference"),
        seconds=20.0,
    ),
    _made("5000000-empty-arrays", "x.json", Repeated(b"[],", 5_000_000, b'{"a":[', b"[]]}"), ("too-many-values", 1, 1)),
    _made(
        "5000000-empty-objects-in-a-good-record",
        "x.jsonl",
        Repeated(b"{},", 5_000_000, _OPEN + b',"x-a":[', b'{}],"x":1}\n' + _BAD),
        ("too-many-values", 1, 1),
        _on_line(2),
        records=1,
    ),
    _made("4000000-items-in-yaml", "x.yaml", Repeated(b"- 1\n", 4_000_000), ("too-many-values", 1, 1)),
    _made(
        "10000-unclaimed-records",
        "x.jsonl",
        b"".join(b'{"policy_x%d":1,"b%d":2}\n' % (number, number) for number in range(10_000)),
        *(("unclaimed-record", line, 1) for line in range(1, 10_001)),
        records=10_000,
        seconds=3.0,
    ),
    Entry(
        "sparse-ledger-of-2-gibibytes",
        1,
        (("record-too-large", 1, 1),),
        prepare=lambda folder: os.truncate(_touched(folder / "x.jsonl"), 2 << 30),
        arguments=("x.jsonl",),
        seconds=30.0,
    ),
)


def _touched(path: Path) -> Path:
    path.touch()
    return path


_LEDGER = _GOOD + _BAD
_TWO_MEMBERS = gzip.compress(_LEDGER, mtime=0) + gzip.compress(_LEDGER * 50, mtime=0)
_BOMB = gzip.compress(b"x" * 200_000_000, 1, mtime=0)

_SOURCES = (
    _path("no-such-file", ("no.json",), _UNREADABLE),
    _path("a-folder-named-as-a-file", ("x.json",), _on_line(2), files={"x.json/a.jsonl": _LEDGER}, records=2, code=1),
    _path("an-empty-folder-named-as-a-file", ("x.json",), _UNREADABLE, prepare=lambda folder: (folder / "x.json").mkdir()),
    _path("an-empty-folder", ("empty",), _UNREADABLE, prepare=lambda folder: (folder / "empty").mkdir()),
    _path(
        "a-folder-of-other-files",
        ("other",),
        _UNREADABLE,
        files={"other/a.txt": b"x", "other/b": b"x", "other/.hidden.json": b"x", "other/c.md": b"# x\n"},
    ),
    _path("a-glob-that-matches-nothing", ("*.json",), _UNREADABLE),
    _path("a-glob-that-is-not-closed", ("[a", "*["), _UNREADABLE, _UNREADABLE),
    _path("a-glob-of-400-stars", ("b*" * 400 + ".json",), _UNREADABLE),
    _path(
        "a-glob-through-links-to-itself", ("**/*.json",), _on_line(1), files={"x.json": _BAD}, links={"p": ".", "q": "."}, records=1, code=1
    ),
    _path(
        "a-folder-with-links-to-itself", ("d",), _on_line(1), files={"d/x.json": _BAD}, links={"d/p": ".", "d/q": ".."}, records=1, code=1
    ),
    _path("a-name-that-is-too-long", ("b" * 300 + ".json",), _UNREADABLE),
    _path("a-file-taken-for-a-folder", ("x.json/y.json",), _UNREADABLE, files={"x.json": _GOOD}),
    _path("a-link-to-itself", ("x.json",), _UNREADABLE, links={"x.json": "x.json"}),
    _path("a-link-to-nothing", ("x.json",), _UNREADABLE, links={"x.json": "nothing.json"}),
    _path("a-pipe", ("x.jsonl",), _UNREADABLE, prepare=lambda folder: os.mkfifo(folder / "x.jsonl")),
    _path("a-device-without-end", ("x.jsonl",), _UNREADABLE, links={"x.jsonl": "/dev/zero"}),
    _path(
        "links-and-a-pipe-in-a-folder",
        ("d",),
        _UNREADABLE,
        _UNREADABLE,
        _UNREADABLE,
        _on_line(1),
        files={"d/x.json": _BAD},
        links={"d/loop.json": "loop.json", "d/nothing.json": "no.json"},
        prepare=lambda folder: os.mkfifo(folder / "d/pipe.json"),
        records=1,
    ),
    _path(
        "a-file-that-cannot-be-read",
        ("a.jsonl", "a.json", "a.yaml", "a.md"),
        *(_UNREADABLE,) * 4,
        links={f"a.{suffix}": "/proc/self/mem" for suffix in ("jsonl", "json", "yaml", "md")},
    ),
    _path(
        "an-unknown-suffix",
        ("a.txt", "b", "c.gz", "d.json.bz2"),
        *(_UNREADABLE,) * 4,
        files=dict.fromkeys(("a.txt", "b", "c.gz", "d.json.bz2"), _GOOD),
    ),
    _path("the-same-file-three-times", ("x.json", "./x.json", "x*.json"), _on_line(1), files={"x.json": _BAD}, records=1, code=1),
    _path("not-gzip", ("x.jsonl.gz",), _UNREADABLE, files={"x.jsonl.gz": _LEDGER}),
    _path("an-empty-gzip-file", ("x.jsonl.gz",), _UNREADABLE, files={"x.jsonl.gz": b""}),
    _path("gzip-cut-short", ("x.jsonl.gz",), _on_line(2), _UNREADABLE, files={"x.jsonl.gz": _TWO_MEMBERS[:-300]}, records=2),
    _path(
        "gzip-with-a-bad-checksum",
        ("x.jsonl.gz",),
        *(_on_line(line) for line in range(2, 103, 2)),
        _UNREADABLE,
        files={"x.jsonl.gz": _TWO_MEMBERS[:-8] + b"xxxxxxxx"},
        records=102,
    ),
    _path(
        "gzip-with-junk-after-it",
        ("x.jsonl.gz",),
        _on_line(2),
        _UNREADABLE,
        files={"x.jsonl.gz": gzip.compress(_LEDGER, mtime=0) + b"junk"},
        records=2,
    ),
    _path(
        "gzip-of-several-members",
        ("x.jsonl.gz",),
        _on_line(2),
        _on_line(4),
        files={"x.jsonl.gz": gzip.compress(_LEDGER, mtime=0) * 2},
        records=4,
        code=1,
    ),
    _path(
        "gzip-bombs",
        ("a.jsonl.gz", "b.json.gz", "c.yaml.gz", "d.md.gz"),
        *(("record-too-large", 1, 1),) * 4,
        files=dict.fromkeys(("a.jsonl.gz", "b.json.gz", "c.yaml.gz", "d.md.gz"), _BOMB),
        code=1,
    ),
    _path(
        "a-name-with-an-annotation",
        ("::error::x.json", "##[error]y.json"),
        _on_line(1),
        _on_line(1),
        records=2,
        code=1,
        files={"::error::x.json": _BAD, "##[error]y.json": _BAD},
    ),
    _path(
        "a-name-with-controls",
        (".",),
        *(_on_line(1),) * 3,
        records=3,
        code=1,
        files={"\x1b[31mx\n::error::.json": _BAD, "\u202ey\r.json": _BAD, os.fsdecode(b"\xff\xfe.json"): _BAD},
    ),
    _path("a-missing-name-with-controls", ("\x1b[31mx\n::error::.json", "\n::error::y*.json", "z\n##[error]"), *(_UNREADABLE,) * 3),
)

_PIPES = (
    _stdin("stdin-is-closed", b"", _UNREADABLE, shell='exec "$@" <&-', code=2),
    _stdin("stdin-is-empty", b"", ("empty-document", 1, 1)),
    _stdin("stdin-of-a-ledger", _LEDGER, _on_line(2), records=2),
    _stdin("stdin-of-a-ledger-whose-first-line-is-bad", b'{"a":1,"a":2}\n' + _LEDGER, ("duplicate-key", 1, 8), _on_line(3), records=2),
    _stdin("stdin-of-a-ledger-whose-first-line-is-long", _OPEN + b',"x-a":"' + b"x" * 100_000 + b'"}\n' + _LEDGER, _on_line(3), records=3),
    _stdin("stdin-that-comes-in-pieces", _LEDGER, _on_line(2), records=2, shell='{ head -c 5 input; sleep 0.5; tail -c +6 input; } | "$@"'),
    _stdin(
        "stdin-of-gzip-that-comes-in-pieces",
        gzip.compress(_LEDGER, mtime=0),
        _on_line(2),
        records=2,
        shell='{ head -c 1 input; sleep 0.5; tail -c +2 input; } | "$@"',
    ),
    _stdin("stdin-of-one-document-over-lines", _BAD.replace(b",", b",\n"), ("schema-type", 11, 15), records=1),
    _stdin("stdin-of-zeros-without-end", b"", ("record-too-large", 1, 1), shell='exec "$@" < /dev/zero'),
)

_RECORD = b'{"t":"T","v":%s}'


def _schema(root: Mapping[str, Any]) -> bytes:
    shape = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T", "type": "object", "required": ["t"]}
    return json.dumps({**shape, **root, "properties": {"t": {"const": "T"}, **root.get("properties", {})}}).encode()


def _by_schema(
    name: str,
    root: Mapping[str, Any] | bytes,
    value: bytes,
    *finds: Place,
    error: str | None = None,
    code: int | None = None,
    bugs: Mapping[str, str] | None = None,
) -> tuple[Entry, ...]:
    """The same entry for both engines."""
    code = code if code is not None else 2 if error else 1 if finds else 0
    schema = root if isinstance(root, bytes) else _schema(root)
    files = {"x.json": _RECORD % value, "schemas/t.json": schema}
    return tuple(
        Entry(
            f"{name}-{engine}",
            code,
            finds,
            0 if error else 1,
            files,
            ("x.json", "--schemas", "schemas", "--engine", engine),
            bystander=False,
            error=error,
            bug=(bugs or {}).get(engine, ""),
        )
        for engine in ("rust", "reference")
    )


def _v(schema: Any, **root: Any) -> dict[str, Any]:
    return {"properties": {"v": schema}, **root}


def _nested(depth: int) -> bytes:
    return b'{"c":' * depth + b"1" + b"}" * depth


_STAIRS = {"s0": {"type": "integer"}, **{f"s{step}": {"allOf": [{"$ref": f"#/$defs/s{step - 1}"}] * 2} for step in range(1, 23)}}
_AS = b'"' + b"a" * 5000 + b'!"'
_LEADS_NOWHERE = "error: schemas/t.json:1:148: schemas/t.json refers to {}, which leads to no known schema\n"
_LOOP = "error: schemas/t.json:1:{}: the reference {} leads only to itself: no validation would end\n"
_EXIT_70 = dict.fromkeys(("rust", "reference"), "exit 70")
_REFERENCE_70 = {"reference": "exit 70"}

_SCHEMAS = (
    *_by_schema("pattern-that-backtracks", _v({"pattern": "^(a+)+$"}), _AS, ("schema-pattern", 1, 14)),
    *_by_schema("pattern-that-backtracks-behind-look-ahead", _v({"pattern": "^(?=(a+)+$)(a+)+$"}), _AS, ("schema-pattern", 1, 14)),
    *_by_schema("pattern-that-backtracks-to-a-group", _v({"pattern": "^(a+)+\\1$"}), _AS, ("schema-pattern", 1, 14)),
    *_by_schema("pattern-with-look-ahead-that-holds", _v({"pattern": "^(?=a)(a+)+$"}), b'"aaa"'),
    *_by_schema(
        "names-that-backtrack",
        _v({"propertyNames": {"pattern": "^(?=(a+)+$)(a+)+$"}}),
        b"{" + _AS + b":1}",
        ("schema-property-names", 1, 15),
    ),
    *_by_schema("pattern-that-is-none", _v({"pattern": "("}), b"1", error='error: schemas/t.json: "(" is not a "regex"\n'),
    *_by_schema(
        "pattern-that-repeats-without-bound",
        _v({"pattern": "^(((a{1,1000}){1,1000}){1,1000}){1,1000}$"}),
        b'"b"',
        error='error: schemas/t.json: "^(((a{1,1000}){1,1000}){1,1000}){1,1000}$" is not a "regex"\n',
    ),
    *_by_schema("reference-to-itself", {"$ref": "#"}, b"1", error=_LOOP.format(112, "#")),
    *_by_schema("property-that-refers-to-itself", _v({"$ref": "#/properties/v"}), b"1", error=_LOOP.format(154, "#/properties/v")),
    *_by_schema(
        "references-to-each-other",
        _v({"$ref": "#/$defs/a", "type": "string"}, **{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        b"1",
        error=_LOOP.format(154, "#/$defs/a"),
    ),
    *_by_schema(
        "references-to-each-other-through-all-of",
        _v({"$ref": "#/$defs/a"}, **{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}}),
        b"1",
        error=_LOOP.format(154, "#/$defs/a"),
    ),
    *_by_schema(
        "recursive-schema-and-deep-value",
        _v({"$ref": "#/$defs/n"}, **{"$defs": {"n": {"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}}}}),
        _nested(126),
        ("schema-type", 1, 644),
    ),
    *_by_schema(
        "recursive-choice-and-deep-value",
        _v({"$ref": "#/$defs/n"}, **{"$defs": {"n": {"anyOf": [{"type": "object", "properties": {"c": {"$ref": "#/$defs/n"}}}] * 2}}}),
        _nested(24),
        ("schema-any-of", 1, 14),
        bugs=dict.fromkeys(("rust", "reference"), "memory doubles with each level"),
    ),
    *_by_schema(
        "references-that-double", _v({"$ref": "#/$defs/s22"}, **{"$defs": _STAIRS}), b"1", bugs={"reference": "time doubles with each step"}
    ),
    *_by_schema(
        "reference-to-a-host", _v({"$ref": "http://127.0.0.1:9/x.json"}), b"1", error=_LEADS_NOWHERE.format("http://127.0.0.1:9/x.json")
    ),
    *_by_schema("reference-to-a-file", _v({"$ref": "file:///etc/passwd"}), b"1", error=_LEADS_NOWHERE.format("file:///etc/passwd")),
    *_by_schema(
        "reference-up-the-folders",
        _v({"$ref": "../../../../../../etc/passwd"}),
        b"1",
        error=_LEADS_NOWHERE.format("../../../../../../etc/passwd"),
    ),
    *_by_schema(
        "dynamic-reference-to-a-host",
        _v({"$dynamicRef": "http://127.0.0.1:9/x.json"}),
        b"1",
        error=_LEADS_NOWHERE.format("http://127.0.0.1:9/x.json"),
    ),
    *_by_schema("reference-to-nothing", _v({"$ref": "#/nothing"}), b"1", error=_LEADS_NOWHERE.format("#/nothing")),
    *_by_schema("reference-in-a-constant", _v({"const": {"$ref": "http://127.0.0.1:9/x.json"}}), b'{"$ref":"http://127.0.0.1:9/x.json"}'),
    *_by_schema(
        "meta-schema-on-a-host",
        {"$schema": "http://127.0.0.1:9/meta.json"},
        b"1",
        error="error: schemas/t.json:1:2: the dialect http://127.0.0.1:9/meta.json is not known; there are drafts 4, 6, 7, 2019-09 and 2020-12\n",
    ),
    *_by_schema("reference-that-is-a-number", _v({"$ref": 5}), b"1", error='error: schemas/t.json:1:154: 5 is not of type "string"\n'),
    *_by_schema("definitions-in-a-list", {"$defs": []}, b"1", error='error: schemas/t.json:1:112: [] is not of type "object"\n'),
    *_by_schema("all-of-a-number", {"allOf": 5, "x-warn": [{}]}, b"1", error='error: schemas/t.json:1:112: 5 is not of type "array"\n'),
    *_by_schema("schema-that-is-not-json", b'{"title":\n', b"1", error="error: schemas/t.json:1:10: the text ends inside a value\n"),
    *_by_schema(
        "schema-that-is-too-deep",
        b'{"allOf":[' * 5000 + b"{}" + b"]}" * 5000,
        b"1",
        error="error: schemas/t.json:1:641: arrays and objects lie more than 128 deep within one another\n",
    ),
    *(
        entry
        for name, number, finds in (
            ("30-digits-and-a-half", b"123456789012345678901234567890.5", (("schema-type", 1, 14),)),
            ("70-digits-and-a-half", b"1" * 70 + b".5", (("schema-type", 1, 14),)),
            ("32-digits-point-zero", b"1" * 32 + b".0", ()),
            ("1e-999999999", b"1e-999999999", (("schema-type", 1, 14),)),
            ("1e999999999", b"1e999999999", ()),
        )
        for entry in _by_schema(f"integer-of-{name}", _v({"type": "integer"}), number, *finds)
    ),
    *_by_schema("title-with-controls", {**_v({"type": "string"}), "title": "T\x1b[31m\n::error::x"}, b"1", ("schema-type", 1, 14)),
)

_WORKFLOW = b"---\ntracker:\n  root: issues\n---\n"
_SUMMARY = "memory/cls/sessions/2025-11-16_cls_001.md"
_NO_SECTIONS = ("summary-sections", 1, 1)

_MARKDOWN = (
    _made("template-of-brackets", "WORKFLOW.md", Repeated(b"(", 16_000_000, _WORKFLOW + b"{{ ", b" }}"), ("workflow-template", 5, 1), records=1),
    _made("template-of-space", "WORKFLOW.md", Repeated(b" ", 5_000, _WORKFLOW + b"{{", b"}}"), ("workflow-template", 5, 3), records=1, seconds=3.0),
    _made("template-of-tags", "WORKFLOW.md", Repeated(b"{{ a }}", 2_000_000, _WORKFLOW), ("workflow-template", 5, 137_747), records=1),
    _made("template-of-open-tags", "WORKFLOW.md", Repeated(b"{% raw %}", 1_800_000, _WORKFLOW), ("workflow-template", 5, 1), records=1),
    _made("template-of-nested-blocks", "WORKFLOW.md", Repeated(b"{% if a %}", 10_000, _WORKFLOW), ("workflow-template", 5, 314), records=1),
    _made("body-in-the-front-matter", "WORKFLOW.md", _WORKFLOW[:-4] + b"prompt_template: ok\n---\n{{ a", ("front-matter-member", 4, 1), ("workflow-template", 6, 1), records=1),
    _made("headings-without-end", _SUMMARY, Repeated(b"## a\n", 3_000_000), ("too-many-values", 1, 1)),
    Entry("headings-in-lists-in-quotes", 0, (_NO_SECTIONS,), 1, {_SUMMARY: Repeated(b"- > " * 5 + b"# a\n", 25_000, b"# T\n")}, seconds=3.0),
    Entry("list-without-end", 0, (_NO_SECTIONS,), 1, {_SUMMARY: Repeated(b"- ", 8_000_000, b"# T\n")}),
    Entry("fences-of-two-kinds", 0, (_NO_SECTIONS,), 1, {_SUMMARY: b"```\n~~~\n```\n# Title\n"}),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = (*_READING, *_LARGE, *_SOURCES, *_PIPES, *_SCHEMAS, *_MARKDOWN)
