-- The events that a session has without their receipts: the session that they name is known, or another event holds the same bytes.
-- Columns: event, twin (the other event, or null where its own session is known).
with copies as (
  select field(doc, '$.rawEventDigest') as digest, min(id) as first, max(id) as last
  from records
  where contract = 'SessionEvent' and field(doc, '$.rawEventDigest') is not null
  group by field(doc, '$.rawEventDigest')
)
select distinct o.event, cast(null as string) as twin
from orphans o
left join sessions s on s.session = o.named
left join known k on k.name = o.named
where s.session is not null or k.name is not null or (o.named is not null and 'session' in (select role from assumed))
union all
select distinct o.event, case when c.first <> o.event then c.first else c.last end
from orphans o join copies c on c.digest = o.digest
where c.first <> o.event or c.last <> o.event
