"""What a page about an audit says beside its findings: the sessions over time, and what the records at fault refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from srcos_contracts.ledger.duck import Queries
from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import in_unicode

__all__ = ["Background", "Link", "Seen", "SessionLine", "background_of"]

_MOST_SESSIONS = 200
_MOST_RECORDS = 200
_MOST_LINKS = 12
_MOST_OWNERS = 5

_SESSIONS = """
with held as (select session, count(*) as amount, min(r.at) as first from records r where session is not null group by session)
select session, amount from held order by first nulls last, session limit ?
"""
_RECORDS = """
with ranked as (
  select r.session, epoch(r.at) as seconds, coalesce(strftime(r.at, '%Y-%m-%dT%H:%M:%SZ'), '') as time, r.contract,
         coalesce(r.state, '') as state, coalesce(r.id, '') as id, r.file, r.line,
         row_number() over (partition by r.session order by r.at nulls last, r.key) as place
  from records r where r.session in (select unnest(?))
)
select session, seconds, time, contract, state, id, file, line from ranked where place <= ? order by session, place
"""
_OWNERS = """
with owned as (select distinct session, owner from records where owner is not null and session in (select unnest(?))),
ranked as (
  select session, owner, row_number() over (partition by session order by owner) as place, count(*) over (partition by session) as amount
  from owned
)
select session, owner, amount from ranked where place <= ? order by session, place
"""
_LINKS = """
with asked as (select unnest(?) as file, unnest(?) as line),
at_fault as (
  select a.file, a.line, max(r.key) as key from asked a join records r on r.file = a.file and r.line <= a.line group by a.file, a.line
),
told as (
  select f.file, f.line, x.role, x.target, max(r.contract) as contract, bool_and(r.key is null) and max(x.types) <> '' as missing,
         row_number() over (partition by f.file, f.line order by x.role, x.target) as place
  from at_fault f join refs x on x.key = f.key left join names n on n.name = x.target left join records r on r.key = n.key
  group by f.file, f.line, x.role, x.target
)
select file, line, role, target, coalesce(contract, ''), missing from told where place <= ? order by file, line, place
"""


class Link(NamedTuple):
    """What the record of a finding refers to."""

    role: str
    target: str
    contract: str
    """Empty where there is no such record in the set."""
    missing: bool


class Seen(NamedTuple):
    """A record in the life of a session."""

    at: float | None
    """Seconds since 1970; None where the record says no time."""
    time: str
    contract: str
    state: str
    id: str
    file: str
    line: int


class SessionLine(NamedTuple):
    """A session and its records, in order of time."""

    name: str
    owners: tuple[str, ...]
    """The first of them, by name."""
    amount: int
    records: tuple[Seen, ...]
    """The first of them."""
    owners_left_out: int = 0


class Background(NamedTuple):
    """What a page says beside its findings."""

    reasons: Mapping[str, str] = {}
    """Why there are rules, by their ids."""
    sessions: Sequence[SessionLine] = ()
    sessions_left_out: int = 0
    links: Mapping[tuple[str, int], Sequence[Link]] = {}
    """By file and line of findings, what their records refer to."""
    hidden: bool = False
    """Whether sessions and links are left out because they say what records say."""


def background_of(queries: Queries, reasons: Mapping[str, str], places: Iterable[tuple[str, int]]) -> Background:
    """What is told of a set beside its findings, which stand at `places`. Raises AuditFailed."""
    lines, left_out = _sessions(queries)
    return Background(reasons, lines, left_out, _links(queries, list(places)))


def _sessions(queries: Queries) -> tuple[list[SessionLine], int]:
    heads = list(queries.rows(_SESSIONS, [_MOST_SESSIONS]))
    names = [name for name, _ in heads]
    owners: dict[str, list[str]] = {}
    owned: dict[str, int] = {}
    for session, owner, count in queries.rows(_OWNERS, [names, _MOST_OWNERS]):
        owned[session] = count
        owners.setdefault(session, []).append(owner)
    records: dict[str, list[Seen]] = {}
    for session, *seen in queries.rows(_RECORDS, [names, _MOST_RECORDS]):
        records.setdefault(session, []).append(Seen(*seen))
    (total,) = next(queries.rows("select count(distinct session) from records"))
    lines = []
    for name, amount in heads:
        some = tuple(owners.get(name, ()))
        lines.append(SessionLine(name, some, amount, tuple(records.get(name, ())), owned.get(name, 0) - len(some)))
    return lines, total - len(lines)


def _links(queries: Queries, places: Sequence[tuple[str, int]]) -> dict[tuple[str, int], list[Link]]:
    found: dict[tuple[str, int], list[Link]] = {}
    # The index has names in Unicode.
    asked = {(in_unicode(file), line): (file, line) for file, line in places}
    if asked:
        for file, line, *link in queries.rows(_LINKS, [[file for file, _ in asked], [line for _, line in asked], _MOST_LINKS]):
            found.setdefault(asked[file, line], []).append(Link(*link))
    return found
