-- The records of sync operations, each with its operation: the first record that has the same local id stands for it.
-- Columns: key, operation (the key of that first record), local.
select r.key, o.operation, r.id as local
from records r
join (
  select id, min(key) as operation from records where contract = 'WorkspaceOperationRecord' and id is not null group by id
) o on o.id = r.id
where r.contract = 'WorkspaceOperationRecord'
