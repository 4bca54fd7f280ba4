"""The bounds that keep any input from costing more than it should."""

from __future__ import annotations

__all__ = [
    "LARGE_BYTES",
    "MAX_DEPTH",
    "MAX_EXPANDED_NODES",
    "MAX_FAULTS",
    "MAX_HEADED_LINES",
    "MAX_INTEGER_DIGITS",
    "MAX_KEY_CHARACTERS",
    "MAX_RECORD_BYTES",
    "MAX_VALUES",
    "MAX_YAML_VALUES",
]

MAX_DEPTH = 128
"""Arrays and objects within one another. The parsers and engines below crash or refuse at some multiple of this."""

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""One record: a line of a ledger, or a whole document."""

MAX_VALUES = 500_000
"""Values in one JSON record: each takes some hundred bytes once it is read, however short its text."""

MAX_YAML_VALUES = 50_000
"""Values in one YAML document, aliases not expanded: each keeps its place."""

MAX_HEADED_LINES = 50_000
"""Lines of a Markdown text whose headings are read."""

MAX_KEY_CHARACTERS = 65_536
"""A key; it stands in every pointer to what is below it."""

LARGE_BYTES = 65_536
"""Records up to this size cannot break the bounds on values and keys, so nobody counts them there."""

MAX_EXPANDED_NODES = 100_000
"""Nodes of one YAML document that may come from aliases: more is an expansion bomb."""

MAX_FAULTS = 1000
"""Faults of one record that are told one by one. How many more there are is told too."""

MAX_INTEGER_DIGITS = 4300
"""Digits of one integer: the interpreter's own bound on what it converts in less than quadratic time."""
