-- message: what a record relies on is a decision that allows it, made before and still in force
-- help: ask for a decision first, and do what was denied only as blocked or denied; after a review, and after the end of a decision, name the decision that came of it
-- why: A record under a decision that says no, or that said nothing at the time, shows that policy was passed by.
-- scope: open
with firsts as (
  -- The first record of a decision's name counts; others are told by id-unique. A decision has ended at the instant of expiresAt.
  select n.name, min(n.key) as key
  from names n join records r on r.key = n.key
  where r.contract in ('PolicyDecision', 'PolicyDecisionRecord')
  group by n.name
),
decisions as (
  select f.name, f.key, r.contract, r.state as outcome, r.at as made, instant(field(r.doc, '$.expiresAt')) as ends
  from firsts f join records r on r.key = f.key
),
relied as (
  select x.key, x.pointer, x.target, r.at as stamp, r.contract, coalesce(r.state, '') as state, d.key as decision, d.contract as decided_by, d.outcome,
         d.made, d.ends
  from refs x
  join decisions d on d.name = x.target
  join records r on r.key = x.key
  where x.role = 'policy'
),
reasons as (
  select 'denied' as reason, key, pointer, concat(target, ' denies this') as note, decision,
         case when decided_by = 'PolicyDecision' then '/decision' else '/effect' end as place, 'the decision is deny' as says, 'error' as level
  from relied
  where outcome = 'deny'
    and state not in ('blocked_by_policy', 'denied')
    -- Work that was denied ends so; elsewhere to fail is not to be stopped.
    and (state not in ('blocked', 'failed') or contract not in ('OperationTaskRecord', 'WorkspaceOperationRecord'))
  union all
  select 'open', key, pointer, concat(target, ' asks for a review first'), decision, '/effect', 'the decision is review_required', 'warning'
  from relied where outcome = 'review_required'
  union all
  select 'late', key, pointer, concat(target, ' was decided afterwards'), decision,
         case when decided_by = 'PolicyDecision' then '/issuedAt' else '/decided_at' end, 'it was decided here', 'warning'
  from relied where made > stamp
  union all
  select 'ended', key, pointer, concat(target, ' had ended by then'), decision, '/expiresAt', 'the decision ended here', 'warning'
  from relied where ends <= stamp
)
select concat(reason, ' ', cast(key as string), ' ', pointer) as breach, 0 as rank, key, pointer, note, level from reasons
union all
select concat(reason, ' ', cast(key as string), ' ', pointer), 1, decision, place, says, level from reasons
