-- The last run of each day that listed everything that serves in an account and region, and the day from which a later one
-- speaks. The other views rest on it, so neither a run that could not look nor one that an event limited to an endpoint reads as
-- nothing being there.
SELECT day, lead(day) OVER (PARTITION BY account, region ORDER BY day) AS next_day,
    account, region, run_id, as_of, collected_at
FROM (
    SELECT day, account, region, run_id, as_of, collected_at,
        row_number() OVER (PARTITION BY account, region, day ORDER BY collected_at DESC, as_of DESC, run_id DESC) AS place
    FROM places
    WHERE listed
) AS ranked
WHERE place = 1
