-- What a record refers to, found or not. What is kept elsewhere has no types.
select f.key as source, f.role as label, n.key as target, f.target as name,
       case when n.key is null and f.types <> '' then true else false end as missing
from refs f
left join names n on n.name = f.target and n.key <> f.key
where f.role not in ('issue', 'agent', 'device', 'profile', 'object', 'workspace', 'owner', 'actor')
  and not exists (select 1 from names s where s.name = f.target and s.key = f.key)
