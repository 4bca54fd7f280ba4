-- The issues that lie in a tracker. Ids are compared without regard to case, and within the folder that holds the states.
-- Columns: key, tracker, name (the id in lower case), id, state, issue (the key of the first file of that id).
select key, tracker, name, id, state, min(key) over (partition by tracker, name) as issue
from (
  -- An issue has no name but the one that its path gives it.
  select r.key, lower(n.name) as name, n.name as id, field(r.parts, '$.state') as state,
         regexp_replace(r.path, case when field(r.parts, '$.state') is null then '[^/]*$' else '[^/]*/[^/]*$' end, '') as tracker
  from records r join names n on n.key = r.key
  where r.contract = 'TrackerIssue'
) found
