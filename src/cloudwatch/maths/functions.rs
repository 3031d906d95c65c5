//! The functions of metric maths.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::operators::{Points, Value, each, finite, on_each};
use super::parse::Node;
use super::{Maths, Unsupported};

type Evaluated = Result<Value, Unsupported>;

impl Maths<'_> {
    /// What a function yields.
    pub(super) fn call(&self, function: &str, arguments: &[Node], depth: usize) -> Evaluated {
        match (function, arguments) {
            ("METRICS", []) => Ok(self.metrics("")),
            ("METRICS", [Node::Text(part)]) => Ok(self.metrics(part)),
            ("PERIOD", [Node::Name(id)]) if self.series.contains_key(id) => Ok(Value::Number(f64::from(self.period))),
            ("FILL", [what, filler]) => self.fill(&self.value(what, depth)?, filler, depth),
            ("IF", [condition, yes]) => self.choose(condition, yes, None, depth),
            ("IF", [condition, yes, no]) => self.choose(condition, yes, Some(no), depth),
            ("TIME_SERIES", [node]) => match self.value(node, depth)? {
                Value::Number(number) => Ok(Value::Series(self.instants().map(|at| (at, number)).collect())),
                _ => Err(Unsupported::Undocumented("`TIME_SERIES` of a series")),
            },
            ("MINUTE" | "HOUR" | "DAY" | "DATE" | "MONTH" | "YEAR" | "EPOCH", [node]) => {
                match self.value(node, depth)? {
                    Value::Series(_) => {
                        Ok(Value::Series(self.instants().map(|at| (at, part_of_time(function, at))).collect()))
                    }
                    _ => Err(Unsupported::Undocumented("a part of the time of anything but a series")),
                }
            }
            (_, [node]) => match function {
                "ABS" => self.on_points(node, depth, |points| each(points, f64::abs)),
                "CEIL" => self.on_points(node, depth, |points| each(points, f64::ceil)),
                "FLOOR" => self.on_points(node, depth, |points| each(points, f64::floor)),
                "LOG" => self.on_points(node, depth, |points| each(points, f64::ln)),
                "LOG10" => self.on_points(node, depth, |points| each(points, f64::log10)),
                "DIFF" => self.on_points(node, depth, |points| steps(points, |value, _| value)),
                "DIFF_TIME" => self.on_points(node, depth, |points| steps(points, |_, seconds| seconds)),
                "RATE" => self.on_points(node, depth, |points| steps(points, |value, seconds| value / seconds)),
                "RUNNING_SUM" => self.on_points(node, depth, running_sum),
                "AVG" | "DATAPOINT_COUNT" | "MAX" | "MIN" | "SUM" => aggregate(function, self.value(node, depth)?),
                "METRIC_COUNT" => match self.value(node, depth)? {
                    Value::Array(all) => Ok(Value::Number(count(all.len()))),
                    _ => Err(Unsupported::Undocumented("`METRIC_COUNT` of anything but an array")),
                },
                "REMOVE_EMPTY" => match self.value(node, depth)? {
                    Value::Array(all) => {
                        Ok(Value::Array(all.into_iter().filter(|points| !points.is_empty()).collect()))
                    }
                    _ => Err(Unsupported::Undocumented("`REMOVE_EMPTY` of anything but an array")),
                },
                // Among them STDDEV, of which it is not said whether it is that of a sample.
                _ => Err(Unsupported::Function(function.to_owned())),
            },
            _ => Err(Unsupported::Function(function.to_owned())),
        }
    }

    /// The metrics whose id contains a text; expressions are not among them.
    fn metrics(&self, part: &str) -> Value {
        let found = self.series.iter().filter(|(id, _)| id.contains(part));
        Value::Array(found.map(|(_, series)| series.within(self.span.clone()).collect()).collect())
    }

    fn on_points(&self, node: &Node, depth: usize, change: impl Fn(&Points) -> Points) -> Evaluated {
        match self.value(node, depth)? {
            Value::Series(points) => Ok(Value::Series(change(&points))),
            Value::Array(all) => Ok(on_each(&all, change)),
            Value::Number(_) => Err(Unsupported::Undocumented("a function of series on a number")),
        }
    }

    fn fill(&self, what: &Value, filler: &Node, depth: usize) -> Evaluated {
        let filler = match filler {
            Node::Name(word) if word == "REPEAT" => Filler::Repeat,
            Node::Name(word) if word == "LINEAR" => Filler::Linear,
            node => match self.value(node, depth)? {
                Value::Number(number) => Filler::Number(number),
                Value::Series(points) => Filler::Series(points),
                Value::Array(_) => return Err(Unsupported::Undocumented("`FILL` with an array")),
            },
        };
        let instants: Vec<Timestamp> = self.instants().collect();
        match what {
            Value::Series(points) => filler.fill(points, &instants).map(Value::Series),
            Value::Array(all) => {
                all.iter().map(|points| filler.fill(points, &instants)).collect::<Result<_, _>>().map(Value::Array)
            }
            Value::Number(_) => Err(Unsupported::Undocumented("`FILL` of a number")),
        }
    }

    fn choose(&self, condition: &Node, yes: &Node, no: Option<&Node>, depth: usize) -> Evaluated {
        let condition = self.value(condition, depth)?;
        let yes = self.value(yes, depth)?;
        let no = no.map(|no| self.value(no, depth)).transpose()?;
        let is_array = |value: &Value| matches!(value, Value::Array(_));
        if is_array(&condition) || is_array(&yes) || no.as_ref().is_some_and(is_array) {
            return Err(Unsupported::Undocumented("`IF` with an array"));
        }
        match (condition, yes, no) {
            (Value::Number(number), yes @ Value::Series(_), no) => match no {
                _ if number != 0.0 => Ok(yes),
                None => Ok(Value::Series(Points::new())),
                Some(no @ Value::Series(_)) => Ok(no),
                Some(_) => Err(Unsupported::Undocumented("`IF` of a number, with a series or a number")),
            },
            (Value::Series(condition), yes, no) => {
                let at = |value: &Value, at: Timestamp| match value {
                    Value::Number(number) => Some(*number),
                    Value::Series(points) => points.get(&at).copied(),
                    Value::Array(_) => None,
                };
                let chosen = condition.into_iter().filter_map(|(instant, truth)| {
                    let value =
                        if truth == 0.0 { at(no.as_ref()?, instant)? } else { at(&yes, instant).unwrap_or(0.0) };
                    Some((instant, value))
                });
                Ok(Value::Series(chosen.collect()))
            }
            _ => Err(Unsupported::Undocumented("`IF` of numbers only")),
        }
    }
}

/// What fills missing points.
enum Filler {
    Number(f64),
    Series(Points),
    Repeat,
    Linear,
}

impl Filler {
    fn fill(&self, points: &Points, instants: &[Timestamp]) -> Result<Points, Unsupported> {
        if points.is_empty() {
            // Whether a metric that is silent over the whole range is filled is told both ways, and documented in none.
            return Err(Unsupported::Undocumented("`FILL` of a metric that has no point at all"));
        }
        let filled = instants.iter().filter_map(|at| {
            let value = points.get(at).copied().or_else(|| match self {
                Self::Number(number) => Some(*number),
                Self::Series(other) => other.get(at).copied(),
                Self::Repeat => points.range(..at).next_back().map(|(_, value)| *value),
                Self::Linear => {
                    let (before, low) = points.range(..at).next_back()?;
                    let (after, high) = points.range(at..).next()?;
                    Some(low + (high - low) * seconds(*before, *at) / seconds(*before, *after))
                }
            });
            Some((*at, value?))
        });
        Ok(finite(filled))
    }
}

/// The statistic of one series is a number, that of an array a series.
fn aggregate(function: &str, value: Value) -> Evaluated {
    match value {
        Value::Number(_) => Err(Unsupported::Undocumented("a function of series on a number")),
        Value::Series(points) => {
            let values: Vec<f64> = points.into_values().collect();
            // An average of one series is over the points that it has.
            over(function, &values, values.len())
                .map(Value::Number)
                .ok_or(Unsupported::Undocumented("a statistic of a metric that has no point at all"))
        }
        Value::Array(all) => {
            let instants: std::collections::BTreeSet<Timestamp> = all.iter().flat_map(Points::keys).copied().collect();
            let at = |at: Timestamp| {
                let values: Vec<f64> = all.iter().filter_map(|points| points.get(&at).copied()).collect();
                // "Missing values are treated as 0", so an average of an array is over all of its series.
                Some((at, over(function, &values, all.len())?))
            };
            Ok(Value::Series(finite(instants.into_iter().filter_map(at))))
        }
    }
}

fn over(function: &str, values: &[f64], of: usize) -> Option<f64> {
    match function {
        "DATAPOINT_COUNT" => Some(count(values.len())),
        "SUM" => Some(values.iter().sum()),
        "AVG" if !values.is_empty() => Some(values.iter().sum::<f64>() / count(of)),
        "MAX" => values.iter().copied().reduce(f64::max),
        "MIN" => values.iter().copied().reduce(f64::min),
        _ => None,
    }
}

/// From each point to the next: of the difference of their values and of their times in seconds.
fn steps(points: &Points, change: impl Fn(f64, f64) -> f64) -> Points {
    let following = points.iter().zip(points.iter().skip(1));
    finite(following.map(|((before, low), (at, high))| (*at, change(high - low, seconds(*before, *at)))))
}

fn running_sum(points: &Points) -> Points {
    let mut sum = 0.0;
    finite(points.iter().map(|(at, value)| {
        sum += value;
        (*at, sum)
    }))
}

/// A part of the time, in UTC. Days of the week begin with Monday, which is 1.
fn part_of_time(function: &str, at: Timestamp) -> f64 {
    let time = at.to_zoned(TimeZone::UTC);
    match function {
        "MINUTE" => f64::from(time.minute()),
        "HOUR" => f64::from(time.hour()),
        "DAY" => f64::from(time.weekday().to_monday_one_offset()),
        "DATE" => f64::from(time.day()),
        "MONTH" => f64::from(time.month()),
        "YEAR" => f64::from(time.year()),
        _ => seconds(Timestamp::UNIX_EPOCH, at),
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
