-- The records that said earlier that something had come to its end.
-- Columns: key, id, attempt (its number; 0 where the record knows none), state, at.
select e.key, e.id, coalesce(try_cast(e.attempt as double), 0) as attempt, e.state, e.at
from earlier_records e join finals f on f.contract = e.contract and f.state = e.state
