//! Metrics Insights queries, read as far as it takes to say which metrics they cover.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html>

use std::collections::{BTreeMap, BTreeSet};

/// A query: `SELECT AVG(ModelLatency) FROM SCHEMA("AWS/SageMaker", EndpointName) WHERE EndpointName = 'x' …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// `AVG`, `COUNT`, `MAX`, `MIN` or `SUM`.
    pub function: String,
    /// Metric name.
    pub metric: String,
    /// Namespace.
    pub namespace: String,
    /// Names of the dimensions that a metric must have, these and no others; `None` if any will do.
    pub schema: Option<BTreeSet<String>>,
    /// What its dimensions must be, all of it.
    pub conditions: Vec<Condition>,
    /// Dimensions by whose values there is a series each. Without any there is one series.
    pub group_by: Vec<String>,
    /// At most so many series, where it says so.
    pub limit: Option<u32>,
}

/// What a dimension must be, or must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Name of the dimension.
    pub label: String,
    /// Whether it must be the value (`=`) or must not be (`!=`).
    pub equal: bool,
    /// The value.
    pub value: String,
}

/// Why a query is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the query is not written as documented, or asks for more than its metrics: expected {expected}")]
pub struct Unreadable {
    /// What was expected where it ends to be as documented.
    pub expected: &'static str,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// If it is not written as documented, or tells metrics apart by more than their dimensions, such as tags.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let mut words = Words(tokens(text)?.into_iter().peekable());
        words.keyword("SELECT")?;
        let function = words.name("a function")?.to_uppercase();
        if !FUNCTIONS.contains(&function.as_str()) {
            return Err(Unreadable { expected: "`AVG`, `COUNT`, `MAX`, `MIN` or `SUM`" });
        }
        words.sign('(', "`(`")?;
        let metric = words.name("a metric")?;
        words.sign(')', "`)`")?;
        words.keyword("FROM")?;
        let (namespace, schema) = words.source()?;
        let mut query =
            Self { function, metric, namespace, schema, conditions: Vec::new(), group_by: Vec::new(), limit: None };
        if words.take("WHERE") {
            query.conditions = words.conditions()?;
        }
        if words.take("GROUP") {
            words.keyword("BY")?;
            query.group_by.push(words.name("a dimension")?);
            while words.take_sign(',') {
                query.group_by.push(words.name("a dimension")?);
            }
        }
        if words.take("ORDER") {
            words.keyword("BY")?;
            words.name("a function")?;
            words.sign('(', "`(`")?;
            words.sign(')', "`)`")?;
            if !words.take("DESC") {
                words.take("ASC");
            }
        }
        if words.take("LIMIT") {
            let number = words.name("a number")?.parse().map_err(|_| Unreadable { expected: "a number" })?;
            query.limit = Some(number);
        }
        if words.0.next().is_some() { Err(Unreadable { expected: "the end" }) } else { Ok(query) }
    }

    /// Whether it covers a metric; `None` where the documentation does not say: a condition that a dimension must not be
    /// something, of a metric that does not have it.
    pub fn covers(&self, namespace: &str, metric: &str, dimensions: &BTreeMap<String, String>) -> Option<bool> {
        let shaped = self.schema.as_ref().is_none_or(|schema| schema.iter().eq(dimensions.keys()));
        if self.namespace != namespace || self.metric != metric || !shaped {
            return Some(false);
        }
        let mut known = true;
        for condition in &self.conditions {
            match dimensions.get(&condition.label) {
                Some(value) if (*value == condition.value) == condition.equal => {}
                None if !condition.equal => known = false,
                _ => return Some(false),
            }
        }
        known.then_some(true)
    }
}

const FUNCTIONS: [&str; 5] = ["AVG", "COUNT", "MAX", "MIN", "SUM"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A word as it stands, which may be a keyword.
    Word(String),
    /// A name in double quotation marks.
    Quoted(String),
    /// A value in single quotation marks.
    Value(String),
    Sign(char),
    NotEqual,
}

#[derive(Debug)]
struct Words(std::iter::Peekable<std::vec::IntoIter<Token>>);

impl Words {
    fn take(&mut self, keyword: &str) -> bool {
        self.0.next_if(|next| matches!(next, Token::Word(word) if word.eq_ignore_ascii_case(keyword))).is_some()
    }

    fn keyword(&mut self, keyword: &'static str) -> Result<(), Unreadable> {
        if self.take(keyword) { Ok(()) } else { Err(Unreadable { expected: keyword }) }
    }

    fn take_sign(&mut self, sign: char) -> bool {
        self.0.next_if(|next| *next == Token::Sign(sign)).is_some()
    }

    fn sign(&mut self, sign: char, expected: &'static str) -> Result<(), Unreadable> {
        if self.take_sign(sign) { Ok(()) } else { Err(Unreadable { expected }) }
    }

    fn name(&mut self, expected: &'static str) -> Result<String, Unreadable> {
        match self.0.next() {
            Some(Token::Word(name) | Token::Quoted(name)) => Ok(name),
            _ => Err(Unreadable { expected }),
        }
    }

    fn source(&mut self) -> Result<(String, Option<BTreeSet<String>>), Unreadable> {
        if !self.take("SCHEMA") {
            return Ok((self.name("a namespace")?, None));
        }
        self.sign('(', "`(`")?;
        let namespace = self.name("a namespace")?;
        let mut labels = BTreeSet::new();
        while self.take_sign(',') {
            labels.insert(self.name("a dimension")?);
        }
        self.sign(')', "`)`")?;
        Ok((namespace, Some(labels)))
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, Unreadable> {
        let mut conditions = Vec::new();
        loop {
            let label = self.name("a dimension")?;
            let equal = match self.0.next() {
                Some(Token::Sign('=')) => true,
                Some(Token::NotEqual) => false,
                _ => return Err(Unreadable { expected: "`=` or `!=`" }),
            };
            let Some(Token::Value(value)) = self.0.next() else {
                return Err(Unreadable { expected: "a value in single quotation marks" });
            };
            conditions.push(Condition { label, equal, value });
            if !self.take("AND") {
                return Ok(conditions);
            }
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            _ if letter.is_whitespace() => continue,
            '(' | ')' | ',' | '=' => Token::Sign(letter),
            '!' => match letters.next() {
                Some('=') => Token::NotEqual,
                _ => return Err(Unreadable { expected: "`!=`" }),
            },
            '"' | '\'' => {
                let mut quoted = String::new();
                loop {
                    match letters.next() {
                        Some('\\') => quoted.extend(letters.next()),
                        Some(end) if end == letter => break,
                        Some(inner) => quoted.push(inner),
                        None => return Err(Unreadable { expected: "the end of a quotation" }),
                    }
                }
                if letter == '"' { Token::Quoted(quoted) } else { Token::Value(quoted) }
            }
            _ if letter.is_ascii_alphanumeric() || letter == '_' => {
                let mut word = String::from(letter);
                while let Some(next) = letters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                Token::Word(word)
            }
            // A dot, as in `tag.Team` or `AWS.AccountId`: more than a dimension.
            _ => return Err(Unreadable { expected: "names, values, and nothing that tells metrics apart by more" }),
        });
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dimensions(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_query_with_every_clause_is_taken_apart() {
        let query = Query::parse(
            "select avg(ModelLatency) FROM SCHEMA(\"AWS/SageMaker\", EndpointName, VariantName) \
             WHERE EndpointName = 'fraud-eu' AND VariantName != 'shadow' \
             GROUP BY VariantName ORDER BY MAX() DESC LIMIT 5",
        )
        .unwrap();
        let condition = |label: &str, equal, value: &str| Condition { label: label.into(), equal, value: value.into() };
        let expected = Query {
            function: "AVG".into(),
            metric: "ModelLatency".into(),
            namespace: "AWS/SageMaker".into(),
            schema: Some(BTreeSet::from(["EndpointName".into(), "VariantName".into()])),
            conditions: vec![condition("EndpointName", true, "fraud-eu"), condition("VariantName", false, "shadow")],
            group_by: vec!["VariantName".into()],
            limit: Some(5),
        };
        assert_eq!(query, expected);
        let variant = |endpoint, variant| dimensions(&[("EndpointName", endpoint), ("VariantName", variant)]);
        let covers = |dimensions| query.covers("AWS/SageMaker", "ModelLatency", &dimensions);
        assert_eq!(covers(variant("fraud-eu", "blue")), Some(true));
        assert_eq!(covers(variant("fraud-eu", "shadow")), Some(false));
        assert_eq!(covers(variant("fraud-us", "blue")), Some(false));
        assert_eq!(
            covers(dimensions(&[("EndpointName", "fraud-eu")])),
            Some(false),
            "not the dimensions of the schema"
        );
        assert_eq!(query.covers("AWS/SageMaker", "Invocations", &variant("fraud-eu", "blue")), Some(false));
    }

    /// The four examples of the page under SCHEMA.
    #[test]
    fn the_schema_says_which_dimensions_a_metric_has() {
        let none = dimensions(&[]);
        let instance = dimensions(&[("InstanceId", "i-1")]);
        let cases = [
            ("SELECT AVG(CPUUtilization) FROM \"AWS/EC2\"", [true, true]),
            ("SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/EC2\")", [true, false]),
            ("SELECT AVG(CPUUtilization) FROM SCHEMA(\"AWS/EC2\", InstanceId)", [false, true]),
            ("SELECT AVG(\"CPUUtilization\") FROM SCHEMA(\"AWS/EC2\", InstanceId, Zone)", [false, false]),
        ];
        for (text, expected) in cases {
            let query = Query::parse(text).unwrap();
            let covers = [&none, &instance].map(|dimensions| query.covers("AWS/EC2", "CPUUtilization", dimensions));
            assert_eq!(covers, expected.map(Some), "{text}");
        }
        let other = Query::parse("SELECT SUM(x) FROM Shop WHERE Region != 'eu'").unwrap();
        assert_eq!(other.covers("Shop", "x", &none), None, "what has no such dimension is not said");
        assert_eq!(Query::parse("SELECT SUM(\"a\\\"b\") FROM Shop").unwrap().metric, "a\"b");
    }

    #[test]
    fn what_is_no_such_query_is_refused() {
        for text in [
            "",
            "SELECT p99(ModelLatency) FROM \"AWS/SageMaker\"",
            "SELECT AVG(ModelLatency)",
            "SELECT AVG(ModelLatency) FROM AWS/SageMaker",
            "SELECT AVG(x) FROM y WHERE tag.Team = 'a'",
            "SELECT AVG(x) FROM y WHERE a = \"b\"",
            "SELECT AVG(x) FROM y WHERE a = 'b' OR c = 'd'",
            "SELECT AVG(x) FROM y LIMIT many",
            "SELECT AVG(x) FROM y GROUP BY",
            "SELECT AVG(x) FROM y; DROP",
        ] {
            assert!(Query::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(SELECT AVG\\(x\\) FROM )?(SCHEMA\\(|WHERE|GROUP BY|AND|[a\"'=!,() \\\\]|.){0,20}") {
            let _read = Query::parse(&text);
        }
    }
}
