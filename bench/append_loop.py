"""Appends events one after the other and prints, as JSON, what each took: by the agent ledger, or by logging's FileHandler.

Usage: append_loop.py ours|background|filehandler FOLDER COUNT
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

WORDS = "Completed the layout of the agents' folders, and wrote down the plan"
DATA = {"status": "success", "duration_sec": 132, "files_touched": ["docs/agents.md", "docs/plan.md"]}


def main() -> None:
    how, folder, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    append, finish, path = _filehandler(folder) if how == "filehandler" else _ledger(folder, how == "background")
    append(0)
    before = path().stat().st_size if path().exists() else 0
    taken = []
    start = time.perf_counter()
    for number in range(1, count + 1):
        began = time.perf_counter()
        append(number)
        taken.append(time.perf_counter() - began)
    finish()
    whole = time.perf_counter() - start
    taken.sort()
    told = {
        "seconds": whole,
        "median": taken[len(taken) // 2],
        "p99": taken[len(taken) * 99 // 100],
        "bytes": (path().stat().st_size - before) / count,
    }
    print(json.dumps(told))


Loop = tuple[Callable[[int], None], Callable[[], object], Callable[[], Path]]


def _ledger(folder: Path, background: bool) -> Loop:
    from srcos_contracts.emit.agent_ledger import AgentLedger, Settings

    ledger = AgentLedger(folder, "cls", source="bench", settings=Settings(fsync="never", background=background))

    def append(number: int) -> None:
        ledger.append("info", WORDS, task_id=f"wo-{number}", data=DATA)

    return append, ledger.flush, lambda: next((folder / "g/ledger/cls").glob("*.jsonl"), folder / "none")


def _filehandler(folder: Path) -> Loop:
    path = folder / "log.jsonl"
    logger = logging.getLogger("bench")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)

    def append(number: int) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S") + ".000000+00:00"
        event = {
            "ts": stamp,
            "agent": "cls",
            "session_id": "2026-05-18_cls_001",
            "event": "info",
            "task_id": f"wo-{number}",
            "source": "bench",
        }
        logger.info("%s", json.dumps({**event, "summary": WORDS, "data": DATA}, separators=(",", ":")))

    return append, handler.close, lambda: path


if __name__ == "__main__":
    main()
