-- message: at any time a capability has one state in a session, and nothing is active under one that is neither enabled nor degraded
-- help: let one place negotiate the capability, and write its state once; end what is active when the capability is blocked or fails
-- why: Where two ledgers disagree each side acts on its own, and what goes on under a blocked capability is what the block was to stop.
-- scope: open
with ledgers as (
  select r.key, c.target as capability, coalesce(r.session, '') as session, r.at as stamp, r.state
  from records r join refs c on c.key = r.key and c.role = 'capability-name'
  where r.at is not null and r.state is not null
),
sides as (
  select capability, session, stamp, state, min(key) as key from ledgers group by capability, session, stamp, state
),
counted as (
  select capability, session, stamp, state, key, count(*) over (partition by capability, session, stamp) as amount,
         row_number() over (partition by capability, session, stamp order by key) as nth
  from sides
),
moments as (
  select capability, session, stamp, min(key) as key, max(case when state in ('enabled', 'degraded') then 1 else 0 end) as usable
  from sides group by capability, session, stamp
),
named as (
  select n.name, min(n.key) as key from names n join ledgers l on l.key = n.key group by n.name
),
active as (
  select r.key, x.pointer, l.capability, l.session, r.at as stamp
  from records r
  join refs x on x.key = r.key and x.role = 'capability'
  join named n on n.name = x.target
  join ledgers l on l.key = n.key
  where r.state = 'active' and r.at is not null
),
-- A receipt's ledger is, of those of the capability and session of the one that it names, the latest that was captured no later than the
-- receipt; where all were captured later, the earliest. Ledgers of one instant count as one, which allows what any of them allows.
-- Both stand in one order, so that no receipt is compared with all ledgers.
timeline as (
  select key, pointer, capability, session, stamp, null as moment from active
  union all
  select null, null, capability, session, stamp, stamp from moments
),
placed as (
  select key, pointer, capability, session,
         coalesce(max(moment) over (partition by capability, session order by stamp), min(moment) over (partition by capability, session)) as moment
  from timeline
),
barred as (
  select p.key, p.pointer, p.capability, m.key as ledger, l.state
  from placed p
  join moments m on m.capability = p.capability and m.session = p.session and m.stamp = p.moment
  join ledgers l on l.key = m.key
  where p.key is not null and m.usable = 0
)
select concat('state ', capability, ' ', session, ' ', cast(stamp as string)) as breach, case when nth = amount then 0 else nth end as rank, key,
       '/effectiveState' as pointer, concat(capability, ' has the state ', state, ' here') as note, 'error' as level
from counted where amount > 1
union all
select concat('active ', cast(key as string)), 0, key, pointer, concat('active, while ', capability, ' has the state ', state), 'error'
from barred
union all
select concat('active ', cast(key as string)), 1, ledger, '/effectiveState', concat(capability, ' has the state ', state, ' here'), 'error'
from barred
