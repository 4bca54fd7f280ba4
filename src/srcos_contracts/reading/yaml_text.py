"""Strict YAML: the JSON part of YAML 1.2 (core schema), with every node's place.

PyYAML's parser gives the events; values are made here, because its composer recurses without bound, expands aliases without
bound, and resolves plain words by the rules of YAML 1.1 (`no` is false, `12:30` is 750).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

import yaml

from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.reading.document import Document, Record, fault
from srcos_contracts.reading.json_fault import encoding_fault
from srcos_contracts.reading.limits import MAX_DEPTH, MAX_EXPANDED_NODES, MAX_INTEGER_DIGITS, MAX_YAML_VALUES
from srcos_contracts.wording import quoted, show

__all__ = ["Node", "parse_yaml", "read_yaml", "spans_in"]

Span = tuple[int, int]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DOCUMENT_START = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_DOCUMENT_END = re.compile(r"^\.\.\.(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NESTED = "maximum nesting depth"
"""What libyaml says, from 0.2.6 on, of brackets that it will not follow."""
_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_AMBIGUOUS_BREAK = re.compile("[\x85\u2028\u2029]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip


class Node(NamedTuple):
    """A value with its place: character offsets in the document's text."""

    value: Any
    span: Span
    children: dict[Any, Node]
    """By key or index; of a scalar, none."""
    keys: dict[str, Span]
    """Where each key of a mapping stands."""
    size: int
    """Nodes in this value, with aliases expanded."""
    height: int
    """Arrays and objects within one another, this one included."""


class _Refused(Exception):
    def __init__(self, rule: str, message: str, span: Span, help: str) -> None:
        self.rule, self.message, self.span, self.help = rule, message, span, help


class _Open(NamedTuple):
    start: int
    anchor: str | None
    mapping: bool
    value: Any
    children: dict[Any, Node]
    keys: dict[str, Span]
    pending: list[Node]


def read_yaml(document: Document) -> Iterator[Record | Finding]:
    """Each document of a YAML stream, as a record or as the finding that keeps it from being one."""
    bad_bytes = encoding_fault(document)
    if bad_bytes is not None:
        yield bad_bytes
        return
    found = False
    for part_document in _split(document):
        node = parse_yaml(part_document)
        if isinstance(node, Finding):
            found = True
            yield node
        elif node is not None:
            found = True
            yield Record(node.value, part_document.text, part_document.line)
    if not found:
        yield fault("empty-document", "there is no YAML value here", document, (0, 1), "write one mapping")


def _split(document: Document) -> list[Document]:
    """The documents of a stream; of the usual stream, which is one, no copy is made."""
    text = document.text.decode("utf-8")
    # A line that begins with `---` always begins a document (YAML 1.2.2, 9.1.2), even inside a quoted scalar, where it is an error.
    starts = [match.start() for match in _DOCUMENT_START.finditer(text)]
    if not starts or _is_content(text[: starts[0]]):
        starts.insert(0, 0)
    else:
        starts[0] = 0
    # Directives stand before the dashes, and after the line of three dots that ends the document before.
    starts[1:] = [_directives(text, before, start) for before, start in pairwise(starts)]
    if len(starts) == 1:
        return [document._replace(syntax="yaml")]
    parts = []
    line = document.line
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        parts.append(Document(document.file, text[start:end].encode("utf-8"), "yaml", line))
        line += text.count("\n", start, end)
    return parts


def _directives(text: str, before: int, start: int) -> int:
    """Where the directives of the document begin whose dashes stand at `start`; there, where it has none."""
    end = before
    for match in _DOCUMENT_END.finditer(text, before, start):
        end = text.index("\n", match.end()) + 1
    return end if end > before and not _is_content(text[end:start]) else start


def _is_content(text: str) -> bool:
    return any(line.strip() and not line.startswith(("#", "%")) for line in text.splitlines())


def parse_yaml(document: Document) -> Node | Finding | None:
    """The node of one YAML document, None where it holds nothing at all, or the finding that keeps it from being a JSON value."""
    text = document.text.decode("utf-8")
    try:
        return _build(text)
    except _Refused as refused:
        return fault(refused.rule, refused.message, document, refused.span, refused.help)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, max(len(text) - 1, 0)) if mark is not None else 0
        if 0 < index < len(text) and _NESTED in str(error.problem):
            # It looks ahead, and refuses before it gives any event of these brackets; of those before this one it gives them.
            before = parse_yaml(document._replace(text=text[:index].encode("utf-8")))
            return before if isinstance(before, Finding) else _too_deep_fault(document)
        surrogate = _SURROGATE.search(text, max(index - 2, 0), index + 12)
        if surrogate is not None and "escape" in str(error.problem):
            return _surrogate_fault(document, surrogate)
        problem = " ".join(str(part) for part in (error.problem, error.context) if part)
        return fault(
            "yaml-syntax",
            f"this is not YAML: {problem}",
            document,
            (index, index + 1),
            "check the indentation and the quotes around this place",
        )
    except yaml.reader.ReaderError as error:
        # The C parser counts bytes here, the Python one characters, and both mean the first character that is not printable.
        unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)
        index = unprintable.start() if unprintable else 0
        message = f"this is not YAML: {error.reason}"
        return fault(
            "yaml-syntax", message, document, (index, index + 1), "remove the character, or write it as an escape in double quotes"
        )
    except RecursionError:
        return _too_deep_fault(document)


def _surrogate_fault(document: Document, escape: re.Match[str]) -> Finding:
    if escape[1] is None:
        message = f"{escape[0]} is half of a surrogate pair: it stands for no character"
        return fault("lone-surrogate", message, document, escape.span(), "write the character itself")
    high, low = int(escape[0][2:6], 16), int(escape[1][2:], 16)
    whole = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
    message = f"{escape[0]} are two halves of a surrogate pair: in YAML, unlike JSON, each escape stands for a character of its own"
    return fault("lone-surrogate", message, document, escape.span(), f"write the character itself, or \\U{whole:08X}")


def _too_deep_fault(document: Document) -> Finding:
    refused = _too_deep((0, 1))
    return fault(refused.rule, refused.message, document, refused.span, refused.help)


def spans_in(node: Node, path: Path) -> tuple[Span, Span | None]:
    """The spans of the value at `path` below a node, or of its nearest ancestor that is there, and of its key."""
    key = None
    for token in path:
        child = node.children.get(token)
        if child is None:
            break
        key = node.keys.get(token) if isinstance(token, str) else None
        node = child
    return node.span, key


def _build(text: str) -> Node | None:
    ambiguous = _AMBIGUOUS_BREAK.search(text)
    if ambiguous:
        message = f"U+{ord(ambiguous[0]):04X} is a line break in YAML 1.1 and text in YAML 1.2: readers differ in what they take"
        raise _Refused("yaml-syntax", message, ambiguous.span(), "remove the character, or write it as an escape in double quotes")
    loader = _LOADER(text)
    stack: list[_Open] = []
    anchors: dict[str, Node] = {}
    open_anchors: set[str] = set()
    root: Node | None = None
    expanded = count = 0
    try:
        while loader.check_event():
            event = loader.get_event()
            name = type(event).__name__
            if name in ("StreamStartEvent", "StreamEndEvent", "DocumentStartEvent", "DocumentEndEvent"):
                if name == "DocumentStartEvent" and root is not None:
                    raise _Refused(
                        "yaml-syntax",
                        "a second value stands in one YAML document",
                        _span(event),
                        "begin each document with a line of three dashes",
                    )
                if name == "DocumentStartEvent" and event.version == (1, 1):
                    message = "the document says that it is YAML 1.1, where words such as no and 12:30 are no texts"
                    raise _Refused("yaml-syntax", message, _span(event), "write %YAML 1.2, or nothing: 1.2 is what is meant without it")
                continue
            span = _span(event)
            count += 1
            if count > 2 * MAX_YAML_VALUES:
                raise _Refused(
                    "too-many-values",
                    f"the document holds more than {MAX_YAML_VALUES:,} values",
                    (0, 1),
                    "write many small records as JSON Lines, one a line",
                )
            if name == "AliasEvent":
                node, open_anchors_hit = anchors.get(event.anchor), event.anchor in open_anchors
                if open_anchors_hit:
                    raise _Refused(
                        "yaml-recursive-alias",
                        f"the alias *{quoted(event.anchor, 40)} stands inside its own anchor: the value would never end",
                        span,
                        "write the value out; JSON has no cycles",
                    )
                if node is None:
                    raise _Refused("yaml-syntax", f"the alias *{quoted(event.anchor, 40)} has no anchor before it", span, "define it first")
                expanded += node.size
                if expanded > MAX_EXPANDED_NODES:
                    raise _Refused(
                        "yaml-alias-budget",
                        f"aliases expand to more than {MAX_EXPANDED_NODES:,} values",
                        span,
                        "write the values out, or refer to them by a reference of the contract",
                    )
                if len(stack) + node.height > MAX_DEPTH:
                    raise _too_deep(span)
                root = _place(stack, node._replace(span=span), root)
            elif name == "ScalarEvent":
                _refuse_tag(event, span)
                if event.value == "<<" and event.implicit[0] and stack and stack[-1].mapping and not stack[-1].pending:
                    message = "the key << takes in another mapping in YAML 1.1 and is a name like any other in 1.2"
                    raise _Refused("yaml-syntax", message, span, "write the members out; for a member of that name put it in quotes")
                node = Node(_scalar(event, span), span, {}, {}, 1, 0)
                if event.anchor:
                    anchors[event.anchor] = node
                root = _place(stack, node, root)
            elif name in ("MappingStartEvent", "SequenceStartEvent"):
                _refuse_tag(event, span)
                if len(stack) >= MAX_DEPTH:
                    raise _too_deep(span)
                mapping = name == "MappingStartEvent"
                if event.anchor:
                    open_anchors.add(event.anchor)
                    anchors.pop(event.anchor, None)
                stack.append(_Open(span[0], event.anchor, mapping, {} if mapping else [], {}, {}, []))
            else:
                opened = stack.pop()
                children = opened.children.values()
                node = Node(
                    opened.value,
                    (opened.start, max(event.end_mark.index, opened.start + 1)),
                    opened.children,
                    opened.keys,
                    1 + sum(child.size for child in children),
                    1 + max((child.height for child in children), default=0),
                )
                if opened.anchor:
                    open_anchors.discard(opened.anchor)
                    anchors[opened.anchor] = node
                root = _place(stack, node, root)
    finally:
        loader.dispose()
    return root


def _place(stack: list[_Open], node: Node, root: Node | None) -> Node | None:
    if not stack:
        return node
    top = stack[-1]
    if not top.mapping:
        top.children[len(top.value)] = node
        top.value.append(node.value)
    elif not top.pending:
        if not isinstance(node.value, str):
            raise _Refused("yaml-key", "a key of a mapping is not a string", node.span, "put the key in quotes: JSON has only string keys")
        if node.value in top.keys:
            raise _Refused(
                "duplicate-key",
                f"the key {show(node.value)} stands twice in one mapping",
                node.span,
                "keep the one that is meant: readers differ in which they take",
            )
        top.keys[node.value] = node.span
        top.pending.append(node)
    else:
        key = top.pending.pop().value
        top.children[key] = node
        top.value[key] = node.value
    return root


def _scalar(event: Any, span: Span) -> Any:
    text: str = event.value
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise _Refused(
            "lone-surrogate", "an escape stands for half of a surrogate pair: it is no character", span, "write the character itself"
        )
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_INTEGER_DIGITS:
            raise _Refused(
                "number-out-of-range", f"a number has more than {MAX_INTEGER_DIGITS} digits", span, "write such a value as a string"
            )
        return int(text, 0) if text.startswith(("0x", "0o")) else int(text)
    if _FLOAT.fullmatch(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            raise _Refused(
                "number-out-of-range", "a number has an exponent that no reader can hold", span, "write such a value as a string"
            ) from None
    if _NOT_FINITE.fullmatch(text):
        raise _Refused("not-finite-number", f"{text} is not a JSON number", span, "write null, or leave the key out")
    return text


def _refuse_tag(event: Any, span: Span) -> None:
    if event.tag is not None:
        raise _Refused(
            "yaml-tag", f"the tag {show(event.tag)} is not allowed: a record is plain JSON data", span, "remove the tag; put text in quotes"
        )


def _too_deep(span: Span) -> _Refused:
    return _Refused(
        "too-deep",
        f"arrays and objects lie more than {MAX_DEPTH} deep within one another",
        span,
        "flatten the record; no contract needs such depth",
    )


def _span(event: Any) -> Span:
    start: int = event.start_mark.index
    return start, max(event.end_mark.index, start + 1)
