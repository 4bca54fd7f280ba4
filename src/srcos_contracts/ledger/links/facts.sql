-- What a record itself says that answers for it, in one line each.
select key, 0 as rank, 'issue ' || field(doc, '$.issue_id') as fact from records where contract = 'AcceptanceReceipt'
union all
select key, 10 + gate as rank,
       'gate ' || coalesce(field(doc, '$.gate_outcomes[' || gate || '].gate'), '?')
       || ': ' || coalesce(field(doc, '$.gate_outcomes[' || gate || '].outcome'), '?')
       || case when field(doc, '$.gate_outcomes[' || gate || '].required') = 'false' then ', not required' else '' end as fact
from (select key, doc, unnest(range(cast(json_array_length(doc, '$.gate_outcomes') as integer))) as gate from records where contract = 'AcceptanceReceipt')
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
select key, 0 as rank, field(doc, '$.decision') || coalesce(' for ' || field(doc, '$.inputs.purpose'), '') as fact
from records where contract = 'PolicyDecision'
union all
select key, 0 as rank, field(doc, '$.effect') || ': ' || field(doc, '$.rationale') as fact from records where contract = 'PolicyDecisionRecord'
union all
select key, 0 as rank, 'decided: ' || field(doc, '$.decision_card.selected_option') || ' by ' || field(doc, '$.decision_card.selected_by')
       || ', ' || field(doc, '$.decision_card.rationale') as fact
from records where contract = 'ConflictRecord'
union all
select key, 0 as rank, field(doc, '$.selected_option') || ' by ' || field(doc, '$.selected_by') || ', ' || field(doc, '$.rationale') as fact
from records where contract = 'DecisionCard'
union all
select key, 0 as rank, field(doc, '$.operation_type') as fact from records where contract in ('WorkspaceOperationRecord', 'OperationTaskRecord')
union all
select key, 0 as rank, field(doc, '$.eventClass') as fact from records where contract in ('SessionEvent', 'OrphanEventReceipt')
union all
select key, 0 as rank, field(doc, '$.event') || coalesce(': ' || field(doc, '$.summary'), '') as fact from records where contract = 'AgentLedgerEvent'
