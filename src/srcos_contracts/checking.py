"""The product's verb: payloads to findings, one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.demands import UNCLAIMED, Demands
from srcos_contracts.finding import Finding, Location, Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer, lookup
from srcos_contracts.reading.document import Document, Layout, Record, excerpt, line_and_column
from srcos_contracts.reading.jsonl import Counter, Unsettled
from srcos_contracts.reading.source import Source, position_of, read, size_of

if TYPE_CHECKING:
    from srcos_contracts.reading.locate import Places

__all__ = [
    "NO_SOURCE",
    "UNCLAIMED",
    "Batch",
    "Demands",
    "Observer",
    "Progress",
    "Reading",
    "Watch",
    "check_all",
    "check_source",
    "check_value",
    "claim_of",
    "markdown_value",
    "quiet_collector",
]

_COLLECT_AFTER = 100_000
_WORTHWHILE_BYTES = 12 * 1024 * 1024
NO_SOURCE = "<record>"
_FRONT_MATTER_ALONE = Layout(front_matter=True)
"""How a Markdown file is read that no contract claims."""


class Batch(NamedTuple):
    """What came of a source, or of a part of it."""

    findings: list[Finding]
    records: int
    unclaimed: int
    """How many of the records no contract judged."""
    last: bool
    """Whether the source ends with this batch."""


Progress = Callable[[int, int], None]
"""Told, from time to time, how many bytes of all sources and how many records are behind."""


Reading = Callable[[Source, Counter, Unsettled, int, int | None], Iterator[Record | Finding]]
"""How the records of a source, or of a part of it, are come by: `read`, but where it is not files of this machine that are read."""


class Observer(Protocol):
    """Sees the records of a source, or of a part of it, that a contract claims."""

    def take(self, claim: Claim, values: Sequence[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> None:
        """Records of one contract, each with its JSON text, None where it was written otherwise, and its line."""


class Watch(Protocol):
    """Has all records of a check seen, wherever they are read. Sent to worker processes."""

    def writer(self, catalog: Catalog, part: int) -> Observer:
        """Who sees the records of one part."""

    def flush(self) -> str:
        """The process in which this is called is at the end of its parts. Returns why not all could be kept; empty where it could."""

    def lost(self, reason: str) -> None:
        """Says in the calling process what `flush` said in another."""

    def placed(self, part: int, file: str, lines: int) -> None:
        """Says in the calling process which file a part is of, and how many lines of it stand before the part."""


def check_all(
    catalog: Catalog,
    sources: list[Source],
    demands: Demands,
    jobs: int = 1,
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """The findings of all sources, in order, drawn from `jobs` processes where there is enough to do.

    Raises CatalogError where a contract's schema cannot be used, WorkerLost where a worker process died.
    """
    if jobs > 1 and sum(size_of(source) for source in sources) >= _WORTHWHILE_BYTES:
        from srcos_contracts.parallel import check_in_workers

        yield from check_in_workers(catalog, sources, demands, jobs, watch, progress)
        return
    behind = records = 0
    for number, source in enumerate(sources):
        counter = Counter()
        if progress is not None:
            counter.watch = _watcher(progress, counter, behind, records)
        told = unclaimed = 0
        observer = watch.writer(catalog, number) if watch is not None else None
        # A batch a finding, so that each can be shown as it comes.
        for finding in check_source(catalog, source, demands, counter, observer=observer):
            yield Batch([finding], counter.records - told, counter.unclaimed - unclaimed, False)
            told, unclaimed = counter.records, counter.unclaimed
        if watch is not None:
            if number == len(sources) - 1:
                watch.lost(watch.flush())
            watch.placed(number, source.name, 0)
        behind, records = behind + size_of(source), records + counter.records
        if progress is not None:
            progress(behind, records)
        yield Batch([], counter.records - told, counter.unclaimed - unclaimed, True)


def _watcher(progress: Progress, counter: Counter, behind: int, records: int) -> Callable[[BinaryIO], None]:
    return lambda stream: progress(behind + position_of(stream), records + counter.records)


def quiet_collector() -> None:
    """Lets the cyclic garbage collector look at values seldom: JSON values hold no cycles. For programs of ours only."""
    import gc

    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def check_source(
    catalog: Catalog,
    source: Source,
    demands: Demands,
    counter: Counter | None = None,
    start: int = 0,
    length: int | None = None,
    observer: Observer | None = None,
    reading: Reading = read,
) -> Iterator[Finding]:
    """Every finding in a source, or in the part of a ledger that begins at byte `start`, in the order of its lines.

    `counter` tells how far the check has come, `reading` how the records are come by.

    Raises CatalogError where a contract's schema cannot be used.
    """
    counter = counter if counter is not None else Counter()
    demands = demands.of(source.name)
    if source.form == "markdown":
        yield from _check_markdown(catalog, source, demands, counter, observer, reading)
        return
    for item in reading(source, counter, _unsettled(catalog, source, demands, observer), start, length):
        if isinstance(item, Finding):
            # What could not be read is told whatever rules are selected: nothing was judged there. A warning hides no record.
            if item.severity == "error" or demands.keeps(item.rule):
                yield _strict(item, demands)
        else:
            counter.unclaimed += claim_of(catalog, item.value, demands, source.name) is None
            yield from check_value(catalog, item.value, demands, source.name, source.document(item))


def _check_markdown(
    catalog: Catalog, source: Source, demands: Demands, counter: Counter, observer: Observer | None, reading: Reading
) -> Iterator[Finding]:
    """What a Markdown file says depends on its contract's layout, so the contract comes first."""
    for item in reading(source, counter, lambda values, texts, lines: range(len(values)), 0, None):
        if isinstance(item, Finding):
            yield _strict(item, demands)
            continue
        claim = claim_of(catalog, item.value, demands, source.name)
        value, document, fault = markdown_value(source, item, claim)
        if fault is not None:
            counter.records -= 1
            yield _strict(fault, demands)
        else:
            if document.layout is not None:
                from srcos_contracts.reading.markdown import members_of_text

                for misplaced in members_of_text(document, item.value, document.layout):
                    yield _strict(misplaced, demands)
            counter.unclaimed += claim is None
            if observer is not None and claim is not None:
                observer.take(claim, [value], [None], [item.line])
            yield from check_value(catalog, value, demands, source.name, document)


def markdown_value(source: Source, record: Record, claim: Claim | None) -> tuple[Any, Document, Finding | None]:
    """A Markdown record as the contract that claims it wants it, or the finding that keeps it from being one."""
    from srcos_contracts.reading.markdown import laid_out, layout_fault

    layout = claim.contract.markdown if claim is not None else None
    document = source.document(record, layout)
    if claim is None or layout is None:
        return record.value, document, layout_fault(document, _FRONT_MATTER_ALONE) if claim is None else None
    fault = layout_fault(document, layout)
    return record.value if fault is not None else laid_out(record, document, layout, claim.parts), document, fault


def claim_of(catalog: Catalog, value: Any, demands: Demands, file: str) -> Claim | None:
    """The contract by which a record is judged: the one that is demanded, or the one that claims it."""
    forced = demands.contract
    return Claim(forced, catalog.parts(forced, file)) if forced is not None else catalog.claim(value, file)


def _unsettled(catalog: Catalog, source: Source, demands: Demands, observer: Observer | None) -> Unsettled:
    """Which records are not claimed or break something: the question of the hot path.

    The records of one contract are judged one after the other. Taken as they come, every change of contract costs as much
    as a judgement: the processor's caches hold one validator, hardly eight.
    """
    engine, name, forced = demands.engine, source.name, demands.contract
    claim = catalog.claim
    parts = catalog.parts(forced, name) if forced is not None else NO_PARTS
    is_json = source.syntax == "json"

    def unsettled(records: list[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> list[int]:
        found: list[int] = []
        groups: dict[int, tuple[Claim, list[int]]] = {}
        if forced is not None:
            groups[0] = (Claim(forced, parts), list(range(len(records))))
        else:
            for position, record in enumerate(records):
                claimed = claim(record, name)
                if claimed is None:
                    found.append(position)
                elif (group := groups.get(id(claimed.contract))) is not None:
                    group[1].append(position)
                else:
                    groups[id(claimed.contract)] = (claimed, [position])
        for claimed, positions in groups.values():
            values = [records[position] for position in positions]
            found += [positions[index] for index in catalog.judge(claimed.contract, engine).rejected(values, claimed.parts)]
            if observer is not None:
                written = [texts[position] for position in positions] if is_json else [None] * len(positions)
                observer.take(claimed, values, written, [lines[position] for position in positions])
        return sorted(found)

    return unsettled


def check_value(
    catalog: Catalog,
    value: Any,
    demands: Demands,
    file: str = NO_SOURCE,
    document: Document | None = None,
) -> list[Finding]:
    """The findings for one value; without a document they have pointers but no lines.

    Raises CatalogError where the contract's schema cannot be used.
    """
    claim = claim_of(catalog, value, demands, file)
    found = _breaches(catalog, claim, value, demands, file, document) if claim else [_unclaimed(catalog, value, demands, file, document)]
    return [_strict(finding, demands) for finding in found if demands.keeps(finding.rule)]


def _strict(finding: Finding, demands: Demands) -> Finding:
    return finding._replace(severity="error") if demands.strict else finding


def _breaches(catalog: Catalog, claim: Claim, value: Any, demands: Demands, file: str, document: Document | None) -> list[Finding]:
    from srcos_contracts.contracts.diagnosis import diagnose

    contract = claim.contract
    faults = diagnose(catalog.judge(contract, demands.engine), value, contract.name, claim.parts)
    places = _places(document, [fault.path for fault in faults]) if faults else None
    found = []
    for fault in faults:
        severity: Severity = fault.severity
        location, detail = _location(places, file, fault.path, fault.at_key, fault.missing), fault.detail
        if fault.offset is not None:
            text = lookup(value, fault.path)
            index = places.character(fault.path, text, fault.offset) if places is not None else None
            if places is not None and index is not None:
                location = _located(places, file, index, index + 1)
            else:
                detail += ", in line {}, column {} of the text".format(*line_and_column(text, fault.offset))
        found.append(
            Finding(
                fault.rule,
                severity,
                fault.message,
                location,
                fault.help,
                detail,
                format_pointer(fault.path),
                contract.name,
                contract.version,
                catalog.place(fault.demand.uri, fault.demand.path),
            )
        )
    return found


def _places(document: Document | None, paths: list[Path]) -> Places | None:
    if document is None:
        return None
    from srcos_contracts.reading.locate import Places

    return Places(document, paths)


def _unclaimed(catalog: Catalog, value: Any, demands: Demands, file: str, document: Document | None) -> Finding:
    from srcos_contracts.contracts.nearest import nearest, obstacles, what_it_is

    location = _location(_places(document, [()]), file, (), False, True)
    as_read = _as_read(value, document) if document is not None and document.syntax == "markdown" else None
    near = nearest(catalog, value, demands.engine, as_read)
    if near is None:
        kinds = ", ".join(dict.fromkeys(contract.name for contract in catalog.contracts))
        help = f"{what_it_is(value)}; a record is one JSON object of a contract: {kinds}"
        return Finding(UNCLAIMED, "error", "no contract claims this record", location, help)
    message = f"no contract claims this record; the nearest is {near.contract.label}"
    draft = as_read(near.contract) if as_read is not None else value
    return Finding(UNCLAIMED, "error", message, location, obstacles(catalog, near, draft, demands.engine, file))


def _as_read(front_matter: Any, document: Document) -> Callable[[Contract], Any]:
    """What each contract would read in a Markdown file that none claims."""
    from srcos_contracts.reading.markdown import laid_out, layout_fault

    def read_by(contract: Contract) -> Any:
        layout = contract.markdown
        if layout is None or layout_fault(document, layout) is not None:
            return front_matter
        return laid_out(Record(front_matter, document.text, document.line), document, layout, NO_PARTS)

    return read_by


def _location(places: Places | None, file: str, path: Path, at_key: bool, only_start: bool) -> Location:
    if places is None:
        return Location(file)
    span, key = places.spans(path)
    if at_key and key is not None:
        span = key
    return _located(places, file, span[0], span[0] + 1 if only_start else span[1])


def _located(places: Places, file: str, start: int, end: int) -> Location:
    line, column = places.line_and_column(start)
    return Location(file, line, column, excerpt(places.text, start, end))
