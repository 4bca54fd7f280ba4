-- The issues that lie in a tracker. Ids are compared without regard to case, and within the folder that holds the states.
-- Columns: key, tracker, name (the id in lower case), id, state, issue (the key of the first file of that id).
select key, tracker, name, id, state, min(key) over (partition by tracker, name) as issue
from (
  select key, lower(field(parts, '$.id')) as name, field(parts, '$.id') as id, field(parts, '$.state') as state,
         regexp_replace(concat('./', file), case when field(parts, '$.state') is null then '[^/]*$' else '[^/]*/[^/]*$' end, '') as tracker
  from records
  where contract = 'TrackerIssue' and parts is not null
) found
