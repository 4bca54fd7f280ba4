-- message: an acceptance follows a successful run of its issue, attempt and session, and its merge or handoff is evidenced
-- help: record the run_finished event with outcome success before the acceptance, and name the pull request or other evidence in the receipt or in an event
-- why: Work is accepted because it was shown to work. A receipt that no run stands behind is only a claim.
-- scope: closed
with events as (
  select a.key, a.at as stamp, a.session, a.issue, a.attempt, a.event, a.outcome, a.request from issue_attempts a where a.contract = 'WorkLedgerEvent'
),
receipts as (
  select a.key, a.at as stamp, a.session, a.name, a.issue, a.written, a.attempt, a.merged
  from issue_attempts a where a.contract = 'AcceptanceReceipt' and a.issue is not null and a.session is not null
),
successes as (
  select issue, attempt, session, min(stamp) as stamp, min(key) as key from events
  where event = 'run_finished' and outcome = 'success'
  group by issue, attempt, session
),
shown as (
  select issue, attempt, min(stamp) as stamp from events where request is not null group by issue, attempt
),
cited as (
  select key from refs where role = 'evidence' group by key
),
unproven as (
  select r.key, r.issue, r.attempt, r.name, r.written, r.session, s.key as success
  from receipts r left join successes s on s.issue = r.issue and s.attempt = r.attempt and s.session = r.session
  where r.attempt is not null and (s.key is null or s.stamp > r.stamp)
),
runs as (
  -- Of what is proven nobody asks.
  select u.key as receipt, e.key, concat('a run of ', coalesce(e.session, 'no session'), ' ended in ', coalesce(e.outcome, 'nothing'), ' here') as note,
         row_number() over (partition by u.key order by e.key) as nth
  from unproven u join events e on e.issue = u.issue and e.attempt = u.attempt
  where e.event = 'run_finished'
),
unshown as (
  select r.key, r.name, r.merged
  from receipts r
  left join cited c on c.key = r.key
  left join shown e on e.issue = r.issue and e.attempt = r.attempt
  where r.attempt is not null and c.key is null and (e.issue is null or e.stamp > r.stamp)
)
select concat('run ', cast(key as string)) as breach, 0 as rank, key, case when success is null then '' else '/timestamp' end as pointer,
       concat('no run of attempt ', written, ' at ', name, ' in ', session, ' had succeeded by then') as note, 'error' as level
from unproven
union all
select concat('run ', cast(u.key as string)), 1, coalesce(u.success, n.key), '',
       case when u.success is null then n.note else 'the run succeeded only here' end, 'error'
from unproven u join runs n on n.receipt = u.key and n.nth = 1
union all
select concat('evidence ', cast(key as string)), 0, key, case when merged is null then '/handoff_state' else '/merge_commit_sha' end,
       concat('nothing shows the ', case when merged is null then 'handoff' else 'merge' end, ' of ', name), 'error'
from unshown
