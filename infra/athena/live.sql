-- What was live: each live version as of the last run of each day, valid until the next day with a run.
SELECT r.day, r.next_day, l.account, l.region, l.live_version, l.endpoint, l.variant, l.component, l.path, l.hosting,
    l.package_group, l.package_version, l.package_arn, l.model, l.version_key, l.artifact, l.artifact_etag,
    l.artifact_version_id, l.artifact_since_approval, l.image, l.traffic_share, l.live_from, l.live_from_bound, l.stage,
    l.owner, l.cost_center, l.verdict, l.verdict_reason, l.approval_status, l.approval_grade, l.run_id, l.collected_at
FROM last_runs AS r
JOIN live_versions AS l
    ON l.day = r.day AND l.run_id = r.run_id AND l.account = r.account AND l.region = r.region
