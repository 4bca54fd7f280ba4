-- What sessions can be known by: the keys of the records that belong to them, their own names, and the names of their events as parents of others.
-- A recovered event belongs to its session from its recovery on.
-- Columns: session, kind, value, event (empty where a record is none), way (direct or recovered), since, key.
select r.session, k.role as kind, k.target as value, case when r.contract = 'SessionEvent' then coalesce(r.id, '') else '' end as event,
       'direct' as way, r.at as since, r.key
from records r join refs k on k.key = r.key
where r.session is not null and r.contract <> 'OrphanEventReceipt' and k.role in ('conversation', 'parent-event', 'task', 'workspace')
union all
select r.session, 'parent-event', r.id, r.id, 'direct', r.at, r.key
from records r
where r.contract = 'SessionEvent' and r.session is not null and r.id is not null
union all
select session, 'parent-event', session, '', 'direct', began, key from sessions
union all
select session, 'session', session, '', 'direct', began, key from sessions
union all
select o.session, k.role, k.target, o.event, 'recovered', o.reconciled, o.key
from orphans o join refs k on k.key = o.key
where o.session is not null and k.role in ('conversation', 'parent-event', 'task', 'workspace')
union all
select session, 'parent-event', event, event, 'recovered', reconciled, key from orphans where session is not null
