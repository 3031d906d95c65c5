//! A live version in one paragraph, the way an auditor would ask for it: what serves and since when, who accepted it and
//! how that is proved, whether it still is what they accepted, who would hear of a fault, who owns and pays for it, what
//! there is to go back to, and what follows. What is not known is said as not known, with why.

use jiff::Timestamp;

use self::approval::{approved, set_by, unregistered};
pub(super) use self::brief::plain;
use self::brief::{brief, code};
use super::finding::ByLiveVersion;
use crate::control::Status;
use crate::estate::{Fault, Grade, LiveVersion, Lookup, ServingPath, Signal};
use crate::readiness::ReadinessVerdict;
use crate::report::document::{
    FaultRow, FindingRow, LiveVersionRow, PeriodRow, RollbackState, ToldState, VersionCostRow,
};
use crate::report::html::money;
use crate::report::owned::Owner;
use crate::report::shared::Shared;
use crate::report::{faults, words};

mod approval;
mod brief;
#[cfg(test)]
mod tests;

/// What a paragraph is told from.
pub(super) struct Told<'t, 'a> {
    pub(super) row: &'t LiveVersionRow,
    pub(super) live: &'t LiveVersion<'a>,
    pub(super) about: &'t ByLiveVersion<'t>,
    /// What it costs, and in which days; nothing where money was not looked at.
    pub(super) cost: Option<(&'t VersionCostRow, Option<PeriodRow>)>,
    pub(super) as_of: Timestamp,
}

impl Told<'_, '_> {
    /// The paragraph. Names stand between backticks.
    pub(super) fn paragraph(&self) -> String {
        let sentences = [
            Some(self.serves()),
            Some(self.approval()),
            self.made_of(),
            Some(self.heard()),
            Some(self.owned_and_paid()),
            self.way_back(),
            Some(self.verdict()),
        ];
        brief(&sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")).into_owned()
    }

    fn serves(&self) -> String {
        let row = self.row;
        let what = match (&row.group, row.version, &row.model) {
            (Some(group), Some(version), _) => format!("Version {version} of {}", code(group)),
            (Some(package), None, _) => format!("The unversioned package {}", code(package)),
            (None, _, Some(model)) => format!("Model {}", code(model)),
            (None, _, None) if !self.live.resolved() => "A model that cannot be identified".to_owned(),
            (None, _, None) if words::surely_unregistered(row) => {
                "A container that no registered version describes".to_owned()
            }
            (None, _, None) => "A container whose registered version, if any, is not proved".to_owned(),
        };
        let endpoint = format!("endpoint {}", code(&row.endpoint));
        let variant = row.variant.as_deref().map(code);
        let within = variant.as_ref().map_or_else(String::new, |variant| format!(", variant {variant},"));
        let as_variant = variant.as_ref().map_or_else(String::new, |variant| format!(" as variant {variant}"));
        let component = code(row.component.as_deref().unwrap_or_default());
        let does = match row.path {
            _ if row.pending => format!("is being rolled out to {endpoint}{as_variant}"),
            ServingPath::Variant => match row.traffic_share {
                Some(share) => {
                    format!("serves {} of the requests to {endpoint}{as_variant}", words::percent(share))
                }
                None => format!("serves at {endpoint}{as_variant}, with a share of its requests that is not known"),
            },
            ServingPath::Shadow => {
                format!("gets copies of the requests to {endpoint}{as_variant}, a shadow whose answers are dropped")
            }
            ServingPath::Component => format!("serves at {endpoint}{within} as inference component {component}"),
            ServingPath::Pool => format!("serves at {endpoint}{within} on its {component} instances"),
            ServingPath::MultiModel => {
                format!("serves at {endpoint}{within} as artifact {component} of a multi-model container")
            }
            ServingPath::Batch => batch(self.live),
        };
        let since = match &row.live_from {
            Some(from) => {
                let bound = if from.bound == "exact" { "" } else { " at the latest" };
                format!(", since {}{bound} ({})", words::time(from.at), words::age(from.at, self.as_of))
            }
            None => "; since when is not known".to_owned(),
        };
        format!("{what} {}{since}.", does.trim_end_matches(','))
    }

    fn approval(&self) -> String {
        let row = self.row;
        let Some(approval) = &row.approval else { return unregistered(row, self.live).to_owned() };
        let behind = 1 + row.further_approvals.len();
        let among = match behind {
            1 => String::new(),
            _ => format!(" Of the {} packages behind it, this one is the worst off.", words::number(behind)),
        };
        let said = match approval.status.as_deref() {
            Some("Approved") => approved(approval, row, self.live, true),
            None if row.version.is_none() => {
                "A package without versions has no approval status, so nobody can approve it.".to_owned()
            }
            status => {
                let now = match status {
                    Some("PendingManualApproval") => "It waits for approval".to_owned(),
                    Some(status) => format!("It is {status}"),
                    None => "Its approval status is not known".to_owned(),
                };
                let set = approval.history.last().filter(|_| status.is_some());
                let set = set.map_or_else(String::new, |step| set_by(step, self.as_of));
                match approval.by {
                    _ if approval.grade == Grade::None && status == Some("PendingManualApproval") => {
                        format!("{now}{set}; nobody is known to have approved it.")
                    }
                    _ if approval.grade == Grade::None => format!("{now}{set}."),
                    _ => format!("{now}{set}. {}", approved(approval, row, self.live, false)),
                }
            }
        };
        said + &among
    }

    /// Whether what runs is what was approved, and where the code comes from.
    fn made_of(&self) -> Option<String> {
        let artifact = self.own("ART-001").and_then(|finding| {
            Some(match finding.status {
                Status::Pass => format!("Its artifact is the approved one: {}", plain(&finding.reason)),
                Status::Fail | Status::Waived => {
                    format!("Its artifact is not what was approved{}", self.unless_decisive(finding))
                }
                Status::Unknown => {
                    let why = self.unless_decisive(finding);
                    format!("Whether its artifact still is the approved one is not known{why}")
                }
                Status::NotApplicable => return None,
            })
        });
        let image = self.own("INV-003").and_then(|finding| {
            Some(match finding.status {
                Status::Pass => "the registered image runs".to_owned(),
                Status::Fail | Status::Waived => {
                    format!("another image than the registered one runs{}", self.unless_decisive(finding))
                }
                // Said once is enough.
                Status::Unknown if self.own("ART-001").is_some_and(|it| it.reason == finding.reason) => return None,
                Status::Unknown => {
                    format!("whether the registered image runs is not known{}", self.unless_decisive(finding))
                }
                Status::NotApplicable => return None,
            })
        });
        let source = self.own("LIN-003").and_then(|finding| {
            Some(match (finding.status, &self.row.commit) {
                (Status::Pass, Some(commit)) => {
                    let short: String = commit.chars().take(12).collect();
                    let of = self.row.repository.as_deref().map(|repository| format!(" of {}", code(repository)));
                    format!("its code is commit {}{}", code(&short), of.unwrap_or_default())
                }
                (Status::Pass, None) => plain(&finding.reason).to_owned(),
                (Status::Fail | Status::Waived, _) => "from which code it comes is not recorded".to_owned(),
                (Status::Unknown, _) if self.live.resolved() => {
                    format!("from which code it comes is not known{}", self.unless_decisive(finding))
                }
                (Status::Unknown | Status::NotApplicable, _) => return None,
            })
        });
        let data = source.is_some().then(|| "what it was trained on was not read".to_owned());
        let parts: Vec<String> = [artifact, image, source, data].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("{}.", words::sentence(&parts.join("; "))))
    }

    /// Whom an alert reaches, and how soon.
    fn heard(&self) -> String {
        let of =
            |told: ToldState| -> Vec<&FaultRow> { self.row.faults.iter().filter(|row| row.told == told).collect() };
        let conditions = |rows: &[&FaultRow]| -> Vec<String> {
            rows.iter().map(|row| faults::heading(row.fault).to_lowercase()).collect()
        };
        let (human, nobody, unknown) = (of(ToldState::Human), of(ToldState::Nobody), of(ToldState::Unknown));
        let mut parts = Vec::new();
        // Monitors look once a day or so: their delay would hide that of all the others.
        let (slow, fast): (Vec<_>, Vec<_>) = human.into_iter().partition(|row| row.fault == Fault::PredictionsDrift);
        let same = !slow.is_empty() && !fast.is_empty() && whom(&slow) == whom(&fast);
        let soon = |rows: &[&FaultRow]| {
            let from = rows.iter().filter_map(|row| row.minutes_from).min();
            let to = rows.iter().filter_map(|row| row.minutes_to).max();
            let within = from.zip(to).map(|(from, to)| format!(" within {}", faults::minutes(from, to)));
            format!("{} if {}", within.unwrap_or_default(), words::either(&conditions(rows)))
        };
        if same {
            parts.push(format!("{} would be told{}, and{}", whom(&fast), soon(&fast), soon(&slow)));
        } else {
            let told = [fast, slow].into_iter().filter(|rows| !rows.is_empty());
            parts.extend(told.map(|rows| format!("{} would be told{}", whom(&rows), soon(&rows))));
        }
        if !nobody.is_empty() {
            parts.push(format!("nobody would be told if {}", words::either(&conditions(&nobody))));
        }
        if !unknown.is_empty() {
            let when = words::either(&conditions(&unknown));
            parts.push(format!("whether anybody would be told if {when} is not known"));
        }
        match parts.as_slice() {
            [] => self.signals(),
            parts => format!("{}.", words::sentence(&parts.join("; "))),
        }
    }

    /// What watches it where no fault could be played through.
    fn signals(&self) -> String {
        let of = |state: &str| -> Vec<&str> {
            let words = Signal::MATRIX.into_iter().map(Signal::words);
            words.filter(|signal| self.row.alarms.get(*signal).is_some_and(|it| it.state == state)).collect()
        };
        let (covered, asked) = (of("covered").len(), Signal::MATRIX.len() - of("not_applicable").len());
        if asked == 0 {
            return "No alarm is asked of it.".to_owned();
        }
        let mut parts = vec![match covered {
            0 => format!("Nobody would be told of any of the {} that are asked of it", words::count(asked, "signal")),
            _ => format!("Somebody would be told of {covered} of the {}", words::count(asked, "signal")),
        }];
        for (state, what) in
            [("broken", "alarms that reach nobody"), ("missing", "no alarm"), ("unknown", "alarms not known")]
        {
            let signals = of(state);
            if !signals.is_empty() {
                parts.push(format!("{}: {what}", words::list(&signals)));
            }
        }
        format!("{}.", parts.join("; "))
    }

    fn owned_and_paid(&self) -> String {
        let owner = match &self.row.owner {
            Some(owner) => format!("{} owns it ({})", code(&owner.name), owner.source),
            None if Owner::of(self.row) == Owner::Nobody => "Nobody is named as its owner".to_owned(),
            None if self.live.tags == Lookup::Unseen => "Who owns it could not be read".to_owned(),
            None => "Who owns it is not known".to_owned(),
        };
        let cost = match self.cost {
            None => "what it costs was not looked at".to_owned(),
            Some((cost, days)) => match (cost.cost.money(), days) {
                (Some(money), days) => {
                    let days = days.and_then(|it| Some(format!(" from {} to {}", it.from, it.until.yesterday().ok()?)));
                    format!("it cost {money}{} ({})", days.unwrap_or_default(), money::source(&cost.cost))
                }
                (None, _) => match (&cost.cost.unknown, &cost.cost.none) {
                    (Some(why), _) => format!("what it costs is not known: {}", plain(why)),
                    (None, Some(why)) => format!("it has no cost of its own: {}", plain(why)),
                    (None, None) => "what it costs is not known".to_owned(),
                },
            },
        };
        let budget = self.own("CST-005").and_then(|finding| match finding.status {
            Status::Pass => Some("a budget that is kept and heard of covers it".to_owned()),
            Status::Fail | Status::Waived => Some(format!("its budget does not hold: {}", plain(&finding.reason))),
            Status::Unknown => Some(format!("what budget covers it is not known: {}", plain(&finding.reason))),
            Status::NotApplicable => None,
        });
        let growth = self.own("CST-007").and_then(|finding| match finding.status {
            Status::Pass => Some("its use grows within what is allowed".to_owned()),
            Status::Fail | Status::Waived => {
                Some(format!("its use outgrows what is allowed: {}", plain(&finding.reason)))
            }
            Status::Unknown => Some("whether its use outgrows what is allowed is not known".to_owned()),
            Status::NotApplicable => None,
        });
        let parts: Vec<String> = [Some(owner), Some(cost), budget, growth].into_iter().flatten().collect();
        format!("{}.", parts.join("; "))
    }

    fn way_back(&self) -> Option<String> {
        let back = self.row.rollback.as_ref()?;
        let decisive = self.own("DEP-001").is_some_and(|finding| self.unless_decisive(finding).is_empty());
        let why = if decisive { String::new() } else { format!(": {}", back.summary) };
        Some(match back.state {
            RollbackState::Version | RollbackState::Fallback => format!("The way back: {}.", back.summary),
            RollbackState::None => format!("There is no way back{why}."),
            RollbackState::Unknown => format!("Whether there is a way back is not known{why}."),
            RollbackState::NotNeeded => return None,
        })
    }

    fn verdict(&self) -> String {
        let readiness = &self.row.readiness;
        let may = match readiness.verdict {
            ReadinessVerdict::Stop => "it should not serve",
            ReadinessVerdict::FixControlsFirst => "it may not go on unmended",
            ReadinessVerdict::KeepInPilot => "it may not leave the pilot",
            ReadinessVerdict::OperateAsIs => "it may go on, and its use may not grow yet",
            ReadinessVerdict::Expand => "its use may grow",
        };
        let because = match readiness.because.as_slice() {
            [] => readiness.reason.clone(),
            [one] => one.to_string(),
            [first, rest @ ..] => format!("{} (and {} more)", plain(first), words::number(rest.len())),
        };
        let mut text = format!("Verdict: {}: {may}, because {}.", words::verdict(readiness.verdict), plain(&because));
        if let [first, rest @ ..] = readiness.flip_set.as_slice()
            && !because.contains(first.remedy.as_str())
        {
            let remedy = first.remedy.trim_end_matches('.');
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {})", words::count(more, "more change")),
            };
            text.extend([" To raise it: ", remedy, &more, "."]);
        }
        text
    }

    fn own(&self, code: &str) -> Option<&FindingRow> {
        self.about.own(&self.row.id, code)
    }

    /// Why, unless the verdict says it anyway.
    fn unless_decisive(&self, finding: &FindingRow) -> String {
        let told = self.row.readiness.because.iter().take(1).any(|reason| *reason == finding.reason);
        if told { String::new() } else { format!(": {}", plain(&finding.reason)) }
    }
}

/// Who would be told of any of these.
fn whom(rows: &[&FaultRow]) -> String {
    let mut whom: Vec<&str> = Vec::new();
    for name in rows.iter().flat_map(|row| &row.whom).map(Shared::as_str) {
        if !whom.contains(&name) {
            whom.push(name);
        }
    }
    match whom.as_slice() {
        [] => "somebody".to_owned(),
        [one] => code(one),
        [one, other] => format!("{} or {}", code(one), code(other)),
        [one, rest @ ..] => format!("{} or one of {} others", code(one), words::number(rest.len())),
    }
}

fn batch(live: &LiveVersion<'_>) -> String {
    let jobs = words::count(live.jobs.len(), "batch transform job");
    match live.jobs.first() {
        Some(job) => format!("ran in {jobs}, the newest being {}", code(&job.data.name)),
        None => format!("ran in {jobs}"),
    }
}
