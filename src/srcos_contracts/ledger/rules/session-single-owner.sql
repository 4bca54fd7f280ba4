-- message: all records that name an owner for one session, and for one tab of it, name the same owner
-- help: decide who owns the session, and correct the records that say otherwise
-- why: Two owners of one session can each believe that they may steer it, and nobody can say who answers for what it did.
-- scope: open
with claims as (
  select r.key, r.session, r.owner, coalesce(t.target, '') as tab
  from records r left join refs t on t.key = r.key and t.role = 'tab'
  where r.session is not null and r.owner is not null
),
named as (
  select session, tab, owner, min(key) as key
  from claims group by session, tab, owner
),
disputed as (
  select session, tab from named group by session, tab having count(*) > 1
),
ranked as (
  select n.session, n.tab, n.owner, n.key, row_number() over (partition by n.session, n.tab order by n.key) as place
  from named n join disputed d on d.session = n.session and d.tab = n.tab
)
select session || ' ' || tab as breach,
       case when place = 2 then 0 when place = 1 then 1 else place end as rank,
       ranked.key,
       coalesce((select min(pointer) from refs o where o.key = ranked.key and o.role = 'owner' and o.target = ranked.owner), '') as pointer,
       case when place = 1 then 'first owner here: ' || owner
            when tab = '' then session || ' is owned by ' || owner || ' here'
            else session || ', tab ' || tab || ', is owned by ' || owner || ' here' end as note,
       'error' as level
from ranked
