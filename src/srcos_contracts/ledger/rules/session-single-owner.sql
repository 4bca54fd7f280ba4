-- message: all records that name an owner for one session, and for one tab of it, name the same owner
-- help: decide who owns the session, and correct the records that say otherwise
-- why: Two owners of one session can each believe that they may steer it, and nobody can say who answers for what it did.
-- scope: open
with claims as (
  select r.key, r.session, r.owner, coalesce(t.target, '') as tab
  from records r left join refs t on t.key = r.key and t.role = 'tab'
  where r.session is not null and r.owner is not null
),
firsts as (
  select session, tab, owner, min(key) as key
  from claims group by session, tab, owner
),
counted as (
  select session, tab, owner, key, count(*) over (partition by session, tab) as owners,
         row_number() over (partition by session, tab order by key) as nth
  from firsts
),
disputed as (
  select session, tab, owner, key, owners, nth from counted where owners > 1
),
places as (
  -- A record's owner is the first that it names.
  select d.key, min(o.pointer) as pointer
  from disputed d join refs o on o.key = d.key and o.role = 'owner'
  group by d.key
)
select concat(d.session, ' ', d.tab) as breach, case when d.nth = d.owners then 0 else d.nth end as rank, d.key, coalesce(p.pointer, '') as pointer,
       case when d.nth = 1 then concat('first owner here: ', d.owner)
            when d.tab = '' then concat(d.session, ' is owned by ', d.owner, ' here')
            else concat(d.session, ', tab ', d.tab, ', is owned by ', d.owner, ' here') end as note,
       'error' as level
from disputed d left join places p on p.key = d.key
