-- message: no issue waits for itself by way of others, and in a closed set what blocks an issue exists
-- help: take out of blocked_by what need not be done first, or correct the id; --assume blocker where the other issues live elsewhere
-- why: Issues that wait for one another are never begun, and one that waits for an issue that nobody has waits for ever.
-- scope: open
-- graph: blockers
with steps as (
  select c.cycle, c.place, e.key, e.pointer, e.child, e.parent,
         row_number() over (partition by c.cycle, c.place order by e.key, e.pointer) as choice
  -- The cycles of other graphs are of other records.
  from cycles c join blockers e on e.source = c.source and e.target = c.target
),
lost as (
  select b.key, b.pointer, b.child, b.parent
  from blockers b
  join scope s on s.closed
  where b.target is null
    and 'blocker' not in (select role from assumed)
    and not exists (select 1 from known k where lower(k.name) = lower(b.parent))
)
select concat('cycle ', cast(cycle as string)) as breach, place as rank, key, pointer, concat(child, ' waits for ', parent) as note, 'error' as level
from steps where choice = 1
union all
select concat('lost ', cast(key as string), ' ', parent), 0, key, pointer, concat(child, ' waits for ', parent, ', which is not in the set'), 'error'
from lost
