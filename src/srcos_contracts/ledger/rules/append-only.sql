-- message: a ledger only grows: what it said before stands unchanged at its beginning
-- help: restore the ledger as it was, and append what is to be said now; what was wrong is corrected by a further line
-- why: A ledger that can be rewritten proves nothing: whoever changes a line can change what happened.
-- scope: history
select cast(key as string) as breach, 0 as rank, case when now is null then earlier_key else key end as key, '' as pointer,
       case when now is null then concat('the ledger is gone; it had ', cast(lines as string), case when lines = 1 then ' line' else ' lines' end)
            when now_lines < line then concat('the ledger ends here, after ', cast(now_lines as string), ' of ', cast(lines as string), ' lines')
            when ends = '' then concat('line ', cast(line as string), ' has lost the line break at its end')
            when ends is not null
              then concat('line ', cast(line as string), ' ends in ', ends, ' now, and did in ', case when ends = 'LF' then 'CR LF' else 'LF' end)
            else concat('line ', cast(line as string), ' is not what it was') end as note,
       'error' as level
from ledgers
where not kept
union all
select cast(key as string), 1, earlier_key, '', case when now_lines < line then 'this came next' else 'this is what it was' end, 'error'
from ledgers
where now is not null
