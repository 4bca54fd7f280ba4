"""What a check asks of records, beyond their contracts."""

from __future__ import annotations

from srcos_contracts.contracts.catalog import Contract
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.path_patterns import PathPatterns

__all__ = ["UNCLAIMED", "Demands", "PathDemands"]

UNCLAIMED = "unclaimed-record"
_ALWAYS_TOLD = frozenset((UNCLAIMED, "too-many-faults"))
"""Rules whose breach says that something was not judged, or not told: no selection of others leaves them out."""


class PathDemands(NamedTuple):
    """What is asked of some files only."""

    match: PathPatterns
    strict: bool | None = None
    """None is as elsewhere."""
    select: frozenset[str] | None = None
    """The only rules to report there, of those that are reported at all; None is all of them."""
    ignore: frozenset[str] = frozenset()


class Demands(NamedTuple):
    """What a check asks of every record, beyond its contract."""

    contract: Contract | None = None
    """The contract that every record is to be an instance of, whatever it says of itself."""
    engine: EngineName = "rust"
    strict: bool = False
    """Whether a warning counts as an error."""
    select: frozenset[str] = frozenset()
    """The only rules to report, beside those that say that nothing was judged; all where empty."""
    ignore: frozenset[str] = frozenset()
    paths: tuple[PathDemands, ...] = ()
    """What else is asked of some files. Each that matches leaves out more; the last that says something of strictness counts."""
    within: tuple[frozenset[str], ...] = ()
    """Further selections, each as `select`, but that an empty one selects nothing."""

    def keeps(self, rule: str) -> bool:
        if rule in self.ignore:
            return False
        if rule in _ALWAYS_TOLD:
            return True
        return (not self.select or rule in self.select) and all(rule in selected for selected in self.within)

    def of(self, file: str) -> Demands:
        """What is asked of the records of one file, named as findings name it."""
        if not self.paths or (file.startswith("<") and file.endswith(">")):
            # What came from no file has no path.
            return self
        strict, within, ignore = self.strict, self.within, self.ignore
        for paths in self.paths:
            if paths.match.fit(file):
                strict = strict if paths.strict is None else paths.strict
                within = within if paths.select is None else (*within, paths.select)
                ignore |= paths.ignore
        return self._replace(strict=strict, within=within, ignore=ignore, paths=())
