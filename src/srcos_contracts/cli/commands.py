"""The names of the commands, apart from what they import."""

from __future__ import annotations

__all__ = ["COMMANDS"]

COMMANDS = (
    "audit",
    "check",
    "ci",
    "config",
    "conformance",
    "diff",
    "docs",
    "explain",
    "lint",
    "list",
    "new",
    "release",
    "show",
    "test",
    "vendor",
    "why",
)
"""Words that name a command; any other first word is a path to check."""
