-- The pull request behind an acceptance: its last state before the receipt, in the same attempt. Where there is none, evidence that the receipt
-- names may show the merge or the handoff.
select a.key as source, case when a.merged is null then 'handoff' else 'merge' end as label,
       max(w.key) as target, '' as name, max(w.key) is null as missing
from issue_attempts a
left join issue_attempts w
  on w.contract = 'WorkLedgerEvent'
 and (w.event in ('pull_request_opened', 'pull_request_updated') or w.request is not null)
 and w.issue = a.issue
 and w.attempt = a.attempt
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
group by a.key, a.merged
having max(w.key) is not null or not exists (select 1 from refs e where e.key = a.key and e.role = 'evidence')
