-- What has been open for longer than so many days, and whose is it? Parameter: the days.
SELECT open_findings.*
FROM open_findings
CROSS JOIN (SELECT CAST(? AS bigint) AS asked) AS question
WHERE days_open > asked
ORDER BY days_open DESC, account, region, code, subject
