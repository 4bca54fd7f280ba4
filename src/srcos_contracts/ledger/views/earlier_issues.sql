-- The issues that lay in a tracker, as `issues` has those that lie in one now.
-- Columns: key, file, tracker, name (the id in lower case), id, state.
select key, file, lower(field(parts, '$.id')) as name, field(parts, '$.id') as id, field(parts, '$.state') as state,
       regexp_replace(path, case when field(parts, '$.state') is null then '[^/]*$' else '[^/]*/[^/]*$' end, '') as tracker
from earlier_records
where contract = 'TrackerIssue'
