-- What an acceptance stands on: the successful runs of the same issue, attempt and session that ended before it.
select a.key as source, 'run' as label, w.key as target, '' as name, w.key is null as missing
from issue_attempts a
left join issue_attempts w
  on w.contract = 'WorkLedgerEvent'
 and w.event = 'run_finished'
 and w.outcome = 'success'
 and w.issue = a.issue
 and w.attempt = a.attempt
 and w.session = a.session
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
