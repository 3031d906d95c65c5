-- What was live on a date? Parameter: the date, such as '2026-11-20'.
SELECT live.*
FROM live
CROSS JOIN (SELECT CAST(? AS varchar) AS asked) AS question
WHERE day <= asked AND (next_day IS NULL OR next_day > asked)
ORDER BY account, region, live_version
