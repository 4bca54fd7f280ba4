"""The rules of reading as documents: what keeps bytes from being records, and a record from being judged."""

from __future__ import annotations

from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.limits import (
    MAX_DEPTH,
    MAX_EXPANDED_NODES,
    MAX_FAULTS,
    MAX_INTEGER_DIGITS,
    MAX_KEY_CHARACTERS,
    MAX_RECORD_BYTES,
    MAX_VALUES,
)

__all__ = ["READING_RULES", "ReadingRule"]


class ReadingRule(NamedTuple):
    """One rule, with its whole text."""

    id: str
    message: str
    """What holds when all is well."""
    why: str
    help: str
    fails: str
    """An excerpt of a file that breaks it. Bytes that are no text stand as escapes; what is too large is hinted at."""
    passes: str
    """The same place as it should be."""
    suffix: str = ".json"
    """Of the files that the excerpts are from."""
    severity: Severity = "error"


_MEBIBYTES = MAX_RECORD_BYTES // 1024 // 1024

READING_RULES: tuple[ReadingRule, ...] = (
    ReadingRule(
        "blank-line",
        "every line of a ledger holds a record",
        "A blank line is nothing that any writer meant: it tells of a tool that edits the ledger, or of a write that was cut.",
        "remove the blank line: a ledger has one record a line",
        '{"type": "A"}\n\n{"type": "B"}\n',
        '{"type": "A"}\n{"type": "B"}\n',
        ".jsonl",
        "warning",
    ),
    ReadingRule(
        "broken-off",
        "a check is carried to its end",
        "Whoever reads a report alone would take what was found so far for all that there is.",
        "see to what kept it from going on, such as memory, room for temporary files, or a worker that was killed, and run it again",
        "TMPDIR=full srcos-validate audit receipts --format junit=report.xml",
        "TMPDIR=large srcos-validate audit receipts --format junit=report.xml",
        "",
    ),
    ReadingRule(
        "byte-order-mark",
        "a text does not begin with a byte order mark",
        "JSON and JSON Lines forbid it: half of the readers stop at it, and a ledger that is joined from two files keeps it in its middle.",
        "save the file as UTF-8 without BOM",
        '\\xef\\xbb\\xbf{"type": "A"}',
        '{"type": "A"}',
    ),
    ReadingRule(
        "duplicate-key",
        "a key stands once in its object",
        "Readers differ in which of the two they take, so one file becomes two records.",
        "keep the one that is meant, and find out what wrote the other",
        '{"status": "failed", "status": "completed"}',
        '{"status": "completed"}',
    ),
    ReadingRule(
        "empty-document",
        "a file holds a value",
        "An empty file is mostly the rest of a write that never happened; nobody should take it for a record in order.",
        "write one record, or remove the file",
        "\n",
        '{"type": "A"}\n',
    ),
    ReadingRule(
        "front-matter",
        "a Markdown record begins with a YAML mapping between two lines of three dashes",
        "Without the dashes a reader cannot tell the record's members from its text.",
        "begin the file with a line of three dashes, then one `key: value` a line, then another line of three dashes",
        "title: Broken link\n\nThe link leads nowhere.\n",
        "---\ntitle: Broken link\n---\n\nThe link leads nowhere.\n",
        ".md",
    ),
    ReadingRule(
        "front-matter-member",
        "the front matter leaves to the text what is read from the text",
        "If a member could stand for the text, one that is in order would hide a text that is not, and the text is what is used.",
        "remove the member from the front matter, or give it another name",
        "---\ntracker:\n  root: issues\nprompt_template: Do what the issue says.\n---\nDo what the issue says: {{ issue.title }}\n",
        "---\ntracker:\n  root: issues\n---\nDo what the issue says: {{ issue.title }}\n",
        ".md",
    ),
    ReadingRule(
        "invalid-utf8",
        "a text is UTF-8",
        "A reader that guesses at an encoding changes the words of the record, and with them its digest.",
        "write the file as UTF-8",
        '{"summary": "caf\\xe9"}',
        '{"summary": "café"}',
    ),
    ReadingRule(
        "json-syntax",
        "a text is JSON, as RFC 8259 says",
        "A reader that forgives reads something, and the next one reads something else.",
        "mend the place that the finding marks: double quotes, no comments, no comma before a closing bracket",
        "{'type': 'A',}",
        '{"type": "A"}',
    ),
    ReadingRule(
        "key-too-long",
        f"a key has at most {MAX_KEY_CHARACTERS:,} characters",
        "A key stands in every pointer to what is below it, so its length is paid for many times over.",
        "keep such text in a value",
        f'{{"... {MAX_KEY_CHARACTERS + 1:,} characters ...": true}}',
        '{"text": "... as many as you like ..."}',
    ),
    ReadingRule(
        "lone-surrogate",
        "an escape stands for a character",
        "Half of a surrogate pair is no character: it cannot be written as UTF-8, so the record could never be stored again.",
        "write both halves, or the character itself",
        '{"summary": "\\ud83d"}',
        '{"summary": "\\ud83d\\ude80"}',
    ),
    ReadingRule(
        "not-finite-number",
        "a number is finite",
        "JSON has neither NaN nor infinities; where a reader takes them they compare with nothing, not even with themselves.",
        "write null, or leave the member out",
        '{"duration_sec": NaN}',
        '{"duration_sec": null}',
    ),
    ReadingRule(
        "number-out-of-range",
        f"a number has at most {MAX_INTEGER_DIGITS:,} digits, and an exponent that readers can hold",
        "Longer ones take a reader more than linear time, which makes them a way to stop it.",
        "write such a value as a string",
        '{"count": 1e999999999999999999999}',
        '{"count": "1e999999999999999999999"}',
    ),
    ReadingRule(
        "record-too-large",
        f"a record has at most {_MEBIBYTES} MiB",
        "Records are read whole; a bound keeps the memory of every reader bounded too.",
        "keep large content elsewhere and refer to it by its digest; write many records as JSON Lines, one a line",
        f'{{"log": "... {_MEBIBYTES} MiB of text ..."}}',
        '{"logRef": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
    ),
    ReadingRule(
        "several-values-on-line",
        "a line of a ledger holds one record",
        "Readers that take a line for a record lose all but the first of them.",
        "write one record a line",
        '{"type": "A"} {"type": "B"}\n',
        '{"type": "A"}\n{"type": "B"}\n',
        ".jsonl",
    ),
    ReadingRule(
        "too-deep",
        f"arrays and objects lie at most {MAX_DEPTH} deep within one another",
        "Deep nesting crashes many readers; no contract needs it.",
        "flatten the record",
        f'{{"a": {{"a": {{"a": ... {MAX_DEPTH + 1} deep ... }}}}}}',
        '{"a": {"a": {"a": 1}}}',
    ),
    ReadingRule(
        "too-many-faults",
        f"a record has at most {MAX_FAULTS:,} faults",
        "A record that is wrong all over is of another form, or written by a broken program; nobody reads ten thousand findings about it. "
        "What is left out is counted.",
        "mend what is told, and check again",
        f'{{"type": "CapabilityLedger", "specVersion": "0.1.0", "a1": 1, "a2": 2, ... {MAX_FAULTS + 1:,} undeclared members ...}}',
        '{"type": "CapabilityLedger", "specVersion": "0.1.0", ...}',
    ),
    ReadingRule(
        "too-many-values",
        f"a record holds at most {MAX_VALUES:,} values",
        "Each value takes some hundred bytes once it is read, however short its text; a bound keeps the memory of every reader bounded.",
        "write many small records as JSON Lines, one a line",
        f'{{"list": [0, 0, 0, ... {MAX_VALUES + 1:,} values ...]}}',
        '{"list": [0, 0, 0]}',
    ),
    ReadingRule(
        "torn-last-line",
        "the last line of a ledger is whole",
        "Its writer was stopped in the middle; what the record would have said is lost, and the next line would be joined to it.",
        "keep the line as evidence, end it with a newline, and write the record again",
        '{"type": "A"}\n{"type": "B", "summ',
        '{"type": "A"}\n{"type": "B", "summary": "done"}\n',
        ".jsonl",
    ),
    ReadingRule(
        "trailing-data",
        "a file holds one value, and nothing after it",
        "A reader that stops after the first value never sees the rest.",
        "keep one JSON value in a .json file; write many as .jsonl, one a line",
        '{"type": "A"}\n{"type": "B"}\n',
        '{"type": "A"}\n',
    ),
    ReadingRule(
        "unclaimed-record",
        "every record is claimed by a contract",
        "A record that no contract claims was checked by nobody; passing over it in silence would make it look checked.",
        "write the discriminator of its contract (`srcos-validate list` shows them all), keep the file on a path that a contract is bound "
        "to, or name the contract with --contract",
        '{"kind": "note", "text": "hello"}',
        '{"type": "CapabilityLedger", "specVersion": "0.1.0", ...}',
    ),
    ReadingRule(
        "unreadable",
        "what is named can be read to its end",
        "A misspelt path or a file cut short would otherwise pass as nothing to complain about.",
        "check the path, its suffix and its permissions; `-` with --stdin-name reads standard input",
        "srcos-validate recipts/2026-05-06.jsonl",
        "srcos-validate receipts/2026-05-06.jsonl",
        "",
    ),
    ReadingRule(
        "utf-16",
        "a text is UTF-8, not UTF-16 or UTF-32",
        "JSON that is exchanged is UTF-8 (RFC 8259, section 8.1); readers that take other encodings have to guess them.",
        "save the file as UTF-8 without BOM",
        "\\xff\\xfe{\\x00}\\x00",
        "{}",
    ),
    ReadingRule(
        "yaml-alias-budget",
        f"aliases expand to at most {MAX_EXPANDED_NODES:,} values",
        "A few hundred bytes of aliases can stand for more values than any memory holds.",
        "write the values out, or refer to them by a reference of the contract",
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
        "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
        "e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n",
        "a: [x, x, x]\n",
        ".yaml",
    ),
    ReadingRule(
        "yaml-key",
        "every key of a mapping is a string",
        "JSON has no other keys: a reader that turns 1 into a key has to choose a spelling for it.",
        "put the key in quotes",
        "1: first\n",
        '"1": first\n',
        ".yaml",
    ),
    ReadingRule(
        "yaml-recursive-alias",
        "an alias does not stand inside its own anchor",
        "The value would never end; JSON has no cycles.",
        "write the value out",
        "parent: &p\n  child: *p\n",
        "parent:\n  child: null\n",
        ".yaml",
    ),
    ReadingRule(
        "yaml-syntax",
        "a text is YAML, in the part of it on which readers agree",
        "A reader that forgives reads something, and the next one reads something else.",
        "check the indentation and the quotes at the place that the finding marks",
        "title: [unclosed\n",
        "title: [closed]\n",
        ".yaml",
    ),
    ReadingRule(
        "yaml-tag",
        "a YAML record has no tags: it is plain JSON data",
        "Tags make a reader build objects, or even run code; and readers differ in what a tag means.",
        "remove the tag, and put text in quotes",
        "when: !!timestamp 2026-05-06\n",
        'when: "2026-05-06"\n',
        ".yaml",
    ),
)
