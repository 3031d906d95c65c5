-- Where could it not be read what serves, on which days, and why?
SELECT day, account, region, runs, runs_that_listed, cause, operation, gaps
FROM reading_over_time
WHERE runs_that_listed < runs
ORDER BY day, account, region, cause, operation
