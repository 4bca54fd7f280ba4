-- What was done at issues, and what of it was accepted, each in its attempt. The null attempt is the first one.
-- Columns: key, contract, at, session, name (the issue's id), issue (the same in lower case), written (the attempt), attempt (its number; null
-- where it is none), event, outcome, request (a pull request), merged (a commit). No record's whole text: a query holds what it joins.
select f.key, f.contract, f.at, f.session, f.name, lower(f.name) as issue, f.written, try_cast(f.written as double) as attempt,
       f.event, f.outcome, f.request, f.merged
from (
  select r.key, r.contract, r.at, r.session, field(r.doc, '$.issue_id') as name, coalesce(field(r.doc, '$.attempt'), '1') as written,
         field(r.doc, '$.event') as event, field(r.doc, '$.outcome') as outcome, field(r.doc, '$.evidence.pull_request_url') as request,
         field(r.doc, '$.merge_commit_sha') as merged
  from records r
) f
where f.contract in ('AcceptanceReceipt', 'WorkLedgerEvent')
