-- What a record itself says that answers for it, in one line each.
select key, 0 as rank, 'issue ' || field(doc, '$.issue_id') as fact from records where contract = 'AcceptanceReceipt'
union all
-- To read one item out of a list costs as much as to read all of it.
select key, 10 + gate as rank,
       'gate ' || coalesce(field(doc, '$.gate_outcomes[' || gate || '].gate'), '?')
       || ': ' || coalesce(field(doc, '$.gate_outcomes[' || gate || '].outcome'), '?')
       || case when field(doc, '$.gate_outcomes[' || gate || '].required') = 'false' then ', not required' else '' end as fact
from (
  select key, doc, unnest(range(least(cast(json_array_length(doc, '$.gate_outcomes') as integer), 20))) as gate
  from records where contract = 'AcceptanceReceipt'
)
union all
select key, 999 as rank, concat('and ', cast(gates - 20 as string), case when gates = 21 then ' more gate' else ' more gates' end) as fact
from (select key, cast(json_array_length(doc, '$.gate_outcomes') as integer) as gates from records where contract = 'AcceptanceReceipt')
where gates > 20
union all
select key, 1000 as rank, 'reviewer: ' || coalesce(field(doc, '$.reviewer_decision'), '?') || coalesce(' by ' || field(doc, '$.reviewer'), '') as fact
from records where contract = 'AcceptanceReceipt'
union all
select key, 1001 as rank, coalesce('merged as ' || field(doc, '$.merge_commit_sha'), 'handed over: ' || field(doc, '$.handoff_state')) as fact
from records where contract = 'AcceptanceReceipt'
union all
select key, 0 as rank, field(doc, '$.event') || coalesce(': ' || field(doc, '$.outcome'), '') as fact from records where contract = 'WorkLedgerEvent'
union all
select key, 1 as rank, 'head ' || field(doc, '$.evidence.head_sha') as fact
from records where contract = 'WorkLedgerEvent' and field(doc, '$.evidence.head_sha') is not null
union all
select key, 0 as rank, 'for ' || field(doc, '$.inputs.purpose') || coalesce(', under ' || field(doc, '$.policyId'), '') as fact
from records where contract = 'PolicyDecision'
union all
select key, 0 as rank, field(doc, '$.rationale') || coalesce(' (' || field(doc, '$.policy_id') || ')', '') as fact
from records where contract = 'PolicyDecisionRecord'
union all
select key, 0 as rank, field(doc, '$.user_explanation') as fact from records where contract = 'ConflictRecord'
union all
select key, 1 as rank, concat('card ', field(doc, '$.decision_card.card_id'), ': ', coalesce(field(doc, '$.decision_card.recommended_option'), 'nothing'),
       ' was recommended of ', replace(replace(trim(field(doc, '$.decision_card.options'), '[]'), '"', ''), ',', ', ')) as fact
from records where contract = 'ConflictRecord' and field(doc, '$.decision_card.card_id') is not null
union all
select key, 2 as rank, concat('decided: ', field(doc, '$.decision_card.selected_option'), ' by ', field(doc, '$.decision_card.selected_by'), ' at ',
       field(doc, '$.decision_card.selected_at')) as fact
from records where contract = 'ConflictRecord' and field(doc, '$.decision_card.selected_option') is not null
union all
select key, 3 as rank, field(doc, '$.decision_card.rationale') as fact from records where contract = 'ConflictRecord'
union all
select key, 0 as rank, field(doc, '$.selected_option') || ' by ' || field(doc, '$.selected_by') || ', ' || field(doc, '$.rationale') as fact
from records where contract = 'DecisionCard'
union all
select key, 0 as rank, concat(field(doc, '$.operation_type'), case when field(doc, '$.operation_type') = 'sync.checkpoint.write' then ' of ' end,
       case when field(doc, '$.operation_type') = 'sync.checkpoint.write' then field(doc, '$.checkpoint_ref') end) as fact
from records where contract = 'WorkspaceOperationRecord'
union all
select key, 0 as rank, 'attempt ' || field(doc, '$.attempt') as fact from records where contract = 'OperationTaskRecord'
union all
select key, 0 as rank, 'owned by ' || field(doc, '$.ownerRef') as fact from records where contract = 'AgentSession'
union all
select key, 0 as rank, field(doc, '$.eventClass') as fact from records where contract = 'SessionEvent'
union all
select key, 1 as rank, 'conversation ' || field(doc, '$.correlationKeys.conversationId') as fact from records where contract = 'SessionEvent'
union all
select key, 0 as rank, case r.state when 'queued' then 'may wait until ' || field(doc, '$.ttl.expiresAt') when 'recovered' then 'recovered at ' || field(doc, '$.sessionResolution.reconciledAt')
       when 'quarantined' then 'its time ran out at ' || field(doc, '$.ttl.expiresAt') end as fact
from records r where contract = 'OrphanEventReceipt'
union all
select key, 0 as rank, field(doc, '$.event') || coalesce(': ' || field(doc, '$.summary'), '') as fact from records where contract = 'AgentLedgerEvent'
