//! Metric maths: expressions over the series of several metrics, as far as their meaning is documented.
//!
//! What a function yields that only CloudWatch can answer, or that the documentation leaves open, is not guessed: the
//! expression is then [`Unsupported`].
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html>

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;

use super::series::{Series, floor, later};

mod functions;
mod operators;
mod parse;
#[cfg(test)]
mod tests;

use operators::Value;
use parse::Node;

/// Why an expression is not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A function that only CloudWatch can answer, or that is not known here.
    #[error("`{0}` is not evaluated outside CloudWatch")]
    Function(String),
    /// A combination whose meaning is not documented.
    #[error("the documentation does not say what {0} is")]
    Undocumented(&'static str),
    /// What is not written as an expression is.
    #[error("it is no expression of metric maths: {0}")]
    Syntax(&'static str),
    /// It names something that is not there.
    #[error("it names `{0}`, which is no metric or expression of the alarm")]
    Unknown(String),
    /// Expressions that use each other in a circle.
    #[error("`{0}` uses itself")]
    Circle(String),
    /// What it yields is not one series.
    #[error("it yields no single series")]
    NotOneSeries,
}

/// An expression, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression(Node);

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// If it is not written as one. Functions that cannot be evaluated are read all the same.
    pub fn parse(text: &str) -> Result<Self, Unsupported> {
        parse::expression(text).map(Self)
    }

    /// The metrics and expressions that it names. `METRICS()` names none.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.0.visit(&mut |node| {
            if let Node::Name(name) = node {
                names.insert(name.as_str());
            }
        });
        names
    }

    /// The functions that it calls.
    pub fn functions(&self) -> BTreeSet<&str> {
        let mut functions = BTreeSet::new();
        self.0.visit(&mut |node| {
            if let Node::Call(function, _) = node {
                functions.insert(function.as_str());
            }
        });
        functions
    }

    /// What its `SEARCH`es look for, as they are written; read them with [`Search`](super::search::Search).
    pub fn searches(&self) -> Vec<&str> {
        let mut searches = Vec::new();
        self.0.visit(&mut |node| {
            if let Node::Call(function, arguments) = node
                && function == "SEARCH"
                && let Some(Node::Text(text)) = arguments.first()
            {
                searches.push(text.as_str());
            }
        });
        searches
    }

    /// Whether what it yields at one instant may depend on how far back CloudWatch looked: AWS advises against such
    /// functions in alarms, because they act differently when more data is asked for.
    pub fn depends_on_range(&self) -> bool {
        const WHOLE: [&str; 12] = [
            "AVG",
            "DATAPOINT_COUNT",
            "DIFF",
            "DIFF_TIME",
            "FILL",
            "MAX",
            "MIN",
            "RATE",
            "REMOVE_EMPTY",
            "RUNNING_SUM",
            "STDDEV",
            "SUM",
        ];
        self.functions().iter().any(|function| WHOLE.contains(function))
    }
}

/// Everything that expressions are evaluated over.
#[derive(Clone, Copy, Debug)]
pub struct Maths<'a> {
    /// Seconds of each point; the same for all series.
    pub period: u32,
    /// The instants that data was asked for, from the first to before the last.
    pub span: &'a Range<Timestamp>,
    /// The metrics, by id.
    pub series: &'a BTreeMap<String, Series>,
    /// The expressions, by id.
    pub expressions: &'a BTreeMap<String, String>,
}

/// Expressions nested deeper than in any alarm, which holds at most ten.
const DEPTH: usize = 20;

impl Maths<'_> {
    /// The series that the metric or expression of this id yields.
    ///
    /// # Errors
    /// If it cannot be evaluated exactly, or yields something other than one series.
    pub fn evaluate(&self, id: &str) -> Result<Series, Unsupported> {
        match self.named(id, 0)? {
            Value::Series(points) => Ok(Series::of(self.period, points)),
            Value::Number(_) | Value::Array(_) => Err(Unsupported::NotOneSeries),
        }
    }

    fn named(&self, id: &str, depth: usize) -> Result<Value, Unsupported> {
        if depth > DEPTH {
            return Err(Unsupported::Circle(id.to_owned()));
        }
        if let Some(series) = self.series.get(id) {
            return Ok(self.points(series));
        }
        let text = self.expressions.get(id).ok_or_else(|| Unsupported::Unknown(id.to_owned()))?;
        self.value(&Expression::parse(text)?.0, depth + 1)
    }

    fn points(&self, series: &Series) -> Value {
        Value::Series(series.within(self.span.clone()).collect())
    }

    fn value(&self, node: &Node, depth: usize) -> Result<Value, Unsupported> {
        match node {
            Node::Number(number) => Ok(Value::Number(*number)),
            Node::Name(name) => self.named(name, depth),
            Node::Text(_) => Err(Unsupported::Syntax("a text stands where a value is expected")),
            Node::Array(nodes) => {
                let mut all = Vec::new();
                for node in nodes {
                    match self.value(node, depth)? {
                        Value::Series(points) => all.push(points),
                        Value::Array(several) => all.extend(several),
                        Value::Number(_) => return Err(Unsupported::Undocumented("an array of numbers")),
                    }
                }
                Ok(Value::Array(all))
            }
            Node::Negative(node) => operators::negative(&self.value(node, depth)?),
            Node::Operation(operator, left, right) => {
                operators::apply(*operator, &self.value(left, depth)?, &self.value(right, depth)?)
            }
            Node::Call(function, arguments) => self.call(function, arguments, depth),
        }
    }

    /// The start of every period of the span.
    fn instants(&self) -> impl Iterator<Item = Timestamp> + use<> {
        let (period, end) = (self.period.max(1), self.span.end);
        let first = floor(self.span.start, period);
        let first = if first < self.span.start { later(first, period) } else { first };
        std::iter::successors(Some(first), move |at| Some(later(*at, period)).filter(|next| next > at))
            .take_while(move |at| *at < end)
    }
}
