-- What became of an event that came before its session.
select e.key as source, 'receipt' as label, o.key as target, '' as name, false as missing
from records e join orphans o on o.event = e.id
where e.contract = 'SessionEvent'
