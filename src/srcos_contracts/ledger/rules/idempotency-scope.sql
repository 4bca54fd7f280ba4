-- message: one idempotency key belongs to one operation
-- help: give each operation a key of its own, and keep it in all attempts at that operation
-- why: Whoever has seen a key once takes all work under it for done; the second operation is dropped without a word.
-- scope: open
with claims as (
  select key, token, 'found' as kind, cast(operation as string) as operation, local as name, '/replay_idempotency_key' as pointer
  from operations
  union all
  -- A task's operation that is not in the set may be known there by another name: it is compared with its like only.
  select r.key, r.token, case when o.name is null then 'named' else 'found' end,
         coalesce(cast(o.operation as string), t.target), t.target, '/idempotency_key'
  from (select key, field(doc, '$.idempotency_key') as token from records where contract = 'OperationTaskRecord') r
  join refs t on t.key = r.key and t.role = 'operation'
  left join operation_names o on o.name = t.target
),
firsts as (
  select token, kind, operation, min(key) as key
  -- What is no text, and so no key, is an object or a list.
  from claims where token > '' and token not like '{"%' and token <> '{}' and token not like '[%]'
  group by token, kind, operation
),
counted as (
  select token, kind, operation, key, count(*) over (partition by token, kind) as operations,
         row_number() over (partition by token, kind order by key) as nth
  from firsts
)
select concat(c.kind, ' ', c.token) as breach, case when c.nth = c.operations then 0 else c.nth end as rank, c.key, l.pointer,
       concat(c.token, ' is the key of ', l.name, ' here') as note, 'error' as level
from counted c join claims l on l.key = c.key
where c.operations > 1
