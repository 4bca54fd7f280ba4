-- Records that share an id with others of their contract; of a series, those that share the time and the state too.
-- Columns: key, first (the key of the first of those that it shares them with), text (that of the first of them with the same text).
with told as (
  select r.key, r.id, r.contract, case when r.series then concat(coalesce(cast(r.at as string), ''), ' ', coalesce(r.state, '')) else '' end as moment
  from records r
),
shared as (
  select id, contract, moment, min(key) as first from told group by id, contract, moment having count(*) > 1
)
select t.key, s.first, min(t.key) over (partition by s.first, r.doc) as text
from shared s
join told t on t.id = s.id and t.contract = s.contract and t.moment = s.moment
join records r on r.key = t.key
