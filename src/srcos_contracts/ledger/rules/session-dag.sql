-- message: parent sessions form no cycle
-- help: take parentSessionRef out of the session that was there first, or correct it
-- why: In a cycle no session was the first, so nobody can say who began the work and on whose behalf.
-- scope: open
-- graph: parents
with steps as (
  select c.cycle, c.place, e.key, e.pointer, e.child, e.parent,
         row_number() over (partition by c.cycle, c.place order by e.key) as choice
  -- The cycles of other graphs are of other records.
  from cycles c join parents e on e.source = c.source and e.target = c.target
)
select concat('cycle ', cast(cycle as string)) as breach, place as rank, key, pointer, concat(child, ' came from ', parent) as note, 'error' as level
from steps where choice = 1
