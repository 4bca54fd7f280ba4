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
  select task, attempt, min(written) as written, state, completed, min(key) as key
  from found where attempt is not null and state in ('succeeded', 'failed', 'cancelled')
  group by task, attempt, state, completed
),
told as (
  select task, attempt, written, state, key, count(*) over (partition by task, attempt) as amount,
         row_number() over (partition by task, attempt order by key) as nth
  from outcomes
),
attempts as (
  select task, attempt, min(written) as written, min(key) as key, min(created) as created
  from found where attempt is not null
  group by task, attempt
),
steps as (
  select task, attempt, written, key, created,
         lag(attempt) over (partition by task order by attempt) as before,
         lag(written) over (partition by task order by attempt) as before_written,
         lag(key) over (partition by task order by attempt) as before_key,
         lag(created) over (partition by task order by attempt) as before_created
  from attempts
),
leaps as (
  select s.task, s.written, s.key, s.before_written, s.before_key,
         case when s.before is null then 'is the first here'
              when s.attempt > s.before + 1 then concat('comes after attempt ', s.before_written)
              else concat('was queued before attempt ', s.before_written) end as says,
         case when s.before is null or s.attempt > s.before + 1 then '/attempt' else '/created_at' end as pointer
  from steps s cross join scope c
  where (s.before is null and s.attempt > 1 and c.closed) or s.attempt > s.before + 1 or s.created < s.before_created
)
select concat('outcome ', task, ' ', written) as breach, case nth when 1 then 1 when 2 then 0 else nth end as rank, key, '/status' as pointer,
       concat('attempt ', written, ' at ', task, ' ', state, ' here') as note, 'error' as level
from told where amount > 1
union all
select concat('step ', task, ' ', written), 0, key, pointer, concat('attempt ', written, ' at ', task, ' ', says), 'error'
from leaps
union all
select concat('step ', task, ' ', written), 1, before_key, '/attempt', concat('attempt ', before_written, ' is here'), 'error'
from leaps where before_key is not null
