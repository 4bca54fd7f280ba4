-- What events that came before their session can be matched by, as their receipts and their own records say. Of two sessions the one counts
-- that has the stronger key: the session that the event names, then the conversation, the parent, the task, and the workspace.
-- Columns: event, occurred, kind, value, weight.
with events as (
  select event, min(occurred) as occurred from orphans group by event
),
told as (
  select o.event, k.role as kind, k.target as value
  from orphans o join refs k on k.key = o.key
  where k.role in ('conversation', 'parent-event', 'task', 'workspace')
  union all
  select r.id, k.role, k.target
  from records r join refs k on k.key = r.key
  where r.contract = 'SessionEvent' and k.role in ('session', 'conversation', 'parent-event', 'task', 'workspace')
  union all
  select event, 'parent-event', event from events
)
select e.event, e.occurred, t.kind, t.value,
       case t.kind when 'session' then 16 when 'conversation' then 8 when 'parent-event' then 4 when 'task' then 2 else 1 end as weight
from events e join told t on t.event = e.event
where trim(t.value) <> ''
group by e.event, e.occurred, t.kind, t.value
