-- What a record should name and does not: the policy decision that allowed it, and its evidence.
select r.key as source, w.role as label, cast(null as bigint) as target, '' as name, true as missing
from records r
cross join (select 'policy' as role union all select 'evidence') w
where r.contract in ('AcceptanceReceipt', 'BrowserAutomationReceipt', 'CapabilityLedger', 'GitWorkspaceState', 'OperationTaskRecord',
                     'OrphanEventReceipt', 'RuntimeInstallReceipt', 'SessionEvent', 'WorkspaceOperationRecord')
  -- An acceptance may stand on its gates and reviewer without a policy, and an attempt that has not begun has shown nothing yet.
  and not (r.contract = 'AcceptanceReceipt' and w.role = 'policy')
  and not (r.contract = 'OperationTaskRecord' and w.role = 'evidence')
  and not exists (select 1 from refs f where f.key = r.key and f.role = w.role)
