-- The records of sync operations, each with its operation: the first record that has the same local id stands for it.
-- Columns: key, operation (the key of that first record), local.
select key, min(key) over (partition by id) as operation, id as local
from records
where contract = 'WorkspaceOperationRecord' and id is not null
