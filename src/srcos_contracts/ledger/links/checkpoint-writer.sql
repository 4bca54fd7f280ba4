-- The operation that wrote the checkpoint on which another operation, or a worker's attempt at one, stands.
select f.key as source, 'checkpoint' as label, w.key as target, '' as name, false as missing
from refs f
join refs c on c.target = f.target and c.role = 'checkpoint' and c.key <> f.key
join records w on w.key = c.key
where f.role = 'checkpoint' and w.contract = 'WorkspaceOperationRecord' and field(w.doc, '$.operation_type') = 'sync.checkpoint.write'
