//! Values, and what operators make of them. Where only one of two series has a value, that of the other is 0; what
//! would divide by zero has no point.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Unsupported;

/// The points of one series.
pub(super) type Points = BTreeMap<Timestamp, f64>;

/// What an expression, or a part of one, yields.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Series(Points),
    Array(Vec<Points>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    LessOrEqual,
    GreaterOrEqual,
    Less,
    Greater,
    And,
    Or,
}

impl Operator {
    fn is_arithmetic(self) -> bool {
        matches!(self, Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Power)
    }

    #[expect(clippy::float_cmp, reason = "CloudWatch's own `==` is meant")]
    fn of(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
            Self::Equal => truth(left == right),
            Self::NotEqual => truth(left != right),
            Self::LessOrEqual => truth(left <= right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Less => truth(left < right),
            Self::Greater => truth(left > right),
            Self::And => truth(left != 0.0 && right != 0.0),
            Self::Or => truth(left != 0.0 || right != 0.0),
        }
    }
}

/// One operator between two values.
pub(super) fn apply(operator: Operator, left: &Value, right: &Value) -> Result<Value, Unsupported> {
    let of = |left, right| operator.of(left, right);
    Ok(match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            let number = of(*left, *right);
            if !number.is_finite() {
                return Err(Unsupported::Undocumented("a number divided by zero"));
            }
            Value::Number(number)
        }
        (Value::Series(points), Value::Number(number)) => Value::Series(each(points, |value| of(value, *number))),
        (Value::Number(number), Value::Series(points)) => Value::Series(each(points, |value| of(*number, value))),
        (Value::Series(left), Value::Series(right)) => Value::Series(pairs(left, right, of)),
        _ if !operator.is_arithmetic() => {
            return Err(Unsupported::Undocumented("a comparison or logical operator on an array"));
        }
        (Value::Array(_), Value::Array(_)) => return Err(Unsupported::Undocumented("an operator between two arrays")),
        (Value::Array(all), Value::Number(number)) => on_each(all, |points| each(points, |value| of(value, *number))),
        (Value::Number(number), Value::Array(all)) => on_each(all, |points| each(points, |value| of(*number, value))),
        (Value::Array(all), Value::Series(other)) => on_each(all, |points| pairs(points, other, of)),
        (Value::Series(other), Value::Array(all)) => on_each(all, |points| pairs(other, points, of)),
    })
}

/// The negative of a value.
pub(super) fn negative(value: &Value) -> Result<Value, Unsupported> {
    apply(Operator::Subtract, &Value::Number(0.0), value)
}

/// The same done to every series of an array.
pub(super) fn on_each(all: &[Points], change: impl Fn(&Points) -> Points) -> Value {
    Value::Array(all.iter().map(change).collect())
}

/// The same done to every value of a series. What is no finite number has no point.
pub(super) fn each(points: &Points, change: impl Fn(f64) -> f64) -> Points {
    finite(points.iter().map(|(at, value)| (*at, change(*value))))
}

fn pairs(left: &Points, right: &Points, change: impl Fn(f64, f64) -> f64) -> Points {
    let instants: BTreeSet<&Timestamp> = left.keys().chain(right.keys()).collect();
    let or_zero = |points: &Points, at| points.get(at).copied().unwrap_or(0.0);
    finite(instants.into_iter().map(|at| (*at, change(or_zero(left, at), or_zero(right, at)))))
}

/// The points that are numbers.
pub(super) fn finite(points: impl Iterator<Item = (Timestamp, f64)>) -> Points {
    points.filter(|(_, value)| value.is_finite()).collect()
}
