-- Which records name nothing of what answers for a record: no policy decision, or no evidence. Whether they would have to, their contracts say.
select r.key, w.role, r.contract, r.version, r.parts, r.doc
from records r
cross join (select 'policy' as role union all select 'evidence') w
where not exists (select 1 from refs f where f.key = r.key and f.role = w.role)
