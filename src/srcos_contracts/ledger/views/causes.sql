-- Which operation follows from which, as far as both are in the set. What names itself in one record is that record's own fault.
-- Columns: source, target (operations), key, pointer (where it is said), child, parent (the names).
select o.operation as source, t.operation as target, r.key, r.pointer, o.local as child, r.target as parent
from refs r
join operations o on o.key = r.key
join operation_names t on t.name = r.target
left join names own on own.key = r.key and own.name = r.target
where r.role = 'causal-parent' and own.key is null
