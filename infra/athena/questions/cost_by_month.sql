-- What did each owner cost, by month?
SELECT date_trunc('month', period_start) AS period, owner, currency, source, sum(amount) AS amount
FROM cost_by_owner
GROUP BY date_trunc('month', period_start), owner, currency, source
ORDER BY period, owner, currency, source
