-- message: one id is the id of one record
-- help: give the other record an id of its own, or remove the copy; a later state of the same thing, where its contract has such, has another time or state
-- why: Whoever follows a reference to an id that two records have may read either, and the one that is read may say the opposite.
-- scope: open
-- forms: namesakes
with held as (
  select n.key, n.first, f.form = o.form as alike, row_number() over (partition by n.first order by n.key) as nth,
         count(*) over (partition by n.first) as amount, count(*) over (partition by n.first, f.form) as copies
  from namesakes n
  join forms f on f.key = n.text
  join forms o on o.key = n.first
),
torn as (
  select id from records group by id having min(contract) <> max(contract)
),
kinds as (
  select r.id, r.contract, min(r.key) as key
  from torn t join records r on r.id = t.id
  group by r.id, r.contract
),
shared as (
  select id, contract, key, count(*) over (partition by id) as amount, row_number() over (partition by id order by key) as nth
  from kinds
)
select concat('record ', cast(h.first as string)) as breach, case when h.nth = h.amount then 0 else h.nth end as rank, h.key, '' as pointer,
       concat(r.id, case when h.key = h.first then ' is first here' when h.alike then ' again, the same record' else ' again, another record' end) as note,
       -- Where not all are alike, none has as many copies as there are records.
       case when h.copies = h.amount then 'warning' else 'error' end as level
from held h join records r on r.key = h.key
union all
select concat('contract ', id), case when nth = amount then 0 else nth end, key, '', concat(id, ' is the id of a record of ', contract, ' here'), 'error'
from shared
