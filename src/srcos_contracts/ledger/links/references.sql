-- What a record refers to, found or not. What is kept elsewhere has no types. Left out is what tells of the record rather than of what led to it,
-- a checkpoint whose writer is there, and a candidate that took the event in.
select f.key as source, f.role as label, n.key as target, f.target as name,
       case when n.key is null and f.types <> '' then true else false end as missing
from refs f
left join names n on n.name = f.target and n.key <> f.key
where f.role not in ('issue', 'agent', 'device', 'profile', 'object', 'workspace', 'owner', 'actor', 'conversation', 'policy-definition', 'policy-document')
  and not exists (select 1 from names s where s.name = f.target and s.key = f.key)
  and not (f.role = 'parent-event' and n.key is null)
  and not (f.role = 'candidate-session' and exists (select 1 from refs s where s.key = f.key and s.role = 'session' and s.target = f.target))
  and not (f.role = 'checkpoint' and exists (
    select 1 from refs c join records w on w.key = c.key
    where c.target = f.target and c.role = 'checkpoint' and field(w.doc, '$.operation_type') = 'sync.checkpoint.write'))
