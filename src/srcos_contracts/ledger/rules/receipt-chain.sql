-- message: the receipts of an issue form one unbroken chain by their digests
-- help: set previous_receipt to the digest of the issue's receipt before (its integrity.value), and to null in the first; never edit a receipt that others follow
-- why: Each receipt vouches for the one before. Where the chain is broken, a receipt was changed, taken out or slipped in.
-- scope: open
with receipts as (
  select lower(i.target) as issue, min(i.target) as name, coalesce(r.digest, r.doc) as digest, min(r.key) as key,
         min(lower(field(r.doc, '$.previous_receipt'))) as previous,
         -- A producer that never writes the member makes no chain. Within a text the quotes would be escaped.
         max(case when r.doc like '%"previous_receipt"%' then 1 else 0 end) as says
  from records r join refs i on i.key = r.key and i.role = 'issue'
  where r.contract = 'AcceptanceReceipt'
  group by lower(i.target), coalesce(r.digest, r.doc)
),
marked as (
  select issue, name, key, previous, max(says) over (partition by issue) as says from receipts
),
owners as (
  select digest, min(issue) as issue, min(name) as name, min(key) as key from receipts group by digest
),
links as (
  select m.issue, m.name, m.key, m.previous, o.name as other, o.key as other_key,
         case when m.previous is null then 'none' when o.issue = m.issue then 'own' when o.issue is not null then 'foreign'
              when k.name is not null then 'known' else 'lost' end as kind,
         row_number() over (partition by m.issue, m.previous order by m.key) as nth,
         count(*) over (partition by m.issue, m.previous) as followers
  from marked m
  left join owners o on o.digest = m.previous
  left join (select distinct lower(name) as name from known) k on k.name = m.previous
  where m.says = 1
),
-- Where the pieces begin in which an issue's chain is. One of them is its beginning, or in an open set the first that is here.
pieces as (
  select issue, name, key, kind, row_number() over (partition by issue order by case kind when 'none' then 0 else 1 end, key) as nth
  from links where kind = 'none' or (kind = 'lost' and nth = 1)
),
broken as (
  select p.issue, p.name, p.key, p.kind, p.nth from pieces p cross join scope s where p.nth > 1 or (p.kind = 'lost' and s.closed)
)
select concat('fork ', issue, ' ', previous) as breach, case nth when 1 then 1 when 2 then 0 else nth end as rank, key, '/previous_receipt' as pointer,
       concat(case when nth = 1 then 'the first' else 'one more' end, ' receipt of ', name, ' after ', substr(previous, 1, 15)) as note, 'error' as level
from links where previous is not null and followers > 1
union all
select concat('foreign ', cast(key as string)), 0, key, '/previous_receipt', concat('this is the digest of a receipt of ', other), 'error'
from links where kind = 'foreign' and nth = 1
union all
select concat('foreign ', cast(key as string)), 1, other_key, '', concat('the receipt of ', other, ' is here'), 'error'
from links where kind = 'foreign' and nth = 1
union all
select concat('piece ', cast(key as string)), 0, key, '/previous_receipt',
       case kind when 'none' then concat('one more first receipt of ', name) else concat('no receipt of ', name, ' here has this digest') end, 'error'
from broken
union all
select concat('piece ', cast(b.key as string)), 1, p.key, '/previous_receipt', concat('the receipts of ', p.name, ' begin here'), 'error'
from broken b join pieces p on p.issue = b.issue and p.nth = 1
where b.nth > 1
