"""What a command line of `srcos-ledger` says of the ledger, whatever it asks for."""

from __future__ import annotations

import os

from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
from srcos_contracts.emit.appending import Durability
from srcos_contracts.emit.masking import masker
from srcos_contracts.emit.naming import places, session_name
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["NEW_SESSION", "LedgerRequest", "WrongUsage", "agent_of", "opened", "session_of", "settings_of"]

NEW_SESSION = "new"


class WrongUsage(Refusal):
    """A command line that cannot be followed."""


class LedgerRequest(NamedTuple):
    """Whose ledger, where, and how it is written."""

    root: str = ""
    """Empty: SRCOS_LEDGER_ROOT, else the working folder."""
    agent: str = ""
    """Empty: SRCOS_LEDGER_AGENT."""
    session: str = ""
    """Empty: SRCOS_LEDGER_SESSION, if that is the agent's, else the last session of the day, else a new one; `new` begins one."""
    source: str = ""
    fsync: Durability = "interval"
    mask: tuple[str, ...] = ()
    strict: bool = False

    @property
    def folder(self) -> str:
        return self.root or os.environ.get("SRCOS_LEDGER_ROOT", "") or "."

    @property
    def named_agent(self) -> str:
        """Empty where none is named."""
        return self.agent or os.environ.get("SRCOS_LEDGER_AGENT", "")


def settings_of(request: LedgerRequest) -> Settings:
    """Raises BadPattern."""
    return Settings(fsync=request.fsync, strict=request.strict, masker=masker(request.mask))


def agent_of(request: LedgerRequest) -> str:
    """The agent that is named. Raises WrongUsage where none is."""
    if not request.named_agent:
        raise WrongUsage("no agent is named: give --agent NAME, or set SRCOS_LEDGER_AGENT")
    return request.named_agent


def session_of(request: LedgerRequest, agent: str) -> str:
    """The session that is named, `new`, or nothing. Raises WrongUsage where it is none of that agent.

    One of the environment that is none is passed over: a command that another agent runs finds that agent's there.
    """
    session = request.session or os.environ.get("SRCOS_LEDGER_SESSION", "")
    name = session_name(session)
    if not session or session == NEW_SESSION or (name is not None and name.agent == agent):
        return session
    if not request.session:
        return ""
    raise WrongUsage(f"{session[:80]!a} is no session of {agent}: one is called YYYY-MM-DD_{agent}_NNN; `new` begins one")


def opened(request: LedgerRequest) -> AgentLedger:
    """The ledger, in the session that the request names or means. Raises WrongUsage, BadName, BadPattern."""
    agent = places(request.folder, agent_of(request)).agent
    session = session_of(request, agent)
    source = request.source or os.environ.get("SRCOS_LEDGER_SOURCE", "") or "srcos-ledger"
    named = session if session != NEW_SESSION else None
    ledger = AgentLedger(request.folder, agent, source=source, session_id=named, settings=settings_of(request))
    if session == NEW_SESSION:
        ledger.start_session()
    elif not session:
        ledger.resume()
    return ledger
