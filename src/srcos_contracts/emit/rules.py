"""What `srcos-ledger doctor` asks of a tree of agents' ledgers: what each rule says, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from srcos_contracts.named import NamedTuple

__all__ = ["TREE_RULES", "TreeRule"]

_WRITE_ANEW = "srcos-ledger doctor --repair writes it as the ledger has it"


class TreeRule(NamedTuple):
    """A rule about what lies in a tree, and beside its ledgers. All are warnings: no record is at fault."""

    message: str
    why: str
    help: str
    repairable: bool = False
    """Whether `doctor --repair` does something about it."""


TREE_RULES: Mapping[str, TreeRule] = MappingProxyType(
    {
        "events-refused": TreeRule(
            "no event was refused",
            "An event that breaks its contract is not written to the ledger; what it was to say is missing there.",
            "each stands there with what is wrong with it; append what should have been said, and put the file away",
        ),
        "ledger-foreign": TreeRule(
            "a folder among the ledgers is called as an agent may be",
            "No agent writes there, no command shows it, and an audit refuses each of its lines.",
            "move it out of g/ledger, and append what it says under the name of an agent",
        ),
        "lines-waiting": TreeRule(
            "no line waits for the ledger",
            "A line that could not be written waits beside the ledger, which lacks it until the agent comes again.",
            "srcos-ledger doctor --repair appends them, each once",
            repairable=True,
        ),
        "status-alone": TreeRule(
            "an agent that has a status has a ledger that bears it out",
            "What the status says comes from a ledger that is gone, and nobody can check it.",
            "bring the ledger back, or put the status away",
        ),
        "status-behind": TreeRule(
            "a status says what the last line of the ledger says",
            "Whoever watches agents sees what is no longer so.",
            _WRITE_ANEW,
            repairable=True,
        ),
        "status-foreign": TreeRule(
            "a status says up to where in the ledger it is so",
            "Without that nobody can tell whether the ledger has gone on since.",
            _WRITE_ANEW,
            repairable=True,
        ),
        "status-missing": TreeRule(
            "an agent that has a ledger has a status",
            "Whoever watches agents does not see this one.",
            _WRITE_ANEW,
            repairable=True,
        ),
        "temporary-left": TreeRule(
            "no temporary file lies beside what it was to replace",
            "Its writer was stopped in the middle, and the file that it was to replace is whole.",
            "remove it",
        ),
    }
)
"""Every rule by its id."""
