-- The pull request behind an acceptance: its last state before the receipt.
select a.key as source, 'merge' as label, max(w.key) as target, '' as name, false as missing
from records a
join records w
  on w.contract = 'WorkLedgerEvent'
 and field(w.doc, '$.event') in ('pull_request_opened', 'pull_request_updated')
 and field(w.doc, '$.issue_id') = field(a.doc, '$.issue_id')
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
group by a.key
