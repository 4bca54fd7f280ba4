-- The names of sync operations, local and other. A name that several operations have counts for the first of them.
-- Columns: name, operation.
select n.name, min(o.operation) as operation
from names n join operations o on o.key = n.key
group by n.name
