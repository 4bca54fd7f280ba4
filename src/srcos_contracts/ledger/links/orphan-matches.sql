-- By which record a recovered event and its session belong together: the first that has their strongest common key.
select o.key as source, 'matched by' as label, m.key as target, '' as name, false as missing
from orphans o
join (
  select event, session, key, row_number() over (partition by event, session order by weight desc, key) as nth from matches
) m on m.event = o.event and m.session = o.session
where m.nth = 1
