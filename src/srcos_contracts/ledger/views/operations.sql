-- The records of sync operations, each with its operation: the first record that has the same local id stands for it.
-- Columns: key, operation (the key of that first record), local, remote (its remote id), token (the key under which it is done once).
select key, min(key) over (partition by id) as operation, id as local, remote, token
from (
  -- Read of the text first: what is sorted and joined is small.
  select key, id, field(doc, '$.remote_operation_id') as remote, field(doc, '$.replay_idempotency_key') as token
  from records
  where contract = 'WorkspaceOperationRecord' and id is not null
) found
