-- How much could be read, by day and place: runs, how many of them could list everything that serves, and gaps by cause.
SELECT p.day, p.account, p.region, count(DISTINCT p.run_id) AS runs,
    count(DISTINCT p.run_id) FILTER (WHERE p.listed) AS runs_that_listed, g.cause, g.operation,
    count(g.gap) AS gaps, max(g.findings) AS most_findings_hidden
FROM places AS p
LEFT JOIN gaps AS g
    ON g.day = p.day AND g.run_id = p.run_id AND g.account = p.account AND g.region = p.region
GROUP BY p.day, p.account, p.region, g.cause, g.operation
