//! What watches a live version, and who hears when it goes wrong.

use super::{Entry, entry};

/// Faults, who is told of them, coverage, replays, monitors and retraining.
pub(super) static WATCHING: &[Entry] = &[
    // --- faults
    entry(
        "fault",
        "requests fail",
        &["every request fails"],
        "A simulated fault: every request fails. Turned into the data points that AWS would publish, judged by the \
         rule of every alarm, and followed through its actions to people. Nothing is sent.",
    ),
    entry("fault", "latency triples", &[], "A simulated fault: each request takes three times as long as it did."),
    entry(
        "fault",
        "traffic stops",
        &["requests stop"],
        "A simulated fault: no request arrives. AWS then publishes no data points at all, rather than zeros.",
    ),
    entry("fault", "instance saturates", &["instances run full"], "A simulated fault: its instances run full."),
    entry(
        "fault",
        "predictions drift",
        &[],
        "A simulated fault: its predictions move away from what they were. Only what judges predictions can hear it.",
    ),
    entry("told", "human", &[], "Of a fault: some person is told, within so many minutes at best and at worst."),
    entry("told", "nobody", &[], "Of a fault: no alarm that fires on it reaches a person. Why not stands beside it."),
    entry("told", "unknown", &[], "Of a fault: what was seen does not decide whether a person is told."),
    entry("told", "not applicable", &["n/a"], "Of a fault: it cannot happen to this live version, or means nothing."),
    // --- coverage
    entry("coverage", "not applicable", &["n/a"], "Nothing has to watch the signal of this live version."),
    entry("coverage", "unknown", &[], "What was seen does not decide whether an alarm on the signal would be heard."),
    // --- replay
    entry(
        "term",
        "replay",
        &["alarm replay"],
        "An alarm's rule run over the data points that were observed in the last weeks: whether it would ever have \
         fired, always fires, or did something else than its history says.",
    ),
    entry("replay", "plausible", &[], "It would have fired now and then, or stayed quiet with its threshold in reach."),
    entry("replay", "never near", &[], "It would never have fired, and no value came near its threshold."),
    entry("replay", "always", &[], "It would have been in ALARM all the time: nobody can tell a fault from a day."),
    entry("replay", "no data", &[], "There was not one data point for it to judge."),
    entry("replay", "disagrees", &[], "Its recorded history is not what its rule makes of the data points."),
    entry("replay", "not replayed", &[], "Its rule cannot be run over data points; why stands beside it."),
    // --- monitors and retraining
    entry(
        "term",
        "fault to human",
        &["from a fault to a person", "minutes"],
        "For each way in which a live version can go wrong, how many minutes it takes until a person is told, or \
         nobody, and why.",
    ),
    entry(
        "term",
        "monitor",
        &["monitoring schedule"],
        "What judges the predictions of a live version: a schedule of SageMaker Model Monitor, a metric of one's own, \
         or a monitor elsewhere that shows a heartbeat. Its own alert pages nobody; an alarm bound to it does.",
    ),
    entry(
        "term",
        "baseline of a monitor",
        &["monitor baseline"],
        "What a monitor compares with. One that was made for an earlier version watches the model that served before.",
    ),
    entry(
        "term",
        "capture",
        &["data capture"],
        "Requests and answers that an endpoint writes to S3. Monitors read them: too few, or none, and they see nothing.",
    ),
    entry(
        "term",
        "retraining path",
        &[],
        "The way from a detected change to a new version: detect, confirm that it is no fault of the data, dataset, \
         candidate, compare with what serves and by segment, approve, deploy, monitor anew. Each step is done, open, \
         waiting for one before it, or unknown.",
    ),
    entry(
        "term",
        "criterion",
        &["criteria", "retraining criterion"],
        "When a model is to be retrained, as its manifest declares it (`retrain_when`), and what measures that.",
    ),
    entry(
        "term",
        "business metric",
        &[],
        "What the business counts, declared in the manifest with a limit and an owner, such as losses or complaints.",
    ),
    entry(
        "term",
        "feedback",
        &[],
        "What was learnt from use and collected to be used. It is, if it grows and a job has read it in time.",
    ),
    entry("term", "muted share", &[], "Share of a week in which mute rules silence an alarm."),
    entry(
        "term",
        "weak dashboard",
        &["weak"],
        "A dashboard that shows serving and draws neither a threshold nor an alarm: whoever looks must know what is \
         wrong.",
    ),
];
