-- Which session came from which, as far as both are in the set. The first record of a session stands for it.
-- Columns: source, target (sessions), key, pointer (where it is said), child, parent (the ids).
select s.session as source, t.session as target, r.key, r.pointer, s.id as child, r.target as parent
from refs r
join (select key, id, min(key) over (partition by id) as session from records where contract = 'AgentSession' and id is not null) s on s.key = r.key
join (select id, min(key) as session from records where contract = 'AgentSession' group by id) t on t.id = r.target
where r.role = 'parent-session'
