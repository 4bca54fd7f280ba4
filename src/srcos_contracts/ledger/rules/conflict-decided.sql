-- message: an operation that is reconciled or settles a conflict comes after the decision of each conflict that it names
-- help: decide the conflict first, and update the operation afterwards; an operation that waits for the decision is queued or blocked
-- why: What is done before the decision was nobody's choice, and the card that is written afterwards only makes it look like one.
-- scope: closed
with acting as (
  select r.key, r.id, r.at as stamp from records r
  where contract = 'WorkspaceOperationRecord'
    and (state = 'reconciled'
      or (field(doc, '$.operation_type') in ('sync.operation.reconcile', 'sync.conflict.resolve')
        and coalesce(state, '') not in ('queued', 'blocked', 'failed', 'cancelled')))
),
decided as (
  select id, min(key) as key, min(instant(field(doc, '$.decision_card.selected_at'))) as stamp
  from records where contract = 'ConflictRecord'
  group by id
),
early as (
  select a.key, a.id, r.pointer, r.target, d.key as conflict, d.stamp is null as undecided
  from acting a
  join refs r on r.key = a.key and r.role = 'conflict'
  join decided d on d.id = r.target
  where d.stamp is null or d.stamp > a.stamp
)
select concat(cast(key as string), ' ', target) as breach, 0 as rank, key, pointer,
       case when undecided then concat(target, ' is not decided') else concat(target, ' was decided after this update') end as note, 'error' as level
from early
union all
select concat(cast(key as string), ' ', target), 1, conflict, case when undecided then '' else '/decision_card/selected_at' end,
       case when undecided then concat(target, ' has no card with a time of decision') else concat(target, ' is decided here') end, 'error'
from early
