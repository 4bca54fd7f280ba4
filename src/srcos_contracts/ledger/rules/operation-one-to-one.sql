-- message: one local operation is one remote operation, and the other way round
-- help: keep the remote id that the remote side gave first, and give an operation of its own, with a local id of its own, to whatever else was done
-- why: An operation with two remote sides was done twice; two operations with one remote side overwrite each other's answer.
-- scope: open
with claims as (
  select 'found' as kind, cast(o.operation as string) as operation, o.remote, o.key, o.local
  from operations o
  join names n on n.key = o.key and n.name = o.remote
  union all
  -- A task's operation that is not in the set may be known there by another name: it is compared with its like only.
  select case when o.name is null then 'named' else 'found' end, coalesce(cast(o.operation as string), concat('named ', t.target)), r.remote, r.key,
         coalesce(f.id, t.target)
  from (select key, field(doc, '$.remote_operation_id') as remote from records where contract = 'OperationTaskRecord') r
  join refs t on t.key = r.key and t.role = 'operation'
  left join operation_names o on o.name = t.target
  left join records f on f.key = o.operation
  where r.remote is not null
),
pairs as (
  select kind, operation, remote, local, min(key) as key from claims group by kind, operation, remote, local
),
counted as (
  select kind, operation, remote, local, key,
         count(*) over (partition by operation) as remotes, row_number() over (partition by operation order by key) as nth_remote,
         count(*) over (partition by kind, remote) as operations, row_number() over (partition by kind, remote order by key) as nth_operation
  from pairs
)
select concat('operation ', operation) as breach,
       case when nth_remote = remotes then 0 else nth_remote end as rank, key, '/remote_operation_id' as pointer,
       concat(local, ' is ', remote, ' here') as note, 'error' as level
from counted where remotes > 1
union all
select concat('remote ', kind, ' ', remote), case when nth_operation = operations then 0 else nth_operation end, key, '/remote_operation_id',
       concat(remote, ' is ', local, ' here'), 'error'
from counted where operations > 1
