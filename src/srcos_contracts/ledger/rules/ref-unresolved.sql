-- message: what a typed reference names is in the set
-- help: add the record, or correct the reference; --assume ROLE where the records of a role live elsewhere, --known FILE where some records do, --open for a part of a set
-- why: A record that relies on what nobody has proves nothing: the decision, the session or the ledger may never have been.
-- scope: closed
select concat(cast(r.key as string), ' ', r.pointer) as breach, 0 as rank, r.key, r.pointer,
       concat(r.target, ' is not in the set; its role is ', r.role) as note, 'error' as level
from refs r
join records s on s.key = r.key
where r.types <> ''
  -- What is lacking here is told by causal-cycle and issue-block-cycle, and of an event without a known session by orphan-unattended.
  and r.role not in ('causal-parent', 'blocker')
  and not (r.role = 'session' and s.contract = 'SessionEvent')
  and r.role not in (select role from assumed)
  and not exists (select 1 from known k where k.name = r.target)
  and not exists (select 1 from names n where n.name = r.target)
