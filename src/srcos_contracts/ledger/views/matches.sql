-- What an event that came before its session has in common with sessions of the set. A key that more than 20 sessions have points to none of them,
-- and a session that had ended before the event occurred is none of its own; but the sessions that receipts name are always looked at.
-- What the event itself says of its session is no match. Of many records that have a key the first two stand for all.
-- Columns: event, session, kind, value, weight, way, since, key (the record of the session that has the key). A match may stand here twice.
with wanted as (
  select kind, value from orphan_keys group by kind, value
),
firsts as (
  select s.session, s.kind, s.value, s.event, s.way, min(s.since) as since, min(s.key) as key
  from session_keys s join wanted w on w.kind = s.kind and w.value = s.value
  group by s.session, s.kind, s.value, s.event, s.way
),
spread as (
  select kind, value, count(distinct session) as sessions from firsts group by kind, value
),
vouchers as (
  select f.session, f.kind, f.value, f.event, f.way, f.since, f.key, p.sessions,
         row_number() over (partition by f.session, f.kind, f.value, f.way order by f.since, f.key) as nth
  from firsts f join spread p on p.kind = f.kind and p.value = f.value
),
said as (
  select distinct event, session
  from (
    select event, session from orphans where session is not null
    union all
    select o.event, c.target from orphans o join refs c on c.key = o.key and c.role = 'candidate-session'
  ) named
)
select k.event, v.session, k.kind, k.value, k.weight, v.way, v.since, v.key
from orphan_keys k
join vouchers v on v.kind = k.kind and v.value = k.value and v.event <> k.event
join sessions s on s.session = v.session
where v.nth <= 2 and v.sessions <= 20 and (s.ended is null or s.ended >= k.occurred)
union all
select k.event, v.session, k.kind, k.value, k.weight, v.way, v.since, v.key
from said d
join orphan_keys k on k.event = d.event
join vouchers v on v.session = d.session and v.kind = k.kind and v.value = k.value and v.event <> k.event
where v.nth <= 2
