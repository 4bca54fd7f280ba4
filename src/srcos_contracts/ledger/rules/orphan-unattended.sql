-- message: an event whose session is unknown has a receipt that says what became of it, and waits no longer than its time
-- help: queue the event and write its OrphanEventReceipt; once ttl.expiresAt has passed, which is judged by the latest time of any record of the set,
--   write the receipt that says recovered or quarantined
-- why: An event without a session is in nobody's history. Unless somebody answers for it, it is lost and nobody knows.
-- scope: closed
with attached as (
  select id from records
  where session in (select session from sessions) or session in (select name from known)
    or (session is not null and 'session' in (select role from assumed))
  group by id
),
attended as (
  select event from orphans group by event
),
lost as (
  -- Copies of an event are told by id-unique.
  select n.name as id, min(n.key) as key
  from names n
  join records r on r.key = n.key
  left join attached a on a.id = n.name
  left join attended o on o.event = n.name
  where r.contract = 'SessionEvent' and a.id is null and o.event is null
  group by n.name
),
latest as (
  select max(r.at) as stamp from records r
),
-- Which record says what time it is, for a clock that went wrong makes every wait too long.
moment as (
  select l.stamp, min(r.key) as key from latest l join records r on r.at = l.stamp group by l.stamp
),
overdue as (
  select w.event, w.key, m.key as latest from waiting w join moment m on m.stamp >= w.expires
)
select concat('event ', l.id) as breach, 0 as rank, l.key, '/sessionRef' as pointer,
       concat(l.id, case when r.session is null then ' has no session' else ' has a session that is not in the set' end, ', and no receipt') as note,
       'error' as level
from lost l join records r on r.key = l.key
union all
select concat('wait ', event), 0, key, '/ttl/expiresAt', concat(event, ' still waits, and its time has run out'), 'error'
from overdue
union all
select concat('wait ', event), 1, latest, '', 'this record has the latest time, by which it is judged', 'error'
from overdue
