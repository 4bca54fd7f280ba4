-- message: an issue lies in one place, in the folder of its one state
-- help: keep the file in the folder of the state that the issue is in, and remove the other; ids that differ only in case are the same id
-- why: An issue in two states is taken up twice, or counted as done while somebody works on it.
-- scope: open
with counted as (
  select key, issue, id, coalesce(state, 'no state') as state, count(*) over (partition by issue) as amount,
         row_number() over (partition by issue order by key) as nth
  from issues
)
select cast(issue as string) as breach, case when nth = amount then 0 else nth end as rank, key, '' as pointer,
       concat(id, ' lies in ', state, ' here') as note, 'error' as level
from counted where amount > 1
