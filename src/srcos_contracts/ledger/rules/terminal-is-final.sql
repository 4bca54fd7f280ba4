-- message: what has come to a final state goes back to no other, under the same id and attempt
-- help: leave the record as it ended; take up the work again under a new attempt, or under an id of its own
-- why: Others have acted on the end. If it can be taken back, nothing is ever over, and the same work is done and counted twice.
-- scope: history
with ended as (
  select e.id, e.attempt, min(e.at) as stamp, min(e.key) as key from earlier_endings e group by e.id, e.attempt
),
standing as (
  select id, attempt from endings group by id, attempt
),
known as (
  select content from earlier_records group by content
),
pointers as (
  select contract, pointer from finals group by contract, pointer
),
back as (
  select r.key, r.contract, r.id, e.attempt, field(r.doc, '$.attempt') as written, coalesce(r.state, 'in no state') as state, e.key as before,
         row_number() over (partition by r.id, e.attempt order by r.key) as nth
  from records r
  join ended e on e.id = r.id and e.attempt = coalesce(try_cast(field(r.doc, '$.attempt') as double), 0)
  join contents c on c.key = r.key
  left join standing s on s.id = e.id and s.attempt = e.attempt
  left join known k on k.content = c.content
  where not exists (select 1 from endings f where f.key = r.key)
    -- Where the end still stands, an older record that only arrives now is no way back.
    and (s.id is null or (k.content is null and (e.stamp is null or r.at is null or r.at >= e.stamp)))
)
select concat(b.id, ' ', cast(b.attempt as string)) as breach, case when b.nth = 1 then 0 else b.nth end as rank, b.key, p.pointer,
       concat(b.id, case when b.written is null then '' else concat(', attempt ', b.written, ',') end, ' is ', b.state, ' here') as note, 'error' as level
from back b join pointers p on p.contract = b.contract
union all
select concat(b.id, ' ', cast(b.attempt as string)), 1, b.before, '', concat('it had come to its end: ', e.state), 'error'
from back b join earlier_records e on e.key = b.before
where b.nth = 1
