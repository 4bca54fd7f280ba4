-- The receipts by which work on an issue was accepted; the issue itself need be no record.
select i.key as source, 'accepted by' as label, a.key as target, '' as name, false as missing
from records i
join records a on a.contract = 'AcceptanceReceipt' and lower(field(a.doc, '$.issue_id')) = lower(field(i.parts, '$.id'))
where i.contract = 'TrackerIssue'
