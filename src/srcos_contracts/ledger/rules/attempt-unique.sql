-- message: a task has one outcome an attempt, and its attempts rise by one
-- help: keep the outcome of the worker that held the lease; number attempts 1, 2, 3 ... in the order in which they are queued
-- why: Two outcomes of one attempt mean that two workers did it; a number that is left out is an attempt that nobody can account for.
-- scope: open
with found as (
  select key, id as task, state, field(doc, '$.attempt') as written, try_cast(field(doc, '$.attempt') as double) as attempt,
         instant(field(doc, '$.created_at')) as created, instant(field(doc, '$.completed_at')) as completed
  from records
  where contract = 'OperationTaskRecord' and id is not null
),
outcomes as (
  select task, attempt, state, completed, min(key) as key
  from found where attempt is not null and state in ('succeeded', 'failed', 'cancelled')
  group by task, attempt, state, completed
),
told as (
  select key, count(*) over (partition by task, attempt) as amount,
         row_number() over (partition by task, attempt order by key) as nth
  from outcomes
),
attempts as (
  select task, attempt, min(key) as key, min(created) as created
  from found where attempt is not null
  group by task, attempt
),
steps as (
  select task, attempt, key, created,
         lag(attempt) over (partition by task order by attempt) as before,
         lag(key) over (partition by task order by attempt) as before_key,
         lag(created) over (partition by task order by attempt) as before_created
  from attempts
),
leaps as (
  select s.key, s.before_key,
         case when s.before is null then 'is the first here' when s.attempt > s.before + 1 then 'comes next' else 'was queued first' end as says,
         case when s.before is null or s.attempt > s.before + 1 then '/attempt' else '/created_at' end as pointer
  from steps s cross join scope c
  where (s.before is null and s.attempt > 1 and c.closed) or s.attempt > s.before + 1 or s.created < s.before_created
)
select concat('outcome ', f.task, ' ', f.written) as breach, case when t.nth = t.amount then 0 else t.nth end as rank, f.key, '/status' as pointer,
       concat('attempt ', f.written, ' at ', f.task, ' ', f.state, ' here') as note, 'error' as level
from told t join found f on f.key = t.key
where t.amount > 1
union all
select concat('step ', cast(l.key as string)), 0, l.key, l.pointer, concat('attempt ', f.written, ' at ', f.task, ' ', l.says), 'error'
from leaps l join found f on f.key = l.key
union all
select concat('step ', cast(l.key as string)), 1, l.before_key, '/attempt', concat('attempt ', f.written, ' is here'), 'error'
from leaps l join found f on f.key = l.before_key
