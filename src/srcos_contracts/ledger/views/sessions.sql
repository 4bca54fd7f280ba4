-- The sessions that the set has, each from its first record on.
-- Columns: session, key (of the first record), began, ended (null while nothing says that it has).
select id as session, min(key) as key, min(r.at) as began, max(instant(field(doc, '$.time.endedAt'))) as ended
from records r
where contract = 'AgentSession' and id is not null
group by id
