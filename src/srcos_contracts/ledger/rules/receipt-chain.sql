-- message: the receipts of an issue form one unbroken chain by their digests
-- help: set previous_receipt to the digest of the issue's receipt before (its integrity.value), and to null in the first; never edit a receipt that others follow
-- why: Each receipt vouches for the one before. Where the chain is broken, a receipt was changed, taken out or slipped in.
-- scope: open
with written as (
  select r.key, i.target as name, coalesce(r.digest, r.doc) as digest, lower(field(r.doc, '$.previous_receipt')) as previous,
         -- A producer that never writes the member makes no chain. Within a text the quotes would be escaped.
         r.doc like '%"previous_receipt"%' as says
  from records r join refs i on i.key = r.key and i.role = 'issue'
  where r.contract = 'AcceptanceReceipt'
),
receipts as (
  select lower(name) as issue, name, digest, previous, says, min(key) as key
  from written group by name, digest, previous, says
),
marked as (
  select issue, name, key, previous, sum(case when says then 1 else 0 end) over (partition by issue) as links from receipts
),
links as (
  select m.issue, m.name, m.key, m.previous, o.name as other, o.key as other_key,
         case when m.previous is null then 'none' when o.issue = m.issue then 'own' when o.issue is not null then 'foreign'
              when m.previous in (select lower(name) from known) then 'known' else 'lost' end as kind,
         row_number() over (partition by m.issue, m.previous order by m.key) as nth,
         count(*) over (partition by m.issue, m.previous) as followers
  from marked m left join receipts o on o.digest = m.previous
  where m.links > 0
),
strays as (
  select name, key, other, other_key from links where kind = 'foreign' and nth = 1
),
-- Where the pieces begin in which an issue's chain is. One of them is its beginning, or in an open set the first that is here.
pieces as (
  select issue, name, key, kind, row_number() over (partition by issue order by case kind when 'none' then 0 else 1 end, key) as nth
  from links where kind = 'none' or (kind = 'lost' and nth = 1)
),
broken as (
  select p.issue, p.name, p.key, p.kind, p.nth from pieces p cross join scope s where p.nth > 1 or (p.kind = 'lost' and s.closed)
)
select concat('fork ', issue, ' ', previous) as breach, case when nth = followers then 0 else nth end as rank, key, '/previous_receipt' as pointer,
       concat(case when nth = 1 then 'the first' else 'one more' end, ' receipt of ', name, ' after ', substr(previous, 1, 15)) as note, 'error' as level
from links where previous is not null and followers > 1
union all
select concat('stray ', cast(key as string)), 0, key, '/previous_receipt', concat('this is the digest of a receipt of ', other), 'error'
from strays
union all
select concat('stray ', cast(key as string)), 1, other_key, '', concat('the receipt of ', other, ' is here'), 'error'
from strays
union all
select concat('piece ', cast(key as string)), 0, key, '/previous_receipt',
       case kind when 'none' then concat('one more first receipt of ', name) else concat('no receipt of ', name, ' here has this digest') end, 'error'
from broken
union all
select concat('piece ', cast(b.key as string)), 1, p.key, '/previous_receipt', concat('the receipts of ', p.name, ' begin here'), 'error'
from broken b join pieces p on p.issue = b.issue and p.nth = 1
where b.nth > 1
