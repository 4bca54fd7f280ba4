-- The records that said earlier that something had come to its end.
-- Columns: key, id, attempt (empty where the record knows none), state, at.
select e.key, e.id, coalesce(e.attempt, '') as attempt, e.state, e.at
from earlier_records e join finals f on f.contract = e.contract and f.state = e.state
