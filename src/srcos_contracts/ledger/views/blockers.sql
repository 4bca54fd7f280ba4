-- Which issue waits for which. An issue that names itself in so many letters is its own fault.
-- Columns: source, target (issues; target is null where the set has no such issue), key, pointer (where it is said), child, parent (the ids).
select i.issue as source, t.issue as target, r.key, r.pointer, i.id as child, r.target as parent
from refs r
join issues i on i.key = r.key
left join (select distinct tracker, name, issue from issues) t on t.tracker = i.tracker and t.name = lower(r.target)
where r.role = 'blocker' and r.target <> i.id
