"""A run of all checks for people: step by step in a terminal, and as Markdown for a job's summary or a comment."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TextIO

from srcos_contracts.evolve.differences import Differences
from srcos_contracts.evolve.markdown import code, table
from srcos_contracts.evolve.steps import Status, Step
from srcos_contracts.evolve.verdicts import label
from srcos_contracts.finding import Finding
from srcos_contracts.report.escape import escape
from srcos_contracts.report.human import HumanReport
from srcos_contracts.report.markdown import MarkdownReport, safe_text
from srcos_contracts.report.summary import Summary
from srcos_contracts.report.verdicts import as_markdown, as_text

__all__ = ["RunText", "as_run_markdown", "counted"]

_MOST_CHARACTERS = 900_000
"""GitHub shows no summary of more than a mebibyte."""
_RED, _YELLOW, _GREEN, _RESET = "\x1b[1;31m", "\x1b[1;33m", "\x1b[32m", "\x1b[0m"
_TINTS: dict[Status, str] = {"ok": _GREEN, "wrong": _RED, "not done": _RED, "undecided": _YELLOW}
_TOLD_LOUDLY: tuple[Status, ...] = ("wrong", "not done", "undecided")
_TOLD_AS_VERDICTS = ("breaks-", "undecided-", "cannot-compare")
"""What begins the rules of findings that the text of a comparison tells better."""


class RunText:
    """Writes a line for each step when it is done, and below it what is wrong."""

    def __init__(self, out: TextIO, color: bool, most: int | None, details: bool = True) -> None:
        """`most` is the number of findings to show of a step; 0 is all, None a number that can be read."""
        self._out, self._color = out, color
        self._most = 100 if most is None else most
        self._details = details

    def tell(self, step: Step) -> None:
        status = f"{step.status:<9}"
        tint = _TINTS.get(step.status, "") if self._color else ""
        shown = f"{tint}{status}{_RESET}" if tint else status
        self._out.write(f"{shown} {step.name:<11} {step.seconds:>6.1f} s  {escape(step.words)}\n")
        if self._details:
            if step.differences is not None:
                self._tell_differences(step.differences)
            self._tell_findings(_others(step))
        self._out.flush()

    def _tell_differences(self, found: Differences) -> None:
        if any(label(one, found.policy) != "unchanged" for one in found.compared):
            lines = list(as_text(found.compared, found.policy, self._color))
            self._out.writelines(f"  {line}\n" if line else "\n" for line in ["", *lines, *([""] if lines[-1] else [])])

    def _tell_findings(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        self._out.write("\n")
        report = HumanReport(self._out, self._color, self._most)
        for finding in findings:
            report.add(finding)
        report.close(Summary())


def _others(step: Step) -> list[Finding]:
    """The findings that are not told already: by the text of the comparison, or by the line of the step."""
    told = f"{step.name}: {step.words}"
    found = [finding for finding in step.findings if finding.detail != told]
    if step.differences is None:
        return found
    # What is about no contract is not in the text.
    return [finding for finding in found if not (finding.contract and finding.rule.startswith(_TOLD_AS_VERDICTS))]


def counted(done: Sequence[Step]) -> str:
    """What a run came to, in a few words."""
    told = [step.status for step in done]
    kinds: tuple[Status, ...] = ("wrong", "undecided", "not done", "left out")
    parts = [f"{told.count(status)} {status}" for status in kinds if status in told]
    return ", ".join(parts) if set(told) - {"ok", "left out"} else ", ".join(["all is well", *parts])


def as_run_markdown(done: Sequence[Step], most: int | None = None) -> str:
    """A run as Markdown: its steps, what the change breaks with the payloads that show it, and what else is wrong."""
    blocks: list[str] = []
    room = _MOST_CHARACTERS
    for block in _blocks(done, most):
        room -= len(block.encode("utf-8", "replace"))
        if room < 0:
            return "".join([*blocks, "\nThe rest is left out: it does not fit here.\n"])
        blocks.append(block)
    return "".join(blocks)


def _blocks(done: Sequence[Step], most: int | None) -> Iterator[str]:
    yield f"## srcos-validate ci: {counted(done)}\n\n"
    rows = [
        [f"**{step.status}**" if step.status in _TOLD_LOUDLY else step.status, step.name, f"{step.seconds:.1f} s", safe_text(step.words)]
        for step in done
    ]
    yield table(["", "step", "time", "result"], rows) + "\n"
    for step in done:
        if step.differences is not None:
            for block in as_markdown(step.differences.compared, step.differences.policy):
                yield block + "\n"
    for step in done:
        findings = _others(step)
        if findings:
            yield f"### {code(step.name)}\n\n"
            out = io.StringIO()
            report = MarkdownReport(out, most)
            for finding in findings:
                report.add(finding)
            report.close(Summary())
            yield out.getvalue() + "\n"
