-- message: a task that ended began before in the same session, and a status file agrees with the last lines of its agent's ledger
-- help: append the task_start when the task begins, under the session that ends it; write the status file after the line that it follows from
-- why: A result without a beginning is work that nobody saw begin; a status that the ledger does not bear out sends people to the wrong agent.
-- scope: closed
with lines as (
  select r.key, r.at as stamp, r.session, r.owner as agent, field(r.doc, '$.event') as event, field(r.doc, '$.data.status') as status, t.target as task
  from records r left join refs t on t.key = r.key and t.role = 'task'
  where r.contract = 'AgentLedgerEvent'
),
starts as (
  select session, task, min(stamp) as stamp, min(key) as key from lines where event = 'task_start' group by session, task
),
elsewhere as (
  select session, task, key, row_number() over (partition by task order by key) as nth from starts
),
unpaired as (
  select l.key, l.session, l.task, s.key as late
  from lines l left join starts s on s.session = l.session and s.task = l.task
  where l.event = 'task_result' and l.session is not null and l.task is not null and (s.key is null or s.stamp > l.stamp)
),
-- Of each agent the times of the last line, of the last that names a task, of the last that tells its state.
times as (
  select agent, max(stamp) as stamp, max(case when task is not null then stamp end) as tasked,
         max(case when event in ('task_start', 'task_result', 'error') then stamp end) as told
  from lines group by agent
),
ends as (
  select l.agent, max(case when l.stamp = t.stamp then l.key end) as last_key,
         max(case when l.stamp = t.tasked and l.task is not null then l.key end) as task_key,
         max(case when l.stamp = t.told and l.event in ('task_start', 'task_result', 'error') then l.key end) as state_key
  from lines l join times t on t.agent = l.agent
  group by l.agent
),
statuses as (
  select r.key, r.at as stamp, r.state, r.session, t.target as task, e.last_key, e.task_key, e.state_key
  from records r
  join ends e on e.agent = r.owner
  left join refs t on t.key = r.key and t.role = 'task'
  where r.contract = 'AgentStatus'
),
-- No writer can change two files at once: a status that is older than a line does not contradict it, but is out of date.
disagreements as (
  select s.key, 'session' as about, '/session_id' as pointer, concat('the session is ', s.session, ' here') as note, l.key as line,
         concat('the last line is of ', l.session) as line_note, 'error' as level
  from statuses s join lines l on l.key = s.last_key
  where s.session <> l.session and s.stamp >= l.stamp
  union all
  select s.key, 'task', '/last_task_id', concat('the last task is ', s.task, ' here'), coalesce(l.key, s.last_key),
         case when l.key is null then 'the ledger has no task up to here' else concat('the last task is ', l.task, ' here') end, 'error'
  from statuses s left join lines l on l.key = s.task_key
  where s.task is not null and (l.key is null or (s.task <> l.task and s.stamp >= l.stamp))
  union all
  select s.key, 'age', '/last_heartbeat', 'the last sign of life is older than the last line in the ledger', l.key, 'the last line is here', 'warning'
  from statuses s join lines l on l.key = s.last_key
  where s.stamp < l.stamp
  union all
  select s.key, 'state', '/state', concat('the agent is ', s.state, ' here'), l.key,
         concat(coalesce(l.task, 'a task'), case when l.event = 'task_start' then ' begins here, and does not end' else concat(' ends here in ', coalesce(l.status, 'nothing')) end),
         'error'
  from statuses s join lines l on l.key = s.state_key
  where s.stamp >= l.stamp
    and ((l.event = 'task_start' and s.state in ('idle', 'error'))
      or (l.event = 'task_result' and (s.state = 'busy' or (s.state = 'error' and l.status = 'success'))))
)
select concat('result ', cast(key as string)) as breach, 0 as rank, key, '/task_id' as pointer,
       concat(task, ' had not begun in ', session) as note, 'error' as level
from unpaired
union all
select concat('result ', cast(u.key as string)), 1, coalesce(u.late, e.key), '/task_id',
       case when u.late is null then concat(u.task, ' begins in ', e.session, ' here') else concat(u.task, ' begins only here') end, 'error'
from unpaired u join elsewhere e on e.task = u.task and e.nth = 1
union all
select concat(about, ' ', cast(key as string)), 0, key, pointer, note, level from disagreements
union all
select concat(about, ' ', cast(key as string)), 1, line, '', line_note, level from disagreements
