"""URLs that say who asks, which whoever reads the file that names them would learn."""

from __future__ import annotations

__all__ = ["why_not_kept"]


def why_not_kept(url: str) -> str:
    """Why a text cannot stand in a file for all to read, without what is secret of it; empty where it can."""
    # To import this takes as long as many a check.
    if "://" not in url or "@" not in url:
        return ""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        named = parts.password is not None or (parts.scheme in ("http", "https") and parts.username is not None)
    except ValueError:
        return "the URL cannot be read"
    if not named:
        return ""
    return f"the URL of {parts.hostname} has a name or password in it, which all would read in the lock; leave it to a credential helper"
