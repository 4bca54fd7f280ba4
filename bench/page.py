"""How long the report of an audit with 10,000 findings takes to open, in a real headless Chromium where there is one."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.integration.chromium import MISSING, Stuck, chromium, found
from tests.integration.pages import write_many

__all__ = ["FINDINGS", "SECONDS", "Opened", "opened"]

FINDINGS = 10_000
SECONDS = 2.0


class Opened(NamedTuple):
    """A page that was opened, or why it was not."""

    seconds: float = 0.0
    """Until its load event ended; the median of the rounds."""
    megabytes: float = 0.0
    missing: str = ""


def opened(rounds: int) -> Opened:
    """Opens the page so often."""
    if found() is None:
        return Opened(missing=MISSING)
    try:
        with tempfile.TemporaryDirectory() as folder, chromium() as browser:
            path = Path(folder, "audit.html")
            write_many(path, FINDINGS)
            times = []
            for _ in range(rounds):
                tab = browser.tab()
                tab.open(path)
                times.append(float(tab.value("performance.getEntriesByType('navigation')[0].loadEventEnd")) / 1000)
            return Opened(statistics.median(times), path.stat().st_size / 1e6)
    except Stuck as stuck:
        return Opened(missing=str(stuck))
