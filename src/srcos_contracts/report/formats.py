"""The forms in which findings travel, by the names that `--format` knows. Each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

from srcos_contracts.finding import Finding
from srcos_contracts.installed import installed_version
from srcos_contracts.report.summary import Summary

if TYPE_CHECKING:
    from srcos_contracts.rule_texts import RuleTexts

__all__ = ["FORMATS", "Report", "report_in"]

FORMATS = ("human", "json", "jsonl", "github", "gitlab", "junit", "markdown", "sarif", "tap")
_OTHERS = {
    "json": ("machine", "JsonReport"),
    "jsonl": ("machine", "JsonLinesReport"),
    "github": ("github", "GithubReport"),
    "gitlab": ("gitlab", "GitlabReport"),
    "junit": ("junit", "JunitReport"),
    "tap": ("tap", "TapReport"),
}
"""The modules and classes of the forms that need nothing but a stream and a cap."""
_HUMAN_MOST = 100


class Report(Protocol):
    """What findings are handed to."""

    @property
    def hidden(self) -> int: ...

    def add(self, finding: Finding) -> None: ...

    def close(self, summary: Summary) -> None: ...


def report_in(name: str, out: TextIO, most: int | None, color: bool, texts: Callable[[], RuleTexts] | None = None) -> Report:
    """A report in one of FORMATS. `most` is the number of findings to show, 0 for all; None leaves it to the format.

    `texts` makes what says what rules say; it is asked for by the formats alone that have a place for it.
    """
    if name == "human":
        from srcos_contracts.report.human import HumanReport

        return HumanReport(out, color, _HUMAN_MOST if most is None else most)
    if name == "markdown":
        from srcos_contracts.report.markdown import MarkdownReport

        return MarkdownReport(out, most)
    if name == "sarif":
        from srcos_contracts.report.sarif import SarifReport

        return SarifReport(out, most or 0, installed_version(), *([texts()] if texts is not None else []))
    module, kind = _OTHERS[name]
    report: Report = getattr(import_module(f"srcos_contracts.report.{module}"), kind)(out, most or 0)
    return report
