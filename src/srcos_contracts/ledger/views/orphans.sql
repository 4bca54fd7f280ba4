-- The receipts of events that came before their session, each with what the event's own record says where the set has it.
-- Columns: key, event (its id), state, at, session (that took it in), expires, reconciled, occurred, named (the session that the event names), digest.
with events as (
  select id, min(session) as named, min(instant(field(doc, '$.occurredAt'))) as occurred, min(field(doc, '$.rawEventDigest')) as digest
  from records
  where contract = 'SessionEvent' and id is not null
  group by id
),
receipts as (
  -- A text that is joined with others is held: what is read of it is taken out first.
  select r.key, r.state, r.at as stamp, case when r.state = 'recovered' then r.session end as session,
         instant(field(r.doc, '$.ttl.expiresAt')) as expires, instant(field(r.doc, '$.sessionResolution.reconciledAt')) as reconciled,
         instant(field(r.doc, '$.observedAt')) as observed, field(r.doc, '$.rawEventDigest') as digest
  from records r
  where r.contract = 'OrphanEventReceipt'
)
select r.key, f.target as event, r.state, r.stamp as at, r.session, r.expires, r.reconciled, coalesce(e.occurred, r.observed) as occurred, e.named,
       coalesce(r.digest, e.digest) as digest
from receipts r
join refs f on f.key = r.key and f.role = 'event'
left join events e on e.id = f.target
