"""Standard output, as what is shown there needs it."""

from __future__ import annotations

import os
import sys
from typing import TextIO

__all__ = ["colored", "stdout"]


def colored(out: TextIO) -> bool:
    """Whether what is written there is shown with colours (NO_COLOR, https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and out.isatty() and os.environ.get("TERM") != "dumb"


def stdout() -> TextIO:
    """Standard output, which from now on takes any text: what its encoding lacks is written as an escape."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return sys.stdout
