-- Who approved what was live, as far as it was proved at the time: each package behind each live version, as of the last run
-- of each day.
SELECT r.day, r.next_day, a.account, a.region, a.live_version, a.package_arn, a.worst_off, a.approval_status,
    a.approved_by, a.approved_by_kind, a.approved_at, a.approval_reason, a.grade, a.grade_words, a.registered_by,
    a.registered_at, a.event_id, a.lead_seconds, a.approved_as, a.run_id, a.collected_at
FROM last_runs AS r
JOIN approvals AS a
    ON a.day = r.day AND a.run_id = r.run_id AND a.account = r.account AND a.region = r.region
