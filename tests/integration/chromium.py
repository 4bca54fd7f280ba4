"""A headless Chromium, driven through a pipe by its debugging protocol: no port is opened, and nothing but the standard library is needed."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["MISSING", "Browser", "Stuck", "Tab", "chromium", "found"]

MISSING = "there is no chromium; on Debian: apt-get install --no-install-recommends chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120.0
_PATIENCE = 20.0
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " "), "ArrowDown": (40, ""), "ArrowUp": (38, ""), "Home": (36, ""), "End": (35, "")}


class Stuck(Exception):
    """The browser ended, or did not answer, or refused what was asked."""


def found() -> str | None:
    """The browser's program, where there is one."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own. Raises Stuck where there is none."""
    program = found()
    if program is None:
        raise Stuck(MISSING)
    ours_in, theirs_out = map(_above, os.pipe())
    theirs_in, ours_out = map(_above, os.pipe())
    with tempfile.TemporaryDirectory(prefix="srcos-chromium-", ignore_cleanup_errors=True) as profile:
        # As root it runs without its sandbox; what it opens are pages that were written here. The network leads nowhere.
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--remote-debugging-pipe",
        ]
        options += [f"--user-data-dir={profile}", "--proxy-server=127.0.0.1:9", "--disable-background-networking"]
        # It reads from descriptor 3 and writes to 4.
        script = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(theirs_in), str(theirs_out), program, *options, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        browser = Browser(ours_in, ours_out)
        try:
            yield browser
        finally:
            os.close(ours_in)
            os.close(ours_out)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _above(descriptor: int) -> int:
    """The same descriptor under a number that is not 3 or 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Browser:
    """The protocol: commands, each with its answer, and events that come between."""

    def __init__(self, inward: int, outward: int) -> None:
        self._inward, self._outward = inward, outward
        self._number = 0
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """The answer to a command. Raises Stuck."""
        self._number += 1
        message: dict[str, Any] = {
            "id": self._number,
            "method": method,
            "params": parameters,
            **({"sessionId": session} if session else {}),
        }
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._outward, data) :]
        end = time.monotonic() + _SECONDS
        while True:
            answer = self._next(end)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Stuck(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, method: str) -> dict[str, Any]:
        """The next event of a kind, those that came before included. Raises Stuck."""
        end = time.monotonic() + _SECONDS
        while True:
            for index, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(index)
            self.events.append(self._next(end))

    def tab(self) -> Tab:
        """A new page."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        return Tab(self, self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._inward], [], [], max(0.0, end - time.monotonic()))
            more = os.read(self._inward, 1 << 20) if ready else b""
            if not more:
                raise Stuck("the browser ended" if ready else "the browser did not answer")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


class Tab:
    """One page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **parameters)

    def open(self, path: Path) -> None:
        """Opens a file and waits until it is loaded."""
        self._browser.events.clear()
        self.ask("Page.navigate", url=path.resolve().as_uri())
        self._browser.wait_for("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page, as JSON; promises are awaited. Raises Stuck where it throws."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Stuck(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def when(self, expression: str, wanted: Any) -> Any:
        """What an expression comes to, as soon as it is what is wanted, or else after a while."""
        end = time.monotonic() + _PATIENCE
        while (found := self.value(expression)) != wanted and time.monotonic() < end:
            time.sleep(0.02)
        return found

    def press(self, key: str, shift: bool = False) -> None:
        """Presses a key as a person would."""
        code, text = _KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.ask(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code="Space" if key == " " else key,
                windowsVirtualKeyCode=code,
                modifiers=8 if shift else 0,
                **({"text": text} if text and kind == "keyDown" else {}),
            )
        self.value("new Promise(done => requestAnimationFrame(() => setTimeout(done, 30)))")

    def write(self, text: str) -> None:
        self.ask("Input.insertText", text=text)

    def prefer(self, scheme: str, less_motion: bool = False) -> None:
        """Sets what the person prefers: light or dark, and whether things may move."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        features += [{"name": "prefers-reduced-motion", "value": "reduce"}] if less_motion else []
        self.ask("Emulation.setEmulatedMedia", features=features)

    def print_like(self, media: str) -> None:
        """Shows the page as paper or as a screen does: `print` or the empty word."""
        self.ask("Emulation.setEmulatedMedia", media=media)

    def size(self, width: int, height: int) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def picture(self, path: Path) -> None:
        """Writes what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def complaints(self) -> list[str]:
        """What the page threw, logged or asked of the network since it was opened."""
        self.value("1")
        found = []
        for event in self._browser.events:
            method, parameters = event.get("method", ""), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"].get("text")))
            elif method == "Log.entryAdded":
                found.append(str(parameters["entry"]["text"]))
            elif method == "Page.javascriptDialogOpening":
                found.append(f"a dialog: {parameters['message']}")
            elif method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith("file:"):
                found.append(f"a request: {parameters['request']['url']}")
        return found
