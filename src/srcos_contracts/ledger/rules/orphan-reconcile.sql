-- message: a recovered event has a correlation key in common with its session, and no event is both recovered and in quarantine
-- help: attach the event to the session that has its conversation, parent, task or workspace, or correct correlationKeys; write no further receipt
--   for an event that was recovered or put in quarantine
-- why: An event that is attached without a common key is a guess in that session's history, and one that is also locked away is counted twice.
-- scope: open
with recoveries as (
  select event, session, min(key) as key from orphans group by event, session
),
reasons as (
  -- Events that were recovered into the session vouch for those that were recovered, or at the same time were written, after them.
  select r.key
  from recoveries r
  join orphans o on o.key = r.key
  join matches m on m.event = r.event and m.session = r.session
  where m.way = 'direct' or m.since < o.reconciled or (m.since = o.reconciled and least(m.key, r.key) = m.key)
  group by r.key
),
described as (
  select session, kind from session_keys
  where way = 'direct' and kind in ('conversation', 'task', 'workspace')
  group by session, kind
),
contradicted as (
  select r.key
  from recoveries r join orphan_keys k on k.event = r.event join described d on d.session = r.session and d.kind = k.kind
  group by r.key
),
guesses as (
  -- Only in a closed set does it mean an error that nothing here is common to them.
  select r.key, r.event, r.session, s.key as session_key, case when c.closed and s.key is not null then 'error' else 'warning' end as level
  from recoveries r
  left join sessions s on s.session = r.session
  left join reasons y on y.key = r.key
  left join contradicted x on x.key = r.key
  cross join scope c
  where y.key is null and (x.key is not null or (c.closed and s.key is not null))
),
settled as (
  select event, min(case when state = 'recovered' then key end) as recovered, min(case when state = 'quarantined' then key end) as quarantined
  from orphans group by event
),
torn as (
  select event, recovered, quarantined from settled where recovered is not null and quarantined is not null
)
select concat('guess ', cast(key as string)) as breach, 0 as rank, key, '/sessionResolution/recoveredSessionRef' as pointer,
       concat('nothing here that belongs to ', session, ' has a key of ', event) as note, level
from guesses
union all
select concat('guess ', cast(key as string)), 1, session_key, '', 'the session is recorded here', level
from guesses where session_key is not null
union all
select concat('both ', event), 0, quarantined, '/sessionResolution/state', concat(event, ' is in quarantine here'), 'error'
from torn
union all
select concat('both ', event), 1, recovered, '/sessionResolution/recoveredSessionRef', concat(event, ' is recovered here'), 'error'
from torn
