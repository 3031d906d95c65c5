-- Live versions by day, place, signal and state of the alarms on it, as of the last run of each day.
SELECT r.day, c.account, c.region, c.signal, c.state, count(*) AS live_versions
FROM last_runs AS r
JOIN coverage AS c
    ON c.day = r.day AND c.run_id = r.run_id AND c.account = r.account AND c.region = r.region
GROUP BY r.day, c.account, c.region, c.signal, c.state
