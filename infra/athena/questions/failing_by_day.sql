-- How do failing findings develop, by day and severity?
SELECT day, severity, sum(findings) AS failing, sum(appeared) AS appeared
FROM findings_over_time
WHERE status = 'fail'
GROUP BY day, severity
ORDER BY day, severity
