-- message: causal parents form no cycle, and in a closed set they exist
-- help: take out of causal_parent_ids what did not come before the operation, or add the record of the parent; --assume causal-parent where parents live elsewhere
-- why: Operations are replayed parents first. In a cycle none can be the first, and after a parent that nobody has none can follow.
-- scope: open
-- graph: causes
with steps as (
  select c.cycle, c.place, e.key, e.pointer, e.child, e.parent,
         row_number() over (partition by c.cycle, c.place order by e.key, e.pointer) as choice
  -- The cycles of other graphs are of other records.
  from cycles c join causes e on e.source = c.source and e.target = c.target
),
lost as (
  select o.operation, r.target, o.local, r.key, r.pointer,
         row_number() over (partition by o.operation, r.target order by r.key) as choice
  from refs r
  join operations o on o.key = r.key
  join scope s on s.closed
  where r.role = 'causal-parent'
    and r.role not in (select role from assumed)
    and not exists (select 1 from known k where k.name = r.target)
    and not exists (select 1 from names n where n.name = r.target)
)
select concat('cycle ', cast(cycle as string)) as breach, place as rank, key, pointer, concat(child, ' follows from ', parent) as note, 'error' as level
from steps where choice = 1
union all
select concat('lost ', cast(operation as string), ' ', target), 0, key, pointer,
       concat(local, ' follows from ', target, ', which is not in the set'), 'error'
from lost where choice = 1
