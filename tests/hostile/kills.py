"""A program that kills `srcos-validate vendor` while it writes, again and again, and says what each kill left.

Called with a folder in which a source `src` and a vendored folder `DIR` lie, the words of a command that changes DIR, and how to kill:

    steps        before each thing that the command does to the file system, once for each
    N            N times, after a random time

`aside` as a further word has the command believe that folders cannot be exchanged. Each kill is a line of JSON on standard output.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from srcos_contracts.cli.main import main
from srcos_contracts.vendor import writing

_TOUCHING = frozenset(("os.mkdir", "os.rename", "os.remove", "os.link", "os.rmdir", "os.chmod", "os.symlink", "shutil.rmtree"))
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_LONGEST = 60


def tree(folder: str) -> str:
    """A digest of all paths and bytes in a folder; empty where there is none."""
    if not os.path.isdir(folder):
        return ""
    digest = hashlib.sha256()
    for here, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(here, name)
            with open(path, "rb") as stream:
                digest.update(f"{os.path.relpath(path, folder)}\0{hashlib.sha256(stream.read()).hexdigest()}\n".encode())
    return digest.hexdigest()


class Steps:
    """Counts what a command does below a folder; kills the process before one of these."""

    def __init__(self, below: str, last: int, counted: int | None = None) -> None:
        self._below, self._last, self._counted = below, last, counted
        self.count = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            touches = isinstance(arguments[0], str) and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
        else:
            touches = event in _TOUCHING
        if touches and any(isinstance(word, str) and os.path.abspath(word).startswith(self._below) for word in arguments):
            if self.count == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1
            if self._counted is not None:
                os.pwrite(self._counted, self.count.to_bytes(4, "big"), 0)


def started(words: Sequence[str], steps: Steps | None = None) -> int:
    """Starts the command in a process of its own."""
    child = os.fork()
    if child:
        return child
    sys.argv = ["srcos-validate", *words]
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    if steps is not None:
        sys.addaudithook(steps)
    signal.alarm(_LONGEST)
    os._exit(main())


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def restored(where: str) -> None:
    for name in os.listdir(where):
        if name not in ("src", "kept"):
            shutil.rmtree(name)
    shutil.copytree("kept", "DIR", symlinks=True)


def run(where: str, words: Sequence[str], how: str) -> None:
    # What a killed process has written is not lost; that takes a machine that stops.
    os.fsync = lambda fd: None
    os.chdir(where)
    os.rename("DIR", "kept")
    restored(where)
    old = tree("DIR")
    # Once in this process, so that those that are killed need load nothing.
    sys.argv = ["srcos-validate", *words]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        assert main() == 0
    restored(where)
    # What the command does when nothing kills it, how much that is, and how long it takes.
    counter = os.open("kept.count", os.O_RDWR | os.O_CREAT)
    os.unlink("kept.count")
    begun = time.monotonic()
    assert ended(started(words, Steps(where, -1, counter))) == 0
    whole = time.monotonic() - begun
    steps = int.from_bytes(os.pread(counter, 4, 0), "big")
    new = tree("DIR")
    assert old != new
    chance = random.Random(0)
    for number in range(steps) if how == "steps" else range(int(how)):
        restored(where)
        if how == "steps":
            child = started(words, Steps(where, number))
        else:
            child = started(words)
            time.sleep(chance.uniform(0, whole * 1.1))
            os.kill(child, signal.SIGKILL)
        code = ended(child)
        state = {old: "old", new: "new", "": "none"}.get(tree("DIR"), "neither")
        left = sorted(name for name in os.listdir(where) if name not in ("src", "kept", "DIR"))
        again = ended(started(["vendor", "sync", "DIR"]))
        after = {old: "old", new: "new"}.get(tree("DIR"), "neither")
        tidy = sorted(os.listdir(where)) == ["DIR", "kept", "src"]
        print(json.dumps({"code": code, "state": state, "left": left, "again": again, "after": after, "tidy": tidy}), flush=True)


if __name__ == "__main__":
    _, place, how, *words = sys.argv
    if words[0] == "aside":
        words = words[1:]
        writing._exchange = lambda one, other: False
    run(os.path.realpath(place), words, how)
