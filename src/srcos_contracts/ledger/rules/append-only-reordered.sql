-- message: the lines of a ledger stay in the order in which they were written
-- help: nothing is lost, as after a merge of two copies; to keep the order, take over the ledger as it was and append the other copy's new lines
-- why: Every line is still there, but whoever remembers how far the ledger was read goes on in the wrong place, and no digest of its beginning fits any more.
-- scope: history
select cast(key as string) as breach, 0 as rank, key, '' as pointer, concat('line ', cast(line as string), ' is another now; all earlier lines are still there') as note,
       'warning' as level
from ledgers
where not whole and kept
union all
select cast(key as string), 1, earlier_key, '', 'this is what it was', 'warning'
from ledgers
