"""`srcos-ledger summarise`, `import` and `doctor`: what is made of ledgers, taken into them, and wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from srcos_contracts.cli.agent_ledger.request import LedgerRequest, WrongUsage, opened, settings_of
from srcos_contracts.cli.agent_ledger.show import agents_there
from srcos_contracts.emit.outbox import counted
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import reason
from srcos_contracts.report.escape import escape
from srcos_contracts.report.plain import place

__all__ = ["DoctorRequest", "ImportRequest", "SummariseRequest", "run_doctor", "run_import", "run_summarise"]

_MOST_SHOWN = 20


class SummariseRequest(NamedTuple):
    """What a command line asks of `summarise`."""

    ledger: LedgerRequest
    session: str = ""
    """Empty: the session that a further event would belong to."""


class ImportRequest(NamedTuple):
    """What a command line asks of `import`."""

    ledger: LedgerRequest
    buffers: tuple[str, ...]


class DoctorRequest(NamedTuple):
    """What a command line asks of `doctor`."""

    ledger: LedgerRequest
    repair: bool = False


def run_summarise(request: SummariseRequest) -> int:
    """Writes the summary of a session and prints its path. Returns the exit code. Raises WrongUsage, BadName, CannotSummarise."""
    ledger = opened(request.ledger._replace(session=request.session or request.ledger.session))
    session = request.session or ledger.resume()
    if not session:
        raise WrongUsage(f"{ledger.places.agent} has no session today: name one, YYYY-MM-DD_{ledger.places.agent}_NNN")
    from srcos_contracts.emit.summary import summarise

    try:
        path = summarise(ledger.places, session, request.ledger.fsync != "never")
    except OSError as error:
        raise WrongUsage(f"{ledger.places.shown(error.filename or ledger.places.sessions)} cannot be written: {reason(error)}") from error
    print(path)
    return 0


def run_import(request: ImportRequest) -> int:
    """Takes buffers into the ledger. Returns the exit code: 1 where lines could not be taken over. Raises WrongUsage, BadName."""
    from srcos_contracts.emit.buffers import import_buffer

    ledger = opened(request.ledger)
    code = 0
    for path in request.buffers:
        try:
            done = import_buffer(ledger, path)
        except OSError as error:
            raise WrongUsage(f"{path} cannot be read: {reason(error)}") from error
        told = [f"{done.appended:,} appended", f"{done.present:,} there already"]
        told += [f"{done.waiting:,} wait for the ledger"] if done.waiting else []
        told += [f"{len(done.findings):,} faults"] if done.findings else []
        told += ["the last line is still being written"] if done.unfinished else []
        print(f"{escape(path)}: {', '.join(told)}")
        _print_findings(done.findings)
        code = 1 if done.findings or (done.waiting and request.ledger.strict) else code
    ledger.close()
    return code


def run_doctor(request: DoctorRequest) -> int:
    """Says what is wrong below the root, and mends what can be mended by appending and writing beside. Returns the exit code."""
    from srcos_contracts.emit.doctor import agents_in, examine, foreign_folders, repair

    root = request.ledger.folder
    foreign = [] if request.ledger.named_agent else list(foreign_folders(root))
    agents = agents_in(root) if foreign else agents_there(request.ledger)
    found = list(examine(root, agents))
    if request.repair and any(ailment.repairable for ailment in found):
        for agent in agents:
            repair(root, agent, settings_of(request.ledger))
        after = list(examine(root, agents))
        mended = max(0, sum(ailment.repairable for ailment in found) - sum(ailment.repairable for ailment in after))
        print(f"mended: {mended:,}", file=sys.stderr)
        found = after
    found += foreign
    _print_findings(ailment.finding for ailment in found)
    if not found:
        print(f"{counted(len(agents), 'agent')}: all in order", file=sys.stderr)
    return 1 if found else 0


def _print_findings(findings: Iterable[Finding]) -> None:
    shown = list(findings)
    for finding in shown[:_MOST_SHOWN]:
        print(f"{escape(place(finding.location))}: {finding.severity}[{finding.rule}]: {escape(finding.sentence)}")
        if finding.help:
            print(f"  {escape(finding.help)}")
    if len(shown) > _MOST_SHOWN:
        print(f"and {len(shown) - _MOST_SHOWN:,} more")
