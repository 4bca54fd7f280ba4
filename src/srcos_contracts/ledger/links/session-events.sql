-- What happened in a session: below the session's own record, or where there is none below the run. A session that has begun has events.
with events as (
  select session, key from records where contract in ('SessionEvent', 'AgentLedgerEvent')
  union all
  select o.session, n.key from orphans o join names n on n.name = o.event where o.session is not null
)
select s.key as source, 'event' as label, e.key as target, '' as name, false as missing
from records s
join events e on e.session = s.session and e.key <> s.key
where s.contract = 'AgentSession'
   or (s.contract = 'WorkLedgerEvent' and field(s.doc, '$.event') = 'run_finished'
       and not exists (select 1 from names n join records a on a.key = n.key where n.name = s.session and a.contract = 'AgentSession'))
union all
select s.key, 'event', cast(null as bigint), '', true
from records s
where s.contract = 'AgentSession' and coalesce(s.state, '') not in ('created', 'waiting')
  and not exists (select 1 from events e where e.session = s.session and e.key <> s.key)
