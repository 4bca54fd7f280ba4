-- message: an attempt at an issue is accepted once
-- help: keep the acceptance that was issued first; work that was done again has an attempt of its own
-- why: Two acceptances of one attempt leave open which gates, which reviewer and which merge count.
-- scope: open
with acceptances as (
  select r.key, r.contract, lower(i.target) as issue, i.target as name, coalesce(field(r.doc, '$.attempt'), '1') as written,
         coalesce(r.digest, r.id, r.doc) as content
  from records r join refs i on i.key = r.key and i.role = 'issue'
  where r.contract = 'AcceptanceReceipt' or (r.contract = 'WorkLedgerEvent' and field(r.doc, '$.event') = 'accepted')
),
firsts as (
  -- Copies are no second acceptance; those that have an id are told by id-unique. The null attempt is the first one.
  select contract, issue, try_cast(written as double) as attempt, content, min(key) as key
  from acceptances where try_cast(written as double) is not null
  group by contract, issue, try_cast(written as double), content
),
counted as (
  select key, concat(contract, ' ', issue, ' ', cast(attempt as string)) as breach, count(*) over (partition by contract, issue, attempt) as amount,
         row_number() over (partition by contract, issue, attempt order by key) as nth
  from firsts
)
select c.breach, case when c.nth = c.amount then 0 else c.nth end as rank, c.key, '' as pointer,
       concat('attempt ', a.written, ' at ', a.name, case when c.nth = 1 then ' is accepted first here' else ' is accepted once more here' end) as note,
       'error' as level
from counted c join acceptances a on a.key = c.key
where c.amount > 1
