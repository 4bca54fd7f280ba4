"""The rules that a checkout of contracts is held to beside those of lint: what each says, what to do, and what goes wrong without it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from srcos_contracts.finding import Finding, Location, Severity
from srcos_contracts.named import NamedTuple

__all__ = ["CHECK_RULES", "CheckRule", "finding_of_rule"]

About = Literal["stored", "change", "conformance", "vendored", "run"]


class CheckRule(NamedTuple):
    """What a rule says of a checkout that keeps it."""

    about: About
    """What is stored with contracts, how they change, another validator of them, copies of them elsewhere, or a run of all checks."""
    message: str
    help: str
    """What to do, unless a finding knows better."""
    why: str
    severity: Severity = "error"


_RESTORED = (
    "srcos-validate vendor sync restores it; a change is made where the contract is kept, and comes with srcos-validate vendor upgrade"
)
_RULES = {
    "breaks-backward": CheckRule(
        "change",
        "what the old version of a contract accepts the new one accepts",
        "take the change back, make it in a new version of the contract, or have it approved in waivers.yaml",
        "Records that are written already, and programs that go on writing them, are refused from one day to the next.",
    ),
    "breaks-forward": CheckRule(
        "change",
        "what the new version of a contract accepts the old one accepts",
        "take the change back, make it in a new version of the contract, or have it approved in waivers.yaml",
        "Readers that are not yet updated refuse what is written by the new version.",
    ),
    "cannot-compare": CheckRule(
        "change",
        "every contract can be compared",
        "mend the schema at the place that is named; a warning is about the earlier state, and goes with the next change",
        "What nobody could compare may break anything.",
    ),
    "case-differs": CheckRule(
        "stored",
        "a stored case gives exactly the findings that are stored for it",
        "mend the contract; or, where the case is at fault, its record or its expect",
        "A case is what a contract promises about a record; where the two differ one of them is not what was meant.",
    ),
    "case-files": CheckRule(
        "stored",
        "cases.json names every file in its folder, and every case once",
        "add the file to files, or remove it; give each case its own name",
        "A file that nothing names is never tried, and of two cases of one name only one is seen.",
    ),
    "case-missing": CheckRule(
        "stored",
        "every rule of a contract is broken by a stored file",
        "store a file with this one fault in the folder invalid/ and the rule's id",
        "A rule that nothing stored breaks can be lost without anybody noticing, and nobody can be shown what it refuses.",
    ),
    "conformance-differs": CheckRule(
        "conformance",
        "the validator says of a case what the suite expects",
        "mend the validator; or list the case in the file of expected failures, with the reason",
        "Where two validators differ, a record that one side writes is refused by the other.",
    ),
    "contract-untested": CheckRule(
        "stored",
        "every contract has stored cases",
        "store examples and a cases.json; srcos-validate new shows how",
        "Of a contract without cases nobody knows whether it says what was meant.",
    ),
    "example-stray": CheckRule(
        "stored",
        "every example belongs to a contract",
        "move it to the folder of a contract's version, or remove it",
        "It looks like a test and is none.",
    ),
    "expected-failure-lapsed": CheckRule(
        "conformance",
        "every expected failure fails",
        "remove the entry",
        "The entry would excuse the next failure of this case, which nobody has looked at.",
    ),
    "expected-failure-unknown": CheckRule(
        "conformance",
        "every expected failure is about a case of the suite",
        "write the id or the rule as the report has it, or remove the entry",
        "An entry with a slip in it excuses nothing, and what it was meant for is told as new.",
    ),
    "generated-stale": CheckRule(
        "stored",
        "generated files are what the contracts generate",
        "run: srcos-validate docs",
        "Whoever reads the page, or takes the self-contained schema, goes by what the contract was.",
    ),
    "mutant-survives": CheckRule(
        "stored",
        "a stored case notices every change of a contract",
        "store the case that the finding proposes; if no record can show the change, waive it in examples/waivers.yaml with the reason",
        "A constraint that no case is about can be lost, loosened or tightened by a slip, and all tests still pass.",
    ),
    "set-differs": CheckRule(
        "stored",
        "a stored set gives exactly the findings that are stored for it",
        "mend the rule; or, where the set is at fault, its records or its expected.json",
        "A set is what the rules about several records promise; where they differ one of the two is not what was meant.",
    ),
    "set-mutant-survives": CheckRule(
        "stored",
        "a stored set notices every change of a rule about several records",
        "store a set that shows it; if none can, make the query simpler, or waive it in examples/waivers.yaml with the reason",
        "A condition that no set is about can be lost by a slip, and all tests still pass.",
    ),
    "step-undone": CheckRule(
        "run",
        "every check is done",
        "see to what the finding names, or leave the step out with --skip",
        "A check that was not done is easily taken for one that found nothing.",
    ),
    "undecided-backward": CheckRule(
        "change",
        "it is known whether what the old version of a contract accepts the new one accepts",
        "look at the change yourself; a larger --budget may decide it",
        "What was neither proved nor shown to break may do either.",
    ),
    "undecided-forward": CheckRule(
        "change",
        "it is known whether what the new version of a contract accepts the old one accepts",
        "look at the change yourself; a larger --budget may decide it",
        "What was neither proved nor shown to break may do either.",
    ),
    "waiver-lapsed": CheckRule(
        "change",
        "a waiver is gone once the state that is compared with has the change",
        "remove it",
        "It approves nothing any more, and whoever reads it takes the next such change for approved.",
        "warning",
    ),
    "waiver-unneeded": CheckRule(
        "stored",
        "every waiver excuses a change that nothing else notices",
        "remove it",
        "It would excuse the next change that nothing notices at this place, which nobody has looked at.",
    ),
    "waiver-useless": CheckRule(
        "change",
        "every waiver approves a change that breaks something",
        "correct it, or remove it",
        "A waiver that approves nothing now would approve, unseen, what comes next at its place.",
    ),
    "vendor-commit": CheckRule(
        "vendored",
        "a lock names commits in full",
        "restore the lock from the history of the repository, or vendor anew: srcos-validate vendor add writes the full name",
        "A branch moves, and an abbreviated name may come to be that of two commits: nobody can tell any more what was copied.",
    ),
    "vendor-drifted": CheckRule(
        "vendored",
        "a vendored file is what it was in its source",
        _RESTORED,
        "Two programs that hold to one contract in two wordings disagree about records, and each has a file to show that it is right.",
    ),
    "vendor-missing": CheckRule(
        "vendored",
        "what the lock lists is there",
        "srcos-validate vendor sync restores it",
        "A schema that is gone judges nothing, and those that refer to it cannot be used.",
    ),
    "vendor-not-verified": CheckRule(
        "vendored",
        "a vendored file can be looked at",
        "make it a plain file that can be read: srcos-validate vendor sync",
        "What was not looked at may be anything; it is no more in order than it is at fault.",
    ),
    "vendor-reauthored": CheckRule(
        "vendored",
        "a contract has one copy in a repository, the one that the lock watches",
        "refer to the vendored file, and remove this one",
        "A second copy is what somebody edits, or loads, by mistake, and no lock tells when it differs.",
    ),
    "vendor-reformatted": CheckRule(
        "vendored",
        "a vendored file has the bytes that it had in its source",
        _RESTORED,
        "Whoever compares digests takes other white space for another contract. A formatter is best told to leave the folder alone.",
        "warning",
    ),
    "vendor-reworded": CheckRule(
        "vendored",
        "a vendored file has the words that it had in its source",
        _RESTORED,
        "It judges the same records, but its readers are told something else than those of the original.",
        "warning",
    ),
    "vendor-second-hand": CheckRule(
        "vendored",
        "contracts are vendored from where they are kept",
        "vendor them from there: srcos-validate vendor add",
        "A copy of a copy has the faults of both, and learns last of what changes.",
    ),
    "vendor-source": CheckRule(
        "vendored",
        "the lock says what the source has",
        "restore the lock from the history of the repository, or vendor anew",
        "A lock that was edited to fit a file vouches for nothing.",
    ),
    "vendor-unlisted": CheckRule(
        "vendored",
        "a vendored folder holds what its lock lists",
        "move it elsewhere, or vendor it: srcos-validate vendor add",
        "Whoever uses the folder takes it for one of the contracts, and nobody knows where it comes from.",
    ),
    "vendor-unverified": CheckRule(
        "vendored",
        "the source of vendored files can be looked at",
        "have the source at hand where checks are strict: clone it to where the lock says, or install the version that the lock names",
        "What was not compared with its source rests on what the lock says alone, and a lock can be edited.",
        "warning",
    ),
    "vendor-wanted": CheckRule(
        "vendored",
        "what the configuration asks for is vendored",
        "srcos-validate vendor sync brings it",
        "Whoever reads the configuration takes the contract for one that is here, and that is checked by.",
    ),
}

CHECK_RULES: Mapping[str, CheckRule] = MappingProxyType(_RULES)
"""Every rule by its id."""


def finding_of_rule(
    rule: str,
    location: Location,
    detail: str,
    help: str = "",
    pointer: str = "",
    named: tuple[str, str] = ("", ""),
    severity: Severity | None = None,
) -> Finding:
    """A breach of one of CHECK_RULES, in the rule's own words. `named` is the contract and the version that it is about."""
    known = CHECK_RULES[rule]
    return Finding(rule, severity or known.severity, known.message, location, help or known.help, detail, pointer, *named)
