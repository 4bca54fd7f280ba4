"""What a comparison of contracts came to, for people: in a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from srcos_contracts.evolve.diff import Break, Compared, Direction, Doubt, Outcome
from srcos_contracts.evolve.markdown import code, fenced, table, text
from srcos_contracts.evolve.noted import CATEGORIES, Note
from srcos_contracts.evolve.verdicts import Policy, asked, dropped, label, mended, open_names, payload, totals
from srcos_contracts.exact import exact_text
from srcos_contracts.report.escape import escape
from srcos_contracts.wording import cut

__all__ = ["as_markdown", "as_text"]

_MOST_NOTES = 8
_MOST_STEPS = 5
_PAYLOAD = 400
_RED, _YELLOW, _GREEN, _BOLD, _RESET = "\x1b[1;31m", "\x1b[1;33m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_TINTS = {
    **dict.fromkeys(("breaking", "removed", "not compared"), _RED),
    **dict.fromkeys(("undecided", "approved", "mended"), _YELLOW),
    "compatible": _GREEN,
}
_ASKED: dict[Direction, str] = {
    "backward": "what the old version accepts, the new one accepts",
    "forward": "what the new version accepts, the old one accepts",
}


def as_text(all_compared: Sequence[Compared], policy: Policy, color: bool = False, verbose: bool = False) -> Iterator[str]:
    """Lines for a terminal: a summary line a contract, then what is to be known of it. `verbose` tells proofs whole."""
    width = max((len(_name(one)) for one in all_compared), default=0)
    for one in all_compared:
        told = label(one, policy)
        if told == "unchanged" and not verbose:
            continue
        yield _painted(f"{_name(one):<{width}}", _BOLD, color) + "  " + _painted(told, _TINTS.get(told, ""), color)
        if one.problem or one.mended:
            yield f"  {escape(one.problem or mended(one))}"
        yield from (f"  {escape(remark)}" for remark in one.remarks)
        for direction in ("backward", "forward"):
            outcome = one.outcome(direction)
            if outcome is not None and told != "unchanged":
                yield from _outcome(outcome, direction, direction in asked(one, policy), color, verbose)
        yield from _notes(one.notes, verbose)
        yield ""
    same = sum(label(one, policy) == "unchanged" for one in all_compared)
    if same and not verbose:
        yield f"{same} unchanged"


def _name(one: Compared) -> str:
    old, new = one.pair.old, one.pair.new
    if old is not None and new is not None and old.version and new.version and old.version != new.version:
        return f"{one.pair.name} {old.version} -> {new.version}"
    contract = new or old
    return contract.label if contract is not None else ""


def _outcome(outcome: Outcome, direction: Direction, asked: bool, color: bool, verbose: bool) -> Iterator[str]:
    aside = "" if asked else "  (not asked for by the policy)"
    yield f"  {direction}: {_painted(outcome.verdict, _TINTS.get(outcome.verdict, '') if asked else '', color)}{aside}"
    if outcome.verdict == "compatible" and outcome.proof is not None:
        yield f"    proof: {_ASKED[direction]}"
        if not outcome.proof.steps:
            yield "      each of its demands is met by an equal one, or asks nothing of what can come"
        steps = outcome.proof.steps if verbose else outcome.proof.steps[:_MOST_STEPS]
        yield from (f"      {escape(cut(str(step), 200))}" for step in steps)
        if len(steps) < len(outcome.proof.steps):
            yield f"      and {len(outcome.proof.steps) - len(steps)} more steps; --verbose shows all"
    for broken in outcome.breaks:
        yield from _break(broken)
    if outcome.reason:
        more = "further: " if outcome.breaks else ""
        yield f"    {more}{escape(outcome.reason)}"
        yield from (f"      {escape(_placed(doubt))}" for doubt in outcome.where[:_MOST_STEPS])


def _placed(doubt: Doubt) -> str:
    place = doubt.place
    return f"--> {place.file}:{place.line}:{place.column}  {doubt}" if place is not None else str(doubt)


def _break(broken: Break) -> Iterator[str]:
    if broken.place is not None:
        place = broken.place
        yield f"    --> {escape(place.file)}:{place.line}:{place.column}  {escape(broken.pointer)}"
    elif broken.gone:
        yield "    the contract is gone: its records are claimed by none"
    else:
        yield f"    {escape(broken.pointer)}"
    if broken.witness.seed or broken.witness.value is not None:
        yield f"    witness: {escape(cut(payload(broken.witness), _PAYLOAD))}"
    for fault in broken.findings:
        yield f"      {fault.severity}[{escape(fault.rule)}]: {escape(fault.message)}" + (
            f": {escape(fault.detail)}" if fault.detail else ""
        )
    if broken.dropped:
        yield f"      {escape(dropped(broken))}"
    if broken.undeclared:
        yield f"      {escape(open_names(broken.undeclared))}"
    if broken.approval is not None:
        yield f"    approved until {escape(broken.approval.until)}: {escape(broken.approval.reason)}"


def _notes(found: Sequence[Note], verbose: bool) -> Iterator[str]:
    for audience in CATEGORIES:
        words = [note.words for note in found if note.audience == audience]
        if words:
            yield f"  {audience} ({CATEGORIES[audience]})"
            shown = words if verbose else words[:_MOST_NOTES]
            yield from (f"    {escape(cut(line, 200))}" for line in shown)
            if len(shown) < len(words):
                yield f"    and {len(words) - len(shown)} more; --verbose shows all"


def _painted(words: str, tint: str, color: bool) -> str:
    return f"{tint}{words}{_RESET}" if color and tint else words


def as_markdown(all_compared: Sequence[Compared], policy: Policy) -> Iterator[str]:
    """Markdown for a comment or a job's summary: a table of what changed, then each break with its payload."""
    changed = [one for one in all_compared if label(one, policy) != "unchanged"]
    counted = totals(all_compared, policy)
    contracts = f"{counted.compared} contract{'' if counted.compared == 1 else 's'}"
    yield f"**{counted.breaking} breaking, {counted.undecided} undecided** of {contracts} (policy: {policy})\n"
    if not changed:
        return
    rows = [[code(_name(one)), label(one, policy), _cell(one.backward), _cell(one.forward)] for one in changed]
    yield table(["contract", "", "backward", "forward"], rows)
    for one in changed:
        for direction in asked(one, policy):
            outcome = one.outcome(direction)
            if outcome is not None and (outcome.breaks or outcome.reason):
                yield f"### {code(_name(one))} {direction}: {outcome.verdict}\n"
                for broken in outcome.breaks:
                    yield from _break_markdown(broken)
                if outcome.reason:
                    yield f"{text(outcome.reason)}\n"
                if outcome.where:
                    yield "\n".join(f"- {_doubt_markdown(doubt)}" for doubt in outcome.where[:_MOST_STEPS]) + "\n"
        if one.problem or one.mended:
            yield f"### {code(_name(one))} could not be compared\n\n{text(one.problem or mended(one))}\n"
        yield from (f"{text(remark)}\n" for remark in one.remarks)
        said = [f"- {note.audience}: {text(note.words)}" for note in one.notes if note.audience != "ANNOTATION"][:_MOST_NOTES]
        if said:
            yield "\n".join(said) + "\n"


def _cell(outcome: Outcome | None) -> str:
    return outcome.verdict if outcome is not None else ""


def _doubt_markdown(doubt: Doubt) -> str:
    place = doubt.place
    return (code(f"{place.file}:{place.line}") + " " if place is not None else "") + code(str(doubt))


def _break_markdown(broken: Break) -> Iterator[str]:
    place = broken.place
    if broken.gone:
        yield "The contract is gone: its records are claimed by none."
    where = (code(f"{place.file}:{place.line}") + " " if place is not None else "") + code(broken.pointer)
    said = "; ".join(f"{code(fault.rule)} {text(fault.detail or fault.message)}" for fault in broken.findings)
    approved = f" Approved until {text(broken.approval.until)}: {text(broken.approval.reason)}." if broken.approval is not None else ""
    free = f" {text(open_names(broken.undeclared))}." if broken.undeclared else ""
    free += f" {text(dropped(broken))}." if broken.dropped else ""
    yield f"{where}: {said}.{free}{approved}\n" if not broken.gone else f"{approved}\n"
    if broken.witness.value is not None:
        change = f"{broken.witness.seed} with {exact_text(broken.witness.patch)}" if broken.witness.patch else broken.witness.seed
        if change:
            yield f"{code(cut(change, _PAYLOAD))}\n"
        shown = exact_text(broken.witness.value, "  ", ascii=False).split("\n")
        yield f"<details><summary>the payload</summary>\n\n{fenced(shown, 'json')}\n</details>\n"
