-- What is open by the newest run of each place, and for how long: what fails, is waived, or failed when it could last be
-- decided. Without an archive nobody knows since when; then days_open is empty.
SELECT f.account, f.region, f.code, f.control, f.severity, f.gate, f.status, f.state, f.subject_kind, f.subject,
    f.live_version, l.owner, f.reason, f.remedy, f.waiver, f.in_baseline, f.fingerprint, f.first_seen,
    date_diff('day', CAST(f.first_seen AS date), CAST(f.collected_at AS date)) AS days_open, f.run_id, f.collected_at
FROM last_runs AS r
JOIN findings AS f
    ON f.day = r.day AND f.run_id = r.run_id AND f.account = r.account AND f.region = r.region
LEFT JOIN live_versions AS l
    ON l.day = f.day AND l.run_id = f.run_id AND l.live_version = f.live_version
WHERE r.next_day IS NULL AND (f.status IN ('fail', 'waived') OR f.last_known_status IN ('fail', 'waived'))
