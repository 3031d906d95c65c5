-- Who had approved what was live on a date, and how well was that proved then? Parameter: the date.
SELECT who_approved.*
FROM who_approved
CROSS JOIN (SELECT CAST(? AS varchar) AS asked) AS question
WHERE day <= asked AND (next_day IS NULL OR next_day > asked)
ORDER BY account, region, live_version, package_arn
