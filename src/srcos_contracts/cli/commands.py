"""The names of the commands, apart from what they import."""

from __future__ import annotations

__all__ = ["COMMANDS"]

COMMANDS = ("audit", "check", "docs", "explain", "lint", "list", "new", "show", "test", "why")
"""Words that name a command; any other first word is a path to check."""
