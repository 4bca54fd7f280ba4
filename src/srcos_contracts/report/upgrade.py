"""An upgrade of vendored contracts for programs: what changes, which records that breaks, and what was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srcos_contracts.evolve.verdicts import Policy, as_object
from srcos_contracts.exact import exact_text
from srcos_contracts.report.machine import as_object as finding_object
from srcos_contracts.report.machine import names_in_unicode
from srcos_contracts.vendor.upgrade import Broken, Step, Tried

__all__ = ["upgrade_text"]


def upgrade_text(
    folder: str, steps: Sequence[Step], policy: Policy, tried: Tried | None, untried: str, unwritten: str, changed: dict[str, list[str]]
) -> str:
    """One JSON object; null where there is nothing to say.

    `untried` says why no records were tried, `unwritten` why nothing is written; `changed` has the files that were `added`, `written` and
    `removed`.
    """
    told = {
        "folder": folder,
        "policy": policy,
        "contracts": [_step(step, policy) for step in steps],
        "tried": _tried(tried) if tried is not None else None,
        "untried": untried or None,
        "unwritten": unwritten or None,
        **changed,
    }
    return exact_text(names_in_unicode(told), "  ") + "\n"


def _step(step: Step, policy: Policy) -> dict[str, Any]:
    return {
        "contract": step.old.contract,
        "version": step.old.version,
        "to": step.new or None,
        "why": step.why or None,
        "change": as_object(step.compared, policy) if step.compared is not None else None,
        "not_taken": as_object(step.passed, policy) if step.passed is not None else None,
    }


def _tried(tried: Tried) -> dict[str, Any]:
    return {
        "records": tried.records,
        "valid": tried.valid,
        "broken": [_broken(one) for one in tried.broken],
        "unread": [finding_object(problem) for problem in tried.unread],
    }


def _broken(one: Broken) -> dict[str, Any]:
    return {
        "file": one.file,
        "line": one.line or None,
        "as": one.version or None,
        "findings": [finding_object(finding) for finding in one.findings],
    }
