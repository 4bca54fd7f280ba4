"""What a change of contracts breaks, for whom, with proof: every contract of two states compared in both directions."""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from srcos_contracts.compat.compare import Breaking, Compatible, Undecided, Verdict, judged
from srcos_contracts.compat.proof import Proof, Unshown
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import SearchBudget, Seed, Witness
from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract, shown_uri
from srcos_contracts.contracts.diagnosis import Diagnosis, diagnose
from srcos_contracts.contracts.engine import SchemaError
from srcos_contracts.contracts.resources import Place
from srcos_contracts.evolve.approvals import Approval, Standing
from srcos_contracts.evolve.cases import CASES_FILE, load_cases
from srcos_contracts.evolve.closing import closed, undeclared_names
from srcos_contracts.evolve.noted import Note, notes
from srcos_contracts.evolve.pairing import Pair, moved_constants, renamed, seeds_renamed
from srcos_contracts.evolve.reverting import reverted
from srcos_contracts.evolve.states import State
from srcos_contracts.finding import SchemaPlace
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, format_pointer, lookup
from srcos_contracts.refusal import Refusal

__all__ = ["DIRECTIONS", "Break", "Compared", "Direction", "Doubt", "Outcome", "Terms", "compared"]

Direction = Literal["backward", "forward"]
DIRECTIONS: tuple[Direction, Direction] = ("backward", "forward")
"""backward: all that the old version accepts the new one accepts; forward: the reverse."""
_MOST_BREAKS = 10


class Terms(NamedTuple):
    """How versions are compared."""

    seconds: float = 2.0
    """What is spent on the verdicts on a pair of versions, half of it on each direction; what else breaks may cost as much again."""
    formats: bool = True
    """Whether `format` asserts."""
    closed_producers: bool = False
    """Whether producers are known to write no names but declared ones."""
    today: datetime.date = datetime.date.min
    mending: bool = False
    """Whether an old schema that cannot be used keeps nothing from passing: of a baseline, which the change may mend."""


class Break(NamedTuple):
    """A keyword by which one version refuses what the other accepts."""

    pointer: str
    """Of the keyword, in the refusing version's own file; in a file that it shares, with the file's path before a `#`."""
    place: SchemaPlace | None
    """The same in the file; None where a contract is gone as a whole, or no file has the keyword."""
    near: SchemaPlace | None
    """Where the new state has that keyword, or what stands nearest around it; None where it has neither."""
    witness: Witness
    findings: tuple[Diagnosis, ...]
    """What the refusing version says of the witness."""
    undeclared: str
    """Where it is refused only for a name that the accepting version leaves free without declaring it: that name's place in the
    witness, as a JSON Pointer. Else empty."""
    approval: Approval | None = None
    dropped: tuple[str, ...] = ()
    """The properties that the accepting version declares beside the keyword and the refusing one does not, as JSON Pointers."""

    @property
    def gone(self) -> bool:
        """Whether there is no keyword, for the contract as a whole is gone."""
        return self.place is None and not self.findings


class Doubt(NamedTuple):
    """A keyword by which one version may refuse what the other accepts: that was neither shown nor ruled out."""

    outer: Place | None
    """In the version that may refuse, but for what keeps both from being compared; None where it was only supposed for a proof."""
    keyword: str
    pointer: str = ""
    place: SchemaPlace | None = None
    near: SchemaPlace | None = None
    """All three as those of a `Break`."""

    def __str__(self) -> str:
        return f"{self.pointer or 'the root'} ({self.keyword})" if self.outer is not None else f"a supposed schema ({self.keyword})"


class Outcome(NamedTuple):
    """What came of one direction."""

    verdict: Literal["compatible", "breaking", "approved", "undecided"]
    proof: Proof | None = None
    breaks: tuple[Break, ...] = ()
    reason: str = ""
    """Of what is undecided, why; of what is breaking, what else is not known."""
    where: tuple[Doubt, ...] = ()


class Compared(NamedTuple):
    """What came of one contract."""

    pair: Pair
    backward: Outcome | None = None
    forward: Outcome | None = None
    notes: tuple[Note, ...] = ()
    problem: str = ""
    """Why it could not be compared; empty where it was, or was mended."""
    mended: str = ""
    """Why the old schema cannot be used, where the new one, if there is one, can."""
    remarks: tuple[str, ...] = ()
    """What was set aside, and what is stored and could not be used."""
    file: str = ""
    """The contract's file as it is, or would be, in the new state."""
    milliseconds: float = 0.0

    def outcome(self, direction: Direction) -> Outcome | None:
        return self.backward if direction == "backward" else self.forward


class _Version(NamedTuple):
    """One version of a contract, ready to be compared."""

    state: State
    catalog: Catalog
    contract: Contract
    side: Side
    seeds: tuple[Seed, ...]
    unread: str = ""
    """Why the records that are stored with it could not be used; empty where they could."""


def compared(pair: Pair, old: State, new: State, terms: Terms, approvals: Standing) -> Compared:
    """Compares the two versions of a pair. What keeps them from being compared stands in the result."""
    begun = time.monotonic()
    try:
        found = _compared(pair, old, new, terms, approvals)
    except Refusal as error:
        found = Compared(pair, problem=str(error))
    except RecursionError:
        found = Compared(pair, problem=f"{pair.name}: the references of the schema lead too deep to be followed")
    contract = pair.new or pair.old
    file = f"{new.catalog.shown}/{contract.file}" if contract is not None else ""
    return found._replace(file=file, milliseconds=(time.monotonic() - begun) * 1000)


def _compared(pair: Pair, old: State, new: State, terms: Terms, approvals: Standing) -> Compared:
    if pair.new is None:
        return _removed(pair, old, approvals, terms)
    if pair.old is None:
        _side(new, pair.new, pair.new, terms)
        if pair.kind != "mended":
            return Compared(pair)
        if not terms.mending:
            raise old.problems[pair.new.file]
        return Compared(pair, mended=str(old.problems[pair.new.file]))
    after = _version(new, pair.new, pair.new, terms)
    # The version before a new one may be new itself.
    home = old if pair.old in old.catalog.contracts else new
    try:
        before = _version(home, pair.old, pair.new, terms)
    except CatalogError as error:
        if home is old and terms.mending:
            return Compared(pair, mended=str(error))
        raise
    live = [approval for approval in approvals.live if approval.contract == pair.name and not approval.ended(pair.new.version, terms.today)]
    told: tuple[Note, ...] = ()
    untold = ""
    try:
        told = notes(home.catalog, pair.old, new.catalog, pair.new)
    except RecursionError:
        untold = "what changed for others than records is not told: the references of the schema lead too deep"
    return Compared(
        pair,
        _outcome(before, after, after, live, terms),
        _outcome(after, before, after, live, terms),
        told,
        remarks=(*_set_aside(pair.old, pair.new), *(words for words in (before.unread, after.unread, untold) if words)),
    )


def _version(state: State, contract: Contract, named: Contract, terms: Terms) -> _Version:
    """A version whose records name the version of `named`."""
    side = _side(state, contract, named, terms)
    try:
        seeds, unread = tuple(_seeds(state, contract, named)), ""
    except CatalogError as error:
        seeds, unread = (), f"the records stored with {contract.label} are not used: {error}"
    return _Version(state, state.catalog, contract, side, seeds, unread)


def _side(state: State, contract: Contract, named: Contract, terms: Terms) -> Side:
    try:
        side = Side(renamed(state.catalog.document(contract.bundle), contract, named), contract.uri, formats=terms.formats)
        side.judge()
    except CatalogError:
        raise
    except Refusal as error:
        place = _place(state.catalog, Place(contract.uri, error.path if isinstance(error, SchemaError) else ()))
        where = f"{place.file}:{place.line}:{place.column}" if place is not None else f"{state.catalog.shown}/{contract.file}"
        raise CatalogError(f"{where}: {error}") from error
    return side


def _seeds(state: State, contract: Contract, named: Contract) -> Iterator[Seed]:
    """The records that are stored with a version."""
    folder = Path() if state.examples is None else state.examples / contract.name / contract.version
    if state.examples is None or not (folder / CASES_FILE).is_file():
        return
    for case in load_cases(state.examples, state.catalog, contract).cases:
        values = seeds_renamed([record for record, _ in case.records], contract, named)
        shown = f"{contract.name}/{contract.version}/{case.name}" if not case.patch else case.name
        yield from (Seed(value, shown, case.parts, case.valid and not case.patch) for value in values)


def _removed(pair: Pair, old: State, approvals: Standing, terms: Terms) -> Compared:
    if pair.old is None:
        return Compared(pair)
    try:
        version = _version(old, pair.old, pair.old, terms)
    except CatalogError as error:
        if terms.mending:
            return Compared(pair, mended=str(error))
        raise
    valid = [seed for seed in version.seeds if seed.example and version.side.accepts(seed.value, seed.parts)]
    shown = min(valid, key=lambda seed: len(repr(seed.value)), default=None)
    witness = Witness(shown.value if shown is not None else None, shown.name if shown is not None else "")
    live = (one for one in approvals.live if one.contract == pair.name and not one.ended(pair.old.version, terms.today))
    gone = Break("", None, None, witness, (), "", next((one for one in live if one.covers("", ())), None))
    remarks = (version.unread,) if version.unread else ()
    return Compared(pair, Outcome("breaking" if gone.approval is None else "approved", None, (gone,)), None, remarks=remarks)


def _set_aside(old: Contract, new: Contract) -> Iterator[str]:
    moved = [f"{member} {before} is read as {after}" for member, (before, after) in moved_constants(old, new)]
    if moved:
        yield f"set aside: {'; '.join(moved)}"


def _outcome(inner: _Version, outer: _Version, new: _Version, approvals: Sequence[Approval], terms: Terms) -> Outcome:
    """What came of the question whether `outer` accepts all that `inner` accepts; `new` is the one of them that is new."""
    accepting = closed(inner.side) if terms.closed_producers else inner.side
    # The time is for a pair, which has two directions.
    budget = SearchBudget(seconds=terms.seconds / 2)
    seeds = (*inner.seeds, *outer.seeds)
    name = outer.contract.name
    # To find what else breaks may take as long again.
    end = time.thread_time() + 2 * budget.seconds
    found: list[Break] = []
    seen: set[Place] = set()
    side: Side | None = outer.side
    verdict: Verdict = judged(accepting, outer.side, seeds, budget, name)
    while isinstance(verdict, Breaking):
        # What the changed side refuses the true one must refuse too, and for a reason that was not told yet.
        findings = [finding for finding in _errors(outer.side, verdict.witness, name) if finding.demand not in seen]
        if not findings:
            side = None
            break
        found += _breaks((inner, outer, new), verdict.witness, findings, approvals)
        seen.update(finding.demand for finding in findings)
        side = reverted(outer.side, inner.side, seen)
        if side is None or len(found) >= _MOST_BREAKS or time.thread_time() > end:
            side = None
            break
        verdict = judged(accepting, side, seeds, budget._replace(seconds=min(budget.seconds, end - time.thread_time())), name)
    gaps = verdict.where if isinstance(verdict, Undecided) else ()
    where = tuple(dict.fromkeys(_doubt((inner, outer, new), gap) for gap in gaps))
    return _summed(verdict, found, side is not None)._replace(where=where)


def _doubt(versions: tuple[_Version, _Version, _Version], gap: Unshown) -> Doubt:
    inner, outer, new = versions
    if gap.outer is None:
        return Doubt(None, gap.keyword)
    # Warnings that cannot be told from errors may be the accepting version's.
    version = inner if lookup(outer.side.written.get(gap.outer.uri), gap.outer.path[:-1]) in (None, ABSENT) else outer
    return Doubt(gap.outer, gap.keyword, _pointer(version, gap.outer), *_places(version, new, gap.outer))


def _summed(verdict: Verdict, found: list[Break], whole: bool) -> Outcome:
    """The outcome of a search that ended with a verdict on what is left; `whole` says that nothing is left unlooked at."""
    open_ones = [one for one in found if one.approval is None]
    if isinstance(verdict, Compatible) and whole:
        if not found:
            return Outcome("compatible", verdict.proof)
        return Outcome("breaking" if open_ones else "approved", verdict.proof, tuple(found))
    rest = (
        "what else changed was not looked at" if isinstance(verdict, Breaking) else verdict.reason if isinstance(verdict, Undecided) else ""
    )
    return Outcome("breaking" if open_ones else "undecided", None, tuple(found), rest)


def _errors(side: Side, witness: Witness, name: str) -> list[Diagnosis]:
    return [fault for fault in diagnose(side.judge(), witness.value, name, witness.parts) if fault.severity == "error"]


def _breaks(
    versions: tuple[_Version, _Version, _Version], witness: Witness, findings: Sequence[Diagnosis], approvals: Sequence[Approval]
) -> Iterator[Break]:
    """The breaks that one witness shows: one for each keyword that refuses it."""
    inner, outer, new = versions
    free = list(undeclared_names(inner.side, witness.value))
    by_demand: dict[Place, list[Diagnosis]] = {}
    for finding in findings:
        by_demand.setdefault(finding.demand, []).append(finding)
    for demand, told in by_demand.items():
        pointer = _pointer(outer, demand)
        rules = {finding.rule for finding in told}
        approval = next((one for one in approvals if one.covers(pointer, rules)), None)
        within = [next((name for name in free if finding.path[: len(name)] == name), None) for finding in told]
        undeclared = format_pointer(within[0]) if within[0] is not None and None not in within else ""
        gone = _dropped(inner, outer, demand, told)
        yield Break(pointer, *_places(outer, new, demand), witness, tuple(told), undeclared, approval, gone)


def _dropped(inner: _Version, outer: _Version, demand: Place, told: Sequence[Diagnosis]) -> tuple[str, ...]:
    if demand.path[-1:] not in (("additionalProperties",), ("unevaluatedProperties",)):
        return ()
    uri = inner.side.uri if demand.uri == outer.side.uri else demand.uri
    paths = dict.fromkeys((*demand.path[:-1], "properties", finding.path[-1]) for finding in told if finding.path)
    return tuple(format_pointer(path) for path in paths if lookup(inner.side.written.get(uri), path) is not ABSENT)


def _pointer(version: _Version, place: Place) -> str:
    within = format_pointer(place.path)
    if place.uri == version.contract.uri:
        return within
    return f"{shown_uri(place.uri)}#{within}"


def _places(version: _Version, new: _Version, place: Place) -> tuple[SchemaPlace | None, SchemaPlace | None]:
    """A place in a version, in its own files and in those of the new version."""
    same = place._replace(uri=new.contract.uri) if place.uri == version.contract.uri else place
    return _place(version.catalog, place), _place(new.catalog, same)


def _place(catalog: Catalog, place: Place) -> SchemaPlace | None:
    """Where a keyword stands in its file, or the nearest thing around it that does; None where no file has it."""
    try:
        return catalog.place(place.uri, place.path)
    except CatalogError:
        return None
