-- message: a reference leads to a record of the contract that it is typed for
-- help: name the record that is meant; where the id is right, the record that has it is of the wrong contract, or has another's id
-- why: A decision that turns out to be a receipt decided nothing, and whoever follows the reference reads members that are not there.
-- scope: open
with meant as (
  select target, types from refs where types <> '' group by target, types
),
astray as (
  select m.target, m.types, min(n.key) as other
  from meant m
  join names n on n.name = m.target
  join records r on r.key = n.key
  group by m.target, m.types
  having max(case when m.types like concat('%,', r.contract, ',%') then 1 else 0 end) = 0
),
found as (
  select x.key, x.pointer, a.target, a.other, o.contract, replace(substr(a.types, 2, length(a.types) - 2), ',', ' or ') as wanted
  from astray a
  join records o on o.key = a.other
  join refs x on x.target = a.target and x.types = a.types
)
select concat(cast(key as string), ' ', pointer) as breach, 0 as rank, key, pointer,
       concat(target, ' is of ', contract, ', not of ', wanted) as note, 'error' as level
from found
union all
select concat(cast(key as string), ' ', pointer), 1, other, '', concat(target, ' is here'), 'error'
from found
