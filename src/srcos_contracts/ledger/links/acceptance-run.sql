-- What an acceptance stands on: the successful run of the same issue, attempt and session that ended before it.
select a.key as source, 'run' as label, w.key as target, '' as name, case when w.key is null then true else false end as missing
from records a
left join records w
  on w.contract = 'WorkLedgerEvent'
 and field(w.doc, '$.event') = 'run_finished'
 and field(w.doc, '$.outcome') = 'success'
 and field(w.doc, '$.issue_id') = field(a.doc, '$.issue_id')
 and coalesce(field(w.doc, '$.attempt'), '') = coalesce(field(a.doc, '$.attempt'), '')
 and w.session = a.session
 and w.at <= a.at
where a.contract = 'AcceptanceReceipt'
