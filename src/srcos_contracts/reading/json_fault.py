"""Why a text is not strict JSON, and where: imported only when one is not."""

from __future__ import annotations

import re

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, fault
from srcos_contracts.reading.limits import LARGE_BYTES, MAX_DEPTH, MAX_INTEGER_DIGITS, MAX_KEY_CHARACTERS, MAX_RECORD_BYTES, MAX_VALUES

__all__ = ["STRING", "encoding_fault", "explain", "is_wide", "too_deep", "too_large", "too_much"]

STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_STRING_BYTES = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_LONG_KEY = re.compile(rb'"[^"\\]{%d,}+"[ \t\r\n]*+:' % (MAX_KEY_CHARACTERS + 1))
_NUMBER = re.compile(r"-?[0-9][0-9.eE+-]*")
_POSITION = re.compile(r" at line (\d+) column (\d+)$")
_LONE_SURROGATE = re.compile(
    r"""(?: [^\\]++
          | \\u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2}
          | (?! \\u[dD][89a-fA-F][0-9a-fA-F]{2} ) \\.
        )*+ ( \\u[dD][89a-fA-F][0-9a-fA-F]{2} )""",
    re.DOTALL | re.VERBOSE,
)
"""A text up to the first escape that is half of a surrogate pair: one match, whatever number of escapes stands before it."""
_NOT_FINITE = re.compile(r"-?(?:NaN|Infinity|inf)", re.IGNORECASE)
_WIDE = re.compile(rb"\xff\xfe|\xfe\xff|\0\0\xfe\xff|(?:[^\0]\0){2}|(?:\0[^\0]){2}|(?:[^\0]\0\0\0){2}|(?:\0\0\0[^\0]){2}", re.DOTALL)
"""How UTF-16 and UTF-32 begin: with a mark, or with two characters of ASCII, as JSON does. A hole of zero bytes is neither."""
_OPEN_OR_CLOSE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_ZEROS_HELP = "the system stopped before the text reached the disk: write the record again"
_WORDS = {
    "an object": "object",
    "a list": "array",
    "a string": "string",
    "a value": "value",
}


def too_large(document: Document) -> Finding:
    """The finding for a record over the size bound; only the first bytes of the text are looked at."""
    mebibytes = MAX_RECORD_BYTES // 1024 // 1024
    return fault(
        "record-too-large",
        f"the record is larger than {mebibytes} MiB and was not read",
        document._replace(text=document.text[:200]),
        (0, 1),
        "keep large content elsewhere and refer to it by digest; write many records as JSON Lines, one a line",
    )


def too_deep(document: Document) -> Finding | None:
    """The finding at the first array or object that lies deeper than the bound, if there is one."""
    depth = 0
    text = document.text.decode("utf-8", "replace")
    for match in _OPEN_OR_CLOSE.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return fault(
                    "too-deep",
                    f"arrays and objects lie more than {MAX_DEPTH} deep within one another",
                    document,
                    match.span(),
                    "flatten the record; no contract needs such depth",
                )
        elif token in "]}":
            depth -= 1
    return None


def too_much(document: Document) -> Finding | None:
    """The finding for a text with more values, or a longer key, than a record may have; strings are not looked into."""
    text = document.text
    long_key = _LONG_KEY.search(text)
    if long_key is not None:
        index = len(text[: long_key.start()].decode("utf-8", "replace"))
        message = f"a key has more than {MAX_KEY_CHARACTERS:,} characters"
        return fault("key-too-long", message, document, (index, index + 1), "keep such text in a value")
    # A cheap upper bound first: most large texts are long strings.
    if _values(text) > MAX_VALUES:
        deep = too_deep(document._replace(text=text[:LARGE_BYTES]))
        if deep is not None:
            return deep
        in_strings = sum(_values(match[0]) for match in _STRING_BYTES.finditer(text))
        if _values(text) - in_strings <= MAX_VALUES:
            return None
        message = f"the record holds more than {MAX_VALUES:,} values"
        shown = document._replace(text=text[:200])
        return fault("too-many-values", message, shown, (0, 1), "write many small records as JSON Lines, one a line")
    return None


def _values(text: bytes) -> int:
    return text.count(b",") + text.count(b"[") + text.count(b"{")


def is_wide(start: bytes) -> bool:
    """Whether a text that begins with these bytes, some eight of them, is UTF-16 or UTF-32."""
    return _WIDE.match(start[:8]) is not None


def encoding_fault(document: Document) -> Finding | None:
    """The finding for bytes that are not plain UTF-8: another encoding, a byte order mark, or a bad sequence."""
    text = document.text
    if text.startswith(b"\xef\xbb\xbf"):
        return fault(
            "byte-order-mark",
            "the text begins with a byte order mark",
            document,
            (0, 1),
            "save the file as UTF-8 without BOM",
        )
    if is_wide(text):
        return fault(
            "utf-16",
            "the text is UTF-16 or UTF-32, not UTF-8",
            document._replace(text=text[:200]),
            (0, 1),
            "save the file as UTF-8 without BOM",
        )
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        index = len(text[: error.start].decode("utf-8", "replace"))
        return fault(
            "invalid-utf8",
            f"byte 0x{text[error.start]:02x} is not UTF-8",
            document,
            (index, index + 1),
            "write the file as UTF-8",
        )
    return None


def explain(document: Document, problem: str) -> Finding:
    """The finding for a text that `json_text.decode` refused with the words `problem`."""
    bad_bytes = encoding_fault(document)
    if bad_bytes is not None:
        return bad_bytes
    position = _POSITION.search(problem)
    what = problem[: position.start()] if position else problem
    text = document.text.decode("utf-8")
    offset = _character_offset(document.text, int(position[1]), int(position[2])) if position else 0
    offset = max(0, min(offset, len(text) - 1))
    if not text.strip(" \t\r\n"):
        return fault("empty-document", "there is no JSON value here", document, (0, 1), "write one JSON object")
    if not text.strip("\0 \t\r\n"):
        return fault("json-syntax", "there is nothing but zero bytes here", document, (0, 1), _ZEROS_HELP)
    if what.startswith("Detected duplicate key"):
        span = _last_string(text, offset)
        key = text[span[0] : span[1]]
        message = f"the key {_cut(key)} stands twice in one object"
        return fault("duplicate-key", message, document, span, "keep the one that is meant: readers differ in which they take")
    if what.startswith("recursion limit"):
        found = too_deep(document)
        if found is not None:
            return found
    if what.startswith("trailing characters"):
        message = "there is more text after the JSON value"
        return fault(
            "trailing-data", message, document, (offset, len(text)), "keep one JSON value in a .json file; write many as .jsonl, one a line"
        )
    if what.startswith("number out of range") or "InvalidOperation" in what:
        message = f"a number has more than {MAX_INTEGER_DIGITS} digits, or an exponent that no reader can hold"
        number = next((match for match in _NUMBER.finditer(STRING.sub(_blank, text)) if match.end() >= offset), None)
        span = number.span() if number is not None else (offset, offset + 1)
        return fault("number-out-of-range", message, document, span, "write such a value as a string")
    # What ends too early was in order up to there.
    lone = None if what.startswith("EOF") else _lone_surrogate(text, offset)
    if lone is not None:
        message = f"{text[lone : lone + 6]} is half of a surrogate pair: it stands for no character"
        return fault("lone-surrogate", message, document, (lone, lone + 6), "write both halves, or the character itself")
    if "control character" in what and offset and text[offset - 1] == "\n":
        # A raw newline in a string is told where it stands, not on the line that it begins.
        offset -= 1
    number = _NOT_FINITE.match(text, max(0, offset - 1)) or _NOT_FINITE.match(text, offset)
    if number is not None:
        message = f"{number[0]} is not a JSON number"
        return fault("not-finite-number", message, document, number.span(), "write null, or leave the member out")
    return fault("json-syntax", _syntax_words(what), document, (offset, offset + 1), _syntax_help(what, text[offset]))


def _syntax_words(what: str) -> str:
    if what.startswith("EOF while parsing "):
        inside = what.removeprefix("EOF while parsing ")
        return f"the text ends inside {'an' if _WORDS.get(inside) in ('object', 'array') else 'a'} {_WORDS.get(inside, 'value')}"
    return "this is not JSON: " + what.replace("(\\u0000-\\u001F) found while parsing a", "in a").replace(
        "expected ident", "expected true, false or null"
    ).replace("`", "'").replace("list", "array")


def _syntax_help(what: str, character: str) -> str:
    if what.startswith("EOF"):
        return "the file may have been cut short: write it again"
    if "trailing comma" in what:
        return "remove the comma before the closing bracket"
    if character == "'" or "key must be a string" in what:
        return 'write keys and strings in double quotes: "key"'
    if "control character" in what:
        return "write it as an escape, such as \\n or \\u0001"
    if character in "/#":
        return "JSON has no comments: remove it"
    return "write it as RFC 8259 says; most editors mark the place"


def _character_offset(raw: bytes, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = raw.find(b"\n", start) + 1
    return len(raw[: start + max(column, 1) - 1].decode("utf-8", "replace"))


def _last_string(text: str, before: int) -> tuple[int, int]:
    span = (0, 1)
    for match in STRING.finditer(text, 0, before):
        span = match.span()
    return span


def _lone_surrogate(text: str, near: int) -> int | None:
    found = _LONE_SURROGATE.match(text, 0, near + 12)
    return found.start(1) if found else None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _cut(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
