-- What owners paid for by period and cost centre, each live version as the newest run that knew the period told it. Empty
-- until reports hold amounts.
SELECT period_start, period_end, account, owner, cost_center, currency, source, sum(amount) AS amount,
    count(*) AS live_versions
FROM (
    SELECT period_start, period_end, account, live_version, owner, cost_center, currency, source, amount,
        row_number() OVER (
            PARTITION BY account, live_version, period_start, period_end, currency, source
            ORDER BY collected_at DESC, as_of DESC, run_id DESC
        ) AS place
    FROM costs
) AS ranked
WHERE place = 1
GROUP BY period_start, period_end, account, owner, cost_center, currency, source
