-- What an acceptance stands on: the successful runs of the same issue, attempt and session that ended before it.
select a.key as source, 'run' as label, w.key as target, '' as name, w.key is null as missing
from records a
left join records w
  on w.contract = 'WorkLedgerEvent'
 and field(w.doc, '$.event') = 'run_finished'
 and field(w.doc, '$.outcome') = 'success'
 and lower(field(w.doc, '$.issue_id')) = lower(field(a.doc, '$.issue_id'))
 and try_cast(coalesce(field(w.doc, '$.attempt'), '1') as double) = try_cast(coalesce(field(a.doc, '$.attempt'), '1') as double)
 and w.session = a.session
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
