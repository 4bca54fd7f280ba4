-- message: an issue changes state by being moved: it neither vanishes nor stands in two states
-- help: move the file to the folder of its new state, as with git mv; close an issue by moving it to a final state, not by deleting it
-- why: An issue that vanishes was neither done nor given up; one that is copied instead of moved is taken up twice.
-- scope: history
with elsewhere as (
  -- In a tracker that is new, as when its folder was renamed, issues are looked for too.
  select i.name from issues i where not exists (select 1 from earlier_issues e where e.tracker = i.tracker)
),
vanished as (
  select e.key, e.tracker, e.name, e.id, coalesce(e.state, 'no state') as state
  from earlier_issues e
  where not exists (select 1 from issues i where i.tracker = e.tracker and i.name = e.name)
    and not exists (select 1 from elsewhere o where o.name = e.name)
    and not exists (select 1 from present p where p.file = e.file)
),
told as (
  select i.key, i.tracker, i.name, i.id, coalesce(i.state, 'no state') as state, k.name is null as added
  from issues i
  left join (select tracker, name, coalesce(state, 'no state') as state from earlier_issues group by tracker, name, coalesce(state, 'no state')) k
    on k.tracker = i.tracker and k.name = i.name and k.state = coalesce(i.state, 'no state')
),
marked as (
  select key, tracker, name, id, state, added, row_number() over (partition by tracker, name, added order by key) as nth from told
)
select concat('vanished ', tracker, ' ', name) as breach, row_number() over (partition by tracker, name order by key) - 1 as rank, key, '' as pointer,
       concat(id, ' was in ', state, ', and is nowhere now') as note, 'error' as level
from vanished
union all
select concat('doubled ', m.tracker, ' ', m.name), m.nth - 1, m.key, '', concat(m.id, ' came to ', m.state, ' here'), 'error'
from marked m
where m.added and exists (select 1 from marked s where s.tracker = m.tracker and s.name = m.name and not s.added)
union all
select concat('doubled ', tracker, ' ', name), 1000000 + nth, key, '', concat('and still lies in ', state, ' here'), 'error'
from marked
where not added
