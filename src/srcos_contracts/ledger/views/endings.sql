-- The records that say that something came to its end.
-- Columns: key, id, attempt (its number; 0 where the record knows none).
select r.key, r.id, coalesce(try_cast(field(r.doc, '$.attempt') as double), 0) as attempt
from records r join finals f on f.contract = r.contract and f.state = r.state
