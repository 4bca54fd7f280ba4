-- The events that still wait for their session: queued, neither recovered nor put in quarantine since, and not dropped as a copy of another event.
-- Columns: event, key (the last receipt that says so), expires.
select o.event, max(case when o.state = 'queued' then o.key end) as key, max(case when o.state = 'queued' then o.expires end) as expires
from orphans o
left join (select distinct event from held_elsewhere where twin is not null) t on t.event = o.event
group by o.event
having max(case when o.state = 'queued' then 1 else 0 end) = 1
   and max(case when o.state in ('recovered', 'quarantined') or (o.state = 'discarded_duplicate' and t.event is not null) then 1 else 0 end) = 0
