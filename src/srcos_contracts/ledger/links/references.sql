-- What a record refers to, found or not. What is kept elsewhere has no types, and is not missing; but without the session of the work, or the
-- operation that wrote the checkpoint, nothing answers for it. Left out is what tells of the record rather than of what led to it, a checkpoint
-- whose writer is there, and a candidate that took the event in.
select f.key as source, f.role as label, n.key as target, f.target as name,
       n.key is null and (f.types <> '' or f.role = 'checkpoint'
         or (f.role = 'session' and r.contract in ('AcceptanceReceipt', 'WorkLedgerEvent'))) as missing
from refs f
join records r on r.key = f.key
left join names n on n.name = f.target and n.key <> f.key
where f.role not in ('issue', 'agent', 'device', 'profile', 'object', 'workspace', 'owner', 'actor', 'conversation', 'policy-definition', 'policy-document')
  and not exists (select 1 from names s where s.name = f.target and s.key = f.key)
  and not (f.role = 'parent-event' and n.key is null)
  and not (f.role = 'candidate-session' and exists (select 1 from refs s where s.key = f.key and s.role = 'session' and s.target = f.target))
  and not (f.role = 'checkpoint' and exists (
    select 1 from refs c join records w on w.key = c.key
    where c.target = f.target and c.role = 'checkpoint' and field(w.doc, '$.operation_type') = 'sync.checkpoint.write'))
