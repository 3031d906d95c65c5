//! The swim lanes of a live version: time runs down, each lane is a column, and what happened stands beside its mark.
//!
//! Each row draws its own piece of the lanes, so that rows may be as high as their text needs: the lanes stay whole at
//! any width, in print too. The drawing repeats the text and is hidden from readers that cannot see it.

use jiff::Timestamp;

use crate::report::document::{LaneKind, LaneRow, LaneState, MomentRow, TimelineRow};
use crate::report::words;

/// Height of the mark in its row, in pixels.
pub(super) const MARK: usize = 13;
/// Width of a bar.
const BAR: usize = 9;
/// So many lanes have their name above them; more are narrower, and numbered.
const NAMED: usize = 3;

/// What is drawn of one timeline.
pub(super) struct Lanes<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) heads: Vec<Head<'a>>,
    /// Width of the drawing in pixels.
    pub(super) width: usize,
    /// Class of this width.
    pub(super) wide: usize,
    /// States that occur, for the legend.
    pub(super) legend: Vec<LaneState>,
    /// Whether some instant is only a bound.
    pub(super) bounds: bool,
}

/// A lane's name.
pub(super) struct Head<'a> {
    pub(super) lane: &'a LaneRow,
    pub(super) number: usize,
    pub(super) x: usize,
    /// Whether lanes are numbered.
    pub(super) numbered: bool,
}

impl Head<'_> {
    pub(super) fn word(&self) -> &'static str {
        match self.lane.kind {
            LaneKind::Approval => "Approval",
            LaneKind::Artifact => "Artifact",
            LaneKind::Serving => "Serving",
        }
    }

    /// The end of the name, which tells it apart.
    pub(super) fn name(&self) -> &str {
        match self.lane.kind {
            LaneKind::Artifact => words::tail(&self.lane.name),
            _ => &self.lane.name,
        }
    }
}

/// One row, from top to bottom.
pub(super) struct Row<'a> {
    pub(super) what: What<'a>,
    /// How long it takes until the next row, from 0 to 5.
    pub(super) gap: usize,
    /// Since the row before.
    pub(super) later: Option<String>,
    pub(super) bars: Vec<Bar>,
    pub(super) mark: Option<Mark>,
    /// How far down the lanes go on.
    pub(super) reach: &'static str,
}

pub(super) enum What<'a> {
    Moment(&'a MomentRow),
    /// Where the event history begins.
    Horizon(Timestamp),
    /// The instant of evaluation, and what each lane holds.
    Now(Timestamp, Vec<(&'static str, &'static str, bool)>),
}

/// A piece of a lane.
pub(super) struct Bar {
    pub(super) state: LaneState,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) height: &'static str,
    /// Whether it lies ahead, or only may have been so.
    pub(super) faint: bool,
}

impl Bar {
    /// Hatched is what is not known.
    pub(super) fn hatched(&self) -> bool {
        matches!(self.state, LaneState::Unknown | LaneState::NotProved)
    }
}

/// The mark of a moment.
pub(super) struct Mark {
    pub(super) shape: &'static str,
    pub(super) tone: &'static str,
    pub(super) x: usize,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(row: &'a TimelineRow, as_of: Timestamp) -> Self {
        let count = row.lanes.len();
        let lane_width = if count <= NAMED { 54 } else { 34 };
        let x = |lane: usize| lane * lane_width + lane_width / 2;
        let heads = row.lanes.iter().enumerate().map(|(at, lane)| Head {
            lane,
            number: at + 1,
            x: x(at),
            numbered: count > NAMED,
        });
        let mut states: Vec<LaneState> = row.lanes.iter().map(begins).collect();
        let mut rows: Vec<Row<'a>> = Vec::new();
        let mut legend: Vec<LaneState> = Vec::new();
        let mut before: Option<Timestamp> = None;
        let mut horizon = row.history_since.filter(|since| row.moments.iter().any(|it| it.at < *since));
        let mut now = Some(as_of);
        let first_ahead = row.moments.iter().find(|moment| moment.ahead).map(|moment| moment.at);
        for moment in &row.moments {
            if let Some(since) = horizon.filter(|since| !moment.ahead && moment.at >= *since) {
                rows.push(through(What::Horizon(since), &states, x, false));
                horizon = None;
            }
            if moment.ahead && now.take().is_some() {
                rows.extend(horizon.take().map(|since| through(What::Horizon(since), &states, x, false)));
                rows.push(Row {
                    gap: first_ahead.map_or(0, |ahead| gap(as_of, ahead)),
                    ..at_now(row, &states, as_of, x, before, false)
                });
                before = Some(as_of);
            }
            rows.push(step(moment, row, &mut states, x, before));
            before = Some(moment.at);
        }
        if now.is_some() {
            // Everything that happened is older than the event history.
            rows.extend(horizon.map(|since| through(What::Horizon(since), &states, x, false)));
            rows.push(at_now(row, &states, as_of, x, before, true));
        }
        if let Some(last) = rows.last_mut() {
            last.reach = "13";
        }
        spread(&mut rows);
        for bar in rows.iter().flat_map(|row| &row.bars) {
            if bar.state != LaneState::Nothing && !legend.contains(&bar.state) {
                legend.push(bar.state);
            }
        }
        Self {
            heads: heads.collect(),
            width: count * lane_width,
            wide: if count <= NAMED { count } else { count.min(12) },
            legend,
            bounds: row.moments.iter().any(|moment| moment.bound != "exact"),
            rows,
        }
    }
}

/// The state of a lane before its first moment.
fn begins(lane: &LaneRow) -> LaneState {
    if lane.unseen.is_some() { LaneState::Unknown } else { LaneState::Nothing }
}

fn step<'a>(
    moment: &'a MomentRow,
    row: &TimelineRow,
    states: &mut [LaneState],
    x: impl Fn(usize) -> usize,
    before: Option<Timestamp>,
) -> Row<'a> {
    let bound = moment.bound != "exact";
    let mut bars = Vec::new();
    for (lane, state) in states.iter_mut().enumerate() {
        let own = lane == moment.lane;
        // What had begun by then may have begun any time before.
        let above = if own && bound && *state == LaneState::Nothing { moment.leaves } else { *state };
        let faint = moment.ahead || (own && bound && above == moment.leaves);
        bars.push(Bar { state: above, x: left(x(lane)), y: 0, height: "13", faint });
        if own {
            *state = moment.leaves;
        }
        bars.push(Bar { state: *state, x: left(x(lane)), y: MARK, height: "100%", faint: moment.ahead });
    }
    bars.retain(|bar| bar.state != LaneState::Nothing);
    let kind = row.lanes.get(moment.lane).map(|lane| lane.kind);
    let mark = Mark { shape: shape(moment, kind), tone: tone(moment), x: x(moment.lane) };
    let later = before.map(|before| later(before, moment.at));
    Row { what: What::Moment(moment), gap: 0, later, bars, mark: Some(mark), reach: "100%" }
}

/// A row in which every lane goes on.
fn through<'a>(what: What<'a>, states: &[LaneState], x: impl Fn(usize) -> usize, ends: bool) -> Row<'a> {
    let height = if ends { "13" } else { "100%" };
    let bars = states.iter().enumerate().filter(|(_, state)| **state != LaneState::Nothing);
    let bars = bars.map(|(lane, state)| Bar { state: *state, x: left(x(lane)), y: 0, height, faint: false });
    Row { what, gap: 0, later: None, bars: bars.collect(), mark: None, reach: height }
}

fn at_now<'a>(
    row: &TimelineRow,
    states: &[LaneState],
    as_of: Timestamp,
    x: impl Fn(usize) -> usize,
    before: Option<Timestamp>,
    ends: bool,
) -> Row<'a> {
    let held = row.lanes.iter().zip(states).map(|(lane, state)| {
        let against = matches!(state, LaneState::Rejected | LaneState::Replaced)
            || (*state == LaneState::Nothing && lane.kind == LaneKind::Artifact && !row.moments.is_empty());
        let words = match (lane.kind, state) {
            (LaneKind::Approval, LaneState::Nothing) => "not registered",
            (LaneKind::Serving, LaneState::Nothing) => "not serving",
            (LaneKind::Artifact, LaneState::Nothing) => "nothing stored",
            (_, state) => state.words(),
        };
        let kind = match lane.kind {
            LaneKind::Approval => "Approval",
            LaneKind::Artifact => "Artifact",
            LaneKind::Serving => "Serving",
        };
        (kind, words, against)
    });
    let what = What::Now(as_of, held.collect());
    let later = before.map(|before| later(before, as_of));
    Row { later, ..through(what, states, x, ends) }
}

/// How long after the row before.
fn later(before: Timestamp, at: Timestamp) -> String {
    match at.as_second() - before.as_second() {
        0 => "at the same time".to_owned(),
        seconds => format!("{} later", words::span(seconds)),
    }
}

/// Longer times take more room.
fn spread(rows: &mut [Row<'_>]) {
    let instants: Vec<Timestamp> = rows.iter().map(|row| instant(&row.what)).collect();
    for (row, pair) in rows.iter_mut().zip(instants.windows(2)) {
        if let [from, to] = pair {
            row.gap = gap(*from, *to);
        }
    }
}

fn instant(what: &What<'_>) -> Timestamp {
    match what {
        What::Moment(moment) => moment.at,
        What::Horizon(at) | What::Now(at, _) => *at,
    }
}

fn gap(from: Timestamp, to: Timestamp) -> usize {
    const HOUR: i64 = 3_600;
    let limits = [HOUR, 24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR, 365 * 24 * HOUR];
    let seconds = to.as_second() - from.as_second();
    limits.iter().filter(|limit| seconds >= **limit).count()
}

fn left(center: usize) -> usize {
    center.saturating_sub(BAR / 2)
}

fn shape(moment: &MomentRow, kind: Option<LaneKind>) -> &'static str {
    if moment.bound != "exact" {
        return "bound";
    }
    if moment.ahead {
        return "ahead";
    }
    match (kind, moment.leaves) {
        (Some(LaneKind::Approval), LaneState::Approved) => "approved",
        (Some(LaneKind::Approval), LaneState::Rejected) => "rejected",
        (Some(LaneKind::Approval), _) => "registered",
        (Some(LaneKind::Artifact), LaneState::Nothing) => "deleted",
        (Some(LaneKind::Artifact), LaneState::Replaced) => "replaced",
        (Some(LaneKind::Artifact), LaneState::NotProved) => "unproved",
        (Some(LaneKind::Artifact), _) => "written",
        // A config that is made while the model serves is no deployment.
        (_, LaneState::Serving) if !moment.what.ends_with(" made") => "deployed",
        _ => "made",
    }
}

fn tone(moment: &MomentRow) -> &'static str {
    match moment.leaves {
        _ if moment.against => "bad",
        LaneState::Approved => "good",
        LaneState::NotProved | LaneState::Unknown => "unknown",
        _ => "plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::bank;

    #[test]
    fn lanes_are_whole_and_end_now() {
        for live in bank().live_versions {
            let lanes = Lanes::new(&live.timeline, bank().as_of);
            assert_eq!(lanes.heads.len(), live.timeline.lanes.len());
            assert!(matches!(lanes.rows.last().unwrap().what, What::Now(..)), "nothing lies ahead in the sample");
            let marks = lanes.rows.iter().filter(|row| row.mark.is_some()).count();
            assert_eq!(marks, live.timeline.moments.len(), "each moment has its mark");
            // What a row ends with, the next begins with.
            for pair in lanes.rows.windows(2) {
                let ends: Vec<_> =
                    pair[0].bars.iter().filter(|bar| bar.height == "100%").map(|bar| (bar.x, bar.state)).collect();
                let begins: Vec<_> =
                    pair[1].bars.iter().filter(|bar| bar.y == 0).map(|bar| (bar.x, bar.state)).collect();
                assert_eq!(ends, begins);
            }
        }
    }

    #[test]
    fn events_of_one_instant_say_so() {
        let report = bank();
        let mut timeline = report.live_versions[0].timeline.clone();
        let first = timeline.moments[0].at;
        timeline.moments.iter_mut().for_each(|moment| moment.at = first);
        let lanes = Lanes::new(&timeline, report.as_of);
        let told: Vec<_> = lanes.rows.iter().filter(|row| row.mark.is_some()).map(|row| row.later.as_deref()).collect();
        assert_eq!(told[0], None);
        assert!(told.len() > 1 && told[1..].iter().all(|later| *later == Some("at the same time")), "{told:?}");
        assert!(lanes.rows.iter().take(told.len() - 1).all(|row| row.gap == 0), "they take no room of their own");
    }

    #[test]
    fn longer_times_take_more_room() {
        let from: Timestamp = "2026-05-01T00:00:00Z".parse().unwrap();
        let after = |text: &str| gap(from, text.parse().unwrap());
        assert_eq!(after("2026-05-01T00:30:00Z"), 0);
        assert_eq!(after("2026-05-01T05:00:00Z"), 1);
        assert_eq!(after("2026-05-20T00:00:00Z"), 3);
        assert_eq!(after("2028-05-20T00:00:00Z"), 5);
    }

    #[test]
    fn the_horizon_stands_between_what_is_older_and_what_is_newer() {
        let report = bank();
        let mut timeline = report.live_versions[0].timeline.clone();
        timeline.history_since = Some("2026-10-21T00:00:00Z".parse().unwrap());
        let lanes = Lanes::new(&timeline, report.as_of);
        let at = lanes.rows.iter().position(|row| matches!(row.what, What::Horizon(_))).expect("a horizon");
        let older = lanes.rows.iter().take(at).map(|row| instant(&row.what));
        assert!(older.max().unwrap() < timeline.history_since.unwrap());
        assert!(instant(&lanes.rows[at + 1].what) >= timeline.history_since.unwrap());
        timeline.history_since = Some("2026-11-19T00:00:00Z".parse().unwrap());
        let lanes = Lanes::new(&timeline, report.as_of);
        let last_two = lanes.rows.iter().rev().take(2).map(|row| &row.what).collect::<Vec<_>>();
        assert!(matches!(last_two[..], [What::Now(..), What::Horizon(_)]), "all of it is older");
    }
}
