-- The records that say that something came to its end.
-- Columns: key, id, attempt (empty where the record knows none).
select r.key, r.id, coalesce(field(r.doc, '$.attempt'), '') as attempt
from records r join finals f on f.contract = r.contract and f.state = r.state
