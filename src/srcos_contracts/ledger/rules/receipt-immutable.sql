-- message: a receipt that was issued is never edited or removed
-- help: restore the receipt as it was; say what has changed in a receipt of its own. A receipt may be moved to another file
-- why: Others have relied on what the receipt said. One that changes afterwards, or vanishes, vouches for nothing.
-- scope: history
with gone as (
  -- A receipt is known again by its name; one without, by its place.
  select e.key, e.id, e.file, coalesce(e.id, concat(e.file, ' ', cast(e.line as string))) as who
  from earlier_records e join issued i on i.contract = e.contract
  where not exists (select 1 from contents c where c.content = e.content)
),
fresh as (
  select r.key, r.id, coalesce(r.id, concat(r.file, ' ', cast(r.line as string))) as who
  from records r join contents c on c.key = r.key
  where not exists (select 1 from earlier_records e where e.content = c.content)
),
ranked as (
  select key, id, who, row_number() over (partition by who order by key) as nth from fresh
)
select concat('edited ', r.who) as breach, case when r.nth = 1 then 0 else r.nth end as rank, r.key, '' as pointer,
       concat(coalesce(r.id, 'the receipt'), ' says something else now') as note, 'error' as level
from ranked r
where exists (select 1 from gone g where g.who = r.who)
union all
select concat('edited ', who), 1, key, '', 'it was issued like this', 'error'
from gone
union all
select concat('removed ', g.file), row_number() over (partition by g.file order by g.key) - 1, g.key, '', concat(coalesce(g.id, 'this receipt'), ' is gone'), 'error'
from gone g
where not exists (select 1 from fresh f where f.who = g.who)
