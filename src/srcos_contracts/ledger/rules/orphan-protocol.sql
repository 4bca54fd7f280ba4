-- message: what the receipts of an event say is what the protocol of orphan events demands
-- help: attach the event to the session that it names, or that has its strongest key: conversation, then parent, task, workspace; quarantine it only after
--   ttl.expiresAt and if no session had such a key by then; name every session that has as much in common with it in candidateSessionRefs
-- why: The protocol decides in whose history an event ends. Where a receipt departs from it, the event is in another history, or in none.
-- scope: open
with latest as (
  select max(r.at) as stamp from records r
),
states as (
  select event, min(case when state = 'recovered' then key end) as recovered, min(case when state = 'quarantined' then key end) as quarantined,
         min(case when state = 'discarded_duplicate' then key end) as discarded,
         max(case when coalesce(state, '') <> 'discarded_duplicate' then 1 else 0 end) as held,
         min(case when state in ('recovered', 'quarantined') then o.at end) as settled_at
  from orphans o group by event
),
recoveries as (
  select event, session, min(key) as key from orphans where session is not null group by event, session
),
-- What the protocol had to decide: for a recovered event at its recovery, for one in quarantine at the end of its time, for one that waits now.
decisions as (
  select r.key, r.event, r.session as chosen, o.reconciled as until from recoveries r join orphans o on o.key = r.key
  union all
  select o.key, o.event, cast(null as string), o.expires from states s join orphans o on o.key = s.quarantined where s.recovered is null
  union all
  select w.key, w.event, cast(null as string), l.stamp from waiting w join latest l on w.expires > l.stamp join scope c on c.closed
),
found as (
  select d.key, d.event, d.chosen, m.session, m.kind, m.weight, m.value, m.key as voucher
  from decisions d join matches m on m.event = d.event
  -- What was recorded of the session that took the event in may have come later.
  where m.since < d.until or (m.way = 'direct' and m.session = d.chosen)
),
scores as (
  select key, event, chosen, session, sum(weight) as score
  from (select distinct key, event, chosen, session, kind, weight from found) kinds
  group by key, event, chosen, session
),
ranked as (
  select key, event, chosen, session, score, max(score) over (partition by key) as best,
         max(case when session = chosen then score end) over (partition by key) as own
  from scores
),
tops as (
  select key, event, chosen, best, own, min(session) as session, count(*) as amount
  from ranked where score = best
  group by key, event, chosen, best, own
),
-- An event that nobody took in belongs to a session if that alone has more than the workspace in common with it.
demanded as (
  select t.key, t.event, t.session, o.state,
         case when o.state <> 'queued' and (t.best >= 16 or (c.closed and o.state = 'quarantined')) then 'error' else 'warning' end as level
  from tops t
  join orphans o on o.key = t.key
  join sessions s on s.session = t.session
  cross join scope c
  where (t.chosen is null and t.amount = 1 and t.best >= 2) or t.own < t.best or (t.own is null and t.best >= 16)
),
reasons as (
  select d.key, d.session, d.level, f.kind, f.value, f.voucher, coalesce(p.pointer, '') as pointer,
         row_number() over (partition by d.key order by f.weight desc, f.voucher, f.value, p.pointer) as nth
  from demanded d
  join found f on f.key = d.key and f.session = d.session
  left join refs p on p.key = f.voucher and p.role = f.kind and p.target = f.value
),
rivals as (
  select r.key, r.event, r.session, s.key as session_key, row_number() over (partition by r.key order by s.key) as nth
  from ranked r
  join sessions s on s.session = r.session
  left join refs f on f.key = r.key and f.role = 'candidate-session' and f.target = r.session
  where r.session <> r.chosen and r.score = r.own and r.own = r.best and f.key is null
),
candidates as (
  select o.event, f.target as session, f.key, f.pointer, row_number() over (partition by o.event, f.target order by f.key, f.pointer) as nth
  from orphans o join refs f on f.key = o.key and f.role = 'candidate-session'
),
unfounded as (
  select n.event, n.session, n.key, n.pointer, s.key as session_key
  from candidates n
  join sessions s on s.session = n.session
  join scope c on c.closed
  where n.nth = 1 and not exists (select 1 from matches m where m.event = n.event and m.session = n.session)
),
reopened as (
  select o.event, min(o.key) as key from states s join orphans o on o.event = s.event
  where o.state = 'queued' and o.at > s.settled_at
  group by o.event
),
moved as (
  select event, session, key, row_number() over (partition by event order by key) as nth, count(*) over (partition by event) as amount
  from recoveries
),
late as (
  select event, min(key) as key from orphans where state = 'recovered' and reconciled > expires group by event
),
vanished as (
  select s.event, s.discarded as key
  from states s join scope c on c.closed
  where s.held = 0 and not exists (select 1 from held_elsewhere h where h.event = s.event)
)
select concat('belongs ', cast(key as string)) as breach, 0 as rank, key,
       case state when 'recovered' then '/sessionResolution/recoveredSessionRef' else '/sessionResolution/state' end as pointer,
       concat(event, case state when 'recovered' then ' is taken in here by another session than ' when 'quarantined' then ' is put in quarantine here, and belonged to '
                                else ' waits here, and belongs to ' end, session) as note, level
from demanded
union all
select concat('belongs ', cast(key as string)), 1, voucher, pointer,
       concat(session, case kind when 'session' then ', which the event names, is here' else concat(' has ', value, ' here') end), level
from reasons where nth = 1
union all
select concat('choice ', cast(key as string)), 0, key, '/sessionResolution/candidateSessionRefs', concat('another session has as much in common with ', event, ', and is not named'), 'warning'
from rivals where nth = 1
union all
select concat('choice ', cast(key as string)), nth, session_key, '', concat(session, ' is one too'), 'warning'
from rivals
union all
select concat('candidate ', event, ' ', session), 0, key, pointer, concat(session, ' has no key of ', event), 'warning'
from unfounded
union all
select concat('candidate ', event, ' ', session), 1, session_key, '', 'the session is recorded here', 'warning'
from unfounded
union all
select concat('reopened ', r.event), 0, r.key, '/sessionResolution/state', concat(r.event, ' is queued again'), 'error'
from reopened r
union all
select concat('reopened ', r.event), 1, coalesce(s.recovered, s.quarantined), '/sessionResolution/state', concat(r.event, ' had been settled here'), 'error'
from reopened r join states s on s.event = r.event
union all
select concat('moved ', event), case when nth = amount then 0 else nth end, key, '/sessionResolution/recoveredSessionRef',
       concat(event, case when nth = 1 then ' is first taken in by ' else ' is taken in by ' end, session), 'error'
from moved where amount > 1
union all
select concat('late ', event), 0, key, '/sessionResolution/reconciledAt', concat(event, ' is recovered after its time had run out'), 'warning'
from late
union all
select concat('vanished ', event), 0, key, '/sessionResolution/state', concat(event, ' is dropped as a copy, and nothing here holds the first'), 'error'
from vanished
