"""What the set rules read, the same whatever asks: tables of a few rows, views over the index, and how a rule is asked.

Every statement here is written for DuckDB and Spark alike. Each has of its own only the functions `field` and `instant`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.columns import kinds_of, marks_of_all
from srcos_contracts.ledger.cycles import cycles
from srcos_contracts.ledger.index import Part
from srcos_contracts.ledger.past import HISTORY_VIEWS, lasting_words
from srcos_contracts.ledger.set_rules import COLUMNS, SetRule, View, views
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import in_unicode

if TYPE_CHECKING:
    from srcos_contracts.ledger.snapshot import Since

__all__ = [
    "CYCLES",
    "FORMS",
    "INDEX_VIEWS",
    "KEYS_A_FILE",
    "MOST_NAMED",
    "AuditFailed",
    "Breach",
    "Entry",
    "Involved",
    "Table",
    "Terms",
    "all_views",
    "body",
    "cycle_rows",
    "edges_of",
    "tables",
    "texts_of",
]

KEYS_A_FILE = 1 << 32
"""More lines than a file has: keys are in the order of the files and of their lines, on every engine the same."""

INDEX_VIEWS = (
    View(
        "records",
        f"select p.source * {KEYS_A_FILE} + p.lines + r.n as key, p.file, p.lines + r.line as line, c.name as contract, c.version, r.id, "
        "instant(r.time) as at, r.session, r.owner, r.state, r.parts, r.digest, r.doc, c.series, p.path "
        "from stored_records r join parts p on p.part = r.part join contracts c on c.kind = r.kind",
    ),
    View("names", f"select p.source * {KEYS_A_FILE} + p.lines + n.n as key, n.name from stored_names n join parts p on p.part = n.part"),
    View(
        "refs",
        f"select p.source * {KEYS_A_FILE} + p.lines + r.n as key, k.role, r.target, k.types, "
        "coalesce(r.way, concat(k.first, case when r.item >= 0 then concat(cast(r.item as string), k.rest) else '' end)) as pointer "
        "from stored_refs r join parts p on p.part = r.part join kinds k on k.kind = r.kind",
    ),
    View(
        "contents",
        f"select p.source * {KEYS_A_FILE} + p.lines + c.n as key, c.content from stored_contents c join parts p on p.part = c.part",
    ),
)


class AuditFailed(Refusal):
    """The rules could not be asked."""

    quotes_records = True


class Terms(NamedTuple):
    """How a set is to be read."""

    closed: bool = True
    """Whether what is referred to must be in the set."""
    assumed: tuple[str, ...] = ()
    """Roles of references whose records live elsewhere."""
    known: tuple[str, ...] = ()
    """Names of records that live elsewhere."""
    since: Since | None = None
    """What finds the earlier state that the set is compared with."""
    sealed: bool = False
    """Whether a seal is made of the set at the end."""


class Involved(NamedTuple):
    """A record's part in a breach."""

    key: int
    pointer: str
    note: str


class Breach(NamedTuple):
    """One breach of one rule: the record at which it stands, then the others."""

    rule: SetRule
    level: str
    records: tuple[Involved, ...]
    left_out: int = 0
    """How many more records have a part in it than are named."""


class Entry(NamedTuple):
    """A record of the index."""

    key: int
    file: str
    line: int
    contract: str
    """Empty for a line of a ledger."""
    version: str
    doc: str | None
    """Its text; None where that is not known any more."""
    column: int = 0
    """Of a line of a ledger, the character in question, from 1."""
    text: bytes | None = None
    """Its own text, where that is at hand and is not `doc`."""


class Table(NamedTuple):
    """A relation of a few rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    """With their types in SQL: integer, bigint, varchar or boolean."""
    rows: Sequence[tuple[Any, ...]]


CYCLES = Table("cycles", (("graph", "varchar"), ("cycle", "bigint"), ("place", "bigint"), ("source", "bigint"), ("target", "bigint")), ())
"""The cycles of the graphs that rules have named, an edge a row."""
FORMS = Table("forms", (("key", "bigint"), ("form", "varchar")), ())
"""What `content.content_of` makes of the records that rules compare as wholes."""
MOST_NAMED = 21
"""As many records of a breach as are told: one at which it stands, and 20 others."""


def tables(catalog: Catalog, parts: Sequence[Part], terms: Terms, history: bool = False) -> list[Table]:
    """The relations that do not come from the records; with `history` those of what may not change too.

    Raises CatalogError where a schema cannot be read.
    """
    marked = marks_of_all(catalog)
    issued, finals = lasting_words(catalog) if history else ([], [])
    return [
        Table(
            "parts",
            (("part", "bigint"), ("file", "varchar"), ("lines", "bigint"), ("source", "bigint"), ("path", "varchar")),
            # One folder may be named in several ways in one command.
            [(*part, in_unicode(os.path.abspath(part.file))) for part in parts],
        ),
        Table(
            "contracts",
            (("kind", "integer"), ("name", "varchar"), ("version", "varchar"), ("series", "boolean")),
            [
                (number, contract.name, contract.version, marks.series)
                for number, (contract, marks) in enumerate(zip(catalog.contracts, marked, strict=True))
            ],
        ),
        Table(
            "kinds",
            (("kind", "integer"), ("role", "varchar"), ("types", "varchar"), ("first", "varchar"), ("rest", "varchar")),
            kinds_of(marked),
        ),
        Table("scope", (("closed", "boolean"),), [(terms.closed,)]),
        Table("assumed", (("role", "varchar"),), [(role,) for role in terms.assumed]),
        Table("known", (("name", "varchar"),), [(name,) for name in terms.known]),
        Table("issued", (("contract", "varchar"),), issued),
        Table("finals", (("contract", "varchar"), ("state", "varchar"), ("pointer", "varchar")), finals),
    ]


def all_views() -> tuple[View, ...]:
    """The views over the tables of the index, each after those that it is made of."""
    return (*INDEX_VIEWS, *HISTORY_VIEWS, *views())


def body(rule: SetRule) -> str:
    """A rule's query without what cannot stand in a bracket."""
    return f"select {', '.join(COLUMNS)} from (\n{rule.sql.rstrip().removesuffix(';')}\n)"


def edges_of(graph: str) -> str:
    """The query for the edges of a graph among which its cycles are, in order.

    Records mostly refer to earlier ones. A cycle has an edge to a later one too, and lies between the ends of all such edges.
    """
    return (
        f"with edges as (select distinct source, target from {graph}), "
        "ends as (select min(source) as low, max(target) as high from edges where target >= source) "
        "select source, target from edges cross join ends where source between low and high and target between low and high "
        "order by source, target"
    )


def texts_of(view: str) -> str:
    """The query for the records that a view names, in its column `text`, and that have no form yet."""
    return (
        f"select r.key, r.doc from (select distinct text from {view}) v join records r on r.key = v.text "
        "where r.key not in (select key from forms)"
    )


def cycle_rows(edges: Iterable[tuple[int, int]]) -> dict[str, list[int]]:
    """The columns of `cycles` but the first, from the edges of one graph."""
    columns: dict[str, list[int]] = {"cycle": [], "place": [], "source": [], "target": []}
    for number, nodes in enumerate(cycles(edges)):
        columns["cycle"] += [number] * len(nodes)
        columns["place"] += range(len(nodes))
        columns["source"] += nodes
        columns["target"] += [*nodes[1:], nodes[0]]
    return columns
