-- Findings by day, place, control, severity and status, as of the last run of each day. What is about a run as a whole has
-- no region and is left out.
SELECT r.day, f.account, f.region, f.code, f.control, f.severity, f.status, count(*) AS findings,
    count(*) FILTER (WHERE f.state = 'new') AS appeared, count(*) FILTER (WHERE f.state = 'healed') AS healed
FROM last_runs AS r
JOIN findings AS f
    ON f.day = r.day AND f.run_id = r.run_id AND f.account = r.account AND f.region = r.region
GROUP BY r.day, f.account, f.region, f.code, f.control, f.severity, f.status
