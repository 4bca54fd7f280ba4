-- The pull request behind an acceptance: its last state before the receipt, in the same attempt. Where there is none, evidence that the receipt
-- names may show the merge or the handoff.
select a.key as source, case when field(a.doc, '$.merge_commit_sha') is null then 'handoff' else 'merge' end as label,
       max(w.key) as target, '' as name, max(w.key) is null as missing
from records a
left join records w
  on w.contract = 'WorkLedgerEvent'
 and (field(w.doc, '$.event') in ('pull_request_opened', 'pull_request_updated') or field(w.doc, '$.evidence.pull_request_url') is not null)
 and lower(field(w.doc, '$.issue_id')) = lower(field(a.doc, '$.issue_id'))
 and try_cast(coalesce(field(w.doc, '$.attempt'), '1') as double) = try_cast(coalesce(field(a.doc, '$.attempt'), '1') as double)
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
group by a.key, a.doc
having max(w.key) is not null or not exists (select 1 from refs e where e.key = a.key and e.role = 'evidence')
