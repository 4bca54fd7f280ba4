"""Where an agent's ledger, status and sessions lie below a root, and what its sessions are called."""

from __future__ import annotations

import os
import re

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["SESSIONS_A_DAY", "BadName", "Places", "SessionName", "day_of_file", "places", "session_name"]

SESSIONS_A_DAY = 999
_MOST_CHARACTERS = 100
_AGENT = re.compile("[a-z0-9][a-z0-9_-]*+")
_SESSION = re.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})_([a-z0-9][a-z0-9_-]*)_([0-9]{3})")
_DAY_FILE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.jsonl")


class BadName(Refusal):
    """A name of an agent that could not be part of a path, or that the contracts refuse."""


class Places(NamedTuple):
    """The files of one agent. `places` makes one of a name that has been looked at."""

    root: str
    agent: str
    given: str | None = None
    """The root as it was given, where it is another here."""

    def fixed(self) -> Places:
        """The same places, wherever the process goes."""
        root = _absolute(self.root)
        return self if root == self.root else Places(root, self.agent, self.root)

    def shown(self, path: str) -> str:
        """A path below the root, by the root as it was given as long as that leads there."""
        if self.given is None or not path.startswith(self.root) or _absolute(self.given) != self.root:
            return path
        return self.given + path[len(self.root) :]

    @property
    def ledger(self) -> str:
        """The folder of the days."""
        return os.path.join(self.root, "g", "ledger", self.agent)

    def day(self, date: str) -> str:
        """The ledger's file of a day, `YYYY-MM-DD`."""
        return os.path.join(self.ledger, f"{date}.jsonl")

    @property
    def spill(self) -> str:
        """Beside the ledger: lines that wait for it. An agent's name has no dot, so no other agent is meant."""
        return f"{self.ledger}.spill"

    @property
    def refused(self) -> str:
        """Beside the ledger: events that broke their contract, each with what is wrong."""
        return f"{self.ledger}.refused"

    @property
    def status(self) -> str:
        return os.path.join(self.root, "agents", self.agent, "status.json")

    @property
    def sessions(self) -> str:
        """The folder of the summaries."""
        return os.path.join(self.root, "memory", self.agent, "sessions")

    def summary(self, session_id: str) -> str:
        return os.path.join(self.sessions, f"{session_id}.md")


class SessionName(NamedTuple):
    """What an id of a session, `YYYY-MM-DD_<agent>_NNN`, consists of."""

    date: str
    agent: str
    number: int

    def __str__(self) -> str:
        return f"{self.date}_{self.agent}_{self.number:03}"


def places(root: str | os.PathLike[str], agent: str) -> Places:
    """The files of an agent below a root. Raises BadName."""
    if _AGENT.fullmatch(agent) is None:
        raise BadName(f"{agent[:80]!a} is no name of an agent: lower-case letters, digits, _ and -, beginning with a letter or digit")
    if len(agent) > _MOST_CHARACTERS:
        raise BadName(f"the name {agent[:20]!a}... has {len(agent)} characters; an agent's has at most {_MOST_CHARACTERS}")
    return Places(os.fspath(root), agent)


def _absolute(root: str) -> str:
    try:
        # No part of it is left out: `..` after a link is not the folder before it.
        return os.getcwd() if root == os.curdir else os.path.join(os.getcwd(), root)
    except OSError:
        # The folder at which the process is has been deleted.
        return root


def session_name(text: str) -> SessionName | None:
    """The parts of a session's id; None where it is none."""
    match = _SESSION.fullmatch(text)
    return SessionName(match[1], match[2], int(match[3])) if match else None


def day_of_file(name: str) -> str | None:
    """The day whose ledger a file's name is; None where it is another file."""
    match = _DAY_FILE.fullmatch(name)
    return match[1] if match else None
