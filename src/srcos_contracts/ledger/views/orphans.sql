-- The receipts of events that came before their session, each with what the event's own record says where the set has it.
-- Columns: key, event (its id), state, at, session (that took it in), expires, reconciled, occurred, named (the session that the event names), digest.
with events as (
  select id, min(session) as named, min(instant(field(doc, '$.occurredAt'))) as occurred, min(field(doc, '$.rawEventDigest')) as digest
  from records
  where contract = 'SessionEvent' and id is not null
  group by id
)
select r.key, f.target as event, r.state, r.at, case when r.state = 'recovered' then r.session end as session,
       instant(field(r.doc, '$.ttl.expiresAt')) as expires, instant(field(r.doc, '$.sessionResolution.reconciledAt')) as reconciled,
       coalesce(e.occurred, instant(field(r.doc, '$.observedAt'))) as occurred, e.named,
       coalesce(field(r.doc, '$.rawEventDigest'), e.digest) as digest
from records r
join refs f on f.key = r.key and f.role = 'event'
left join events e on e.id = f.target
where r.contract = 'OrphanEventReceipt'
