-- The workers' attempts at an operation.
select n.key as source, 'task' as label, t.key as target, '' as name, false as missing
from records t
join refs f on f.key = t.key and f.role = 'operation'
join names n on n.name = f.target
where t.contract = 'OperationTaskRecord'
