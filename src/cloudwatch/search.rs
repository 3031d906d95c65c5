//! `SEARCH` expressions, read as far as it takes to say which metrics they find.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html>

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A search: `SEARCH('{AWS/SageMaker,EndpointName} MetricName="ModelLatency"', 'Average', 300)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Namespace and dimension names that metrics must have.
    pub schema: Option<(String, Vec<String>)>,
    /// What else must be so; nothing, where all of the schema is found.
    pub term: Option<Term>,
}

/// What metrics are searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// Something is exactly this, in quotation marks: the named property, or any.
    Exact(Option<String>, String),
    /// Something holds this token. Names are taken apart by rules of their own, so whether a metric does is not told.
    Partial(Option<String>, String),
    /// The term does not match.
    Not(Box<Term>),
    /// All of them match.
    All(Vec<Term>),
    /// At least one matches.
    Any(Vec<Term>),
}

/// Deeper than any search of at most 1,024 characters that people write.
const DEPTH: usize = 50;

impl Search {
    /// Reads what stands in the first quotation marks of `SEARCH`; `None` if it is not written as documented.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader(text.chars().peekable());
        reader.skip_spaces();
        let schema = if reader.0.next_if_eq(&'{').is_some() { Some(reader.schema()?) } else { None };
        reader.skip_spaces();
        reader.0.next_if_eq(&',');
        reader.skip_spaces();
        let term = if reader.0.peek().is_some() { Some(reader.any(0)?) } else { None };
        (reader.0.next().is_none() && (schema.is_some() || term.is_some())).then_some(Self { schema, term })
    }

    /// Whether it finds a metric; `None` where that depends on how CloudWatch takes names apart.
    pub fn finds(&self, namespace: &str, metric: &str, dimensions: &BTreeMap<String, String>) -> Option<bool> {
        let shaped = match &self.schema {
            None => Some(true),
            Some((wanted, names)) => {
                let has_all = names.iter().all(|name| dimensions.contains_key(name));
                if wanted != namespace || !has_all {
                    Some(false)
                } else if names.len() == dimensions.len() {
                    Some(true)
                } else {
                    // "any metrics that have InstanceId as a dimension name" leaves open those that have others too.
                    None
                }
            }
        };
        let matches = self.term.as_ref().map_or(Some(true), |term| term.matches(namespace, metric, dimensions));
        match (shaped, matches) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        }
    }
}

impl Term {
    fn matches(&self, namespace: &str, metric: &str, dimensions: &BTreeMap<String, String>) -> Option<bool> {
        let of = |term: &Self| term.matches(namespace, metric, dimensions);
        let first_or_unknown = |terms: &[Self], decisive: bool| {
            let outcomes: Vec<_> = terms.iter().map(of).collect();
            if outcomes.contains(&Some(decisive)) {
                return Some(decisive);
            }
            (!outcomes.contains(&None)).then_some(!decisive)
        };
        match self {
            Self::Exact(property, text) => Some(match property.as_deref() {
                Some("MetricName") => metric == text,
                Some("Namespace") => namespace == text,
                Some(name) => dimensions.get(name) == Some(text),
                None => {
                    metric == text
                        || namespace == text
                        || dimensions.iter().any(|(name, value)| name == text || value == text)
                }
            }),
            Self::Partial(..) => None,
            Self::Not(term) => of(term).map(|matches| !matches),
            Self::All(terms) => first_or_unknown(terms, false),
            Self::Any(terms) => first_or_unknown(terms, true),
        }
    }
}

#[derive(Debug)]
struct Reader<'t>(Peekable<Chars<'t>>);

impl Reader<'_> {
    fn skip_spaces(&mut self) {
        while self.0.next_if(|letter| letter.is_whitespace()).is_some() {}
    }

    fn schema(&mut self) -> Option<(String, Vec<String>)> {
        let mut names = Vec::new();
        loop {
            self.skip_spaces();
            let name = match self.0.peek()? {
                '"' => self.quoted()?,
                _ => self.bare(|letter| matches!(letter, ',' | '}' | '"')).trim_end().to_owned(),
            };
            if name.is_empty() {
                return None;
            }
            names.push(name);
            self.skip_spaces();
            match self.0.next()? {
                ',' => {}
                '}' => break,
                _ => return None,
            }
        }
        let mut names = names.into_iter();
        Some((names.next()?, names.collect()))
    }

    fn any(&mut self, depth: usize) -> Option<Term> {
        let mut terms = vec![self.all(depth)?];
        while self.take("OR") {
            terms.push(self.all(depth)?);
        }
        one_or(terms, Term::Any)
    }

    /// Terms that follow on one another are all wanted, with `AND` or without.
    fn all(&mut self, depth: usize) -> Option<Term> {
        let mut terms = vec![self.single(depth)?];
        loop {
            self.skip_spaces();
            let ends = self.0.peek().is_none_or(|letter| *letter == ')') || self.is_next("OR");
            if ends && !self.take("AND") {
                return one_or(terms, Term::All);
            }
            self.take("AND");
            terms.push(self.single(depth)?);
        }
    }

    fn single(&mut self, depth: usize) -> Option<Term> {
        if depth > DEPTH {
            return None;
        }
        self.skip_spaces();
        if self.take("NOT") {
            return Some(Term::Not(Box::new(self.single(depth + 1)?)));
        }
        if self.0.next_if_eq(&'(').is_some() {
            let term = self.any(depth + 1)?;
            self.skip_spaces();
            return self.0.next_if_eq(&')').map(|_| term);
        }
        let (text, exact) = self.text()?;
        if self.0.next_if_eq(&'=').is_none() {
            return Some(if exact { Term::Exact(None, text) } else { Term::Partial(None, text) });
        }
        let (value, exact) = self.text()?;
        Some(if exact { Term::Exact(Some(text), value) } else { Term::Partial(Some(text), value) })
    }

    /// A text, and whether it stands in quotation marks.
    fn text(&mut self) -> Option<(String, bool)> {
        if self.0.peek()? == &'"' {
            return Some((self.quoted()?, true));
        }
        let text = self.bare(|letter| letter.is_whitespace() || matches!(letter, '(' | ')' | '=' | '"'));
        (!text.is_empty()).then_some((text, false))
    }

    fn bare(&mut self, ends: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(letter) = self.0.next_if(|letter| !ends(*letter)) {
            text.push(letter);
        }
        text
    }

    fn quoted(&mut self) -> Option<String> {
        self.0.next_if_eq(&'"')?;
        let mut text = String::new();
        loop {
            match self.0.next()? {
                '"' => return Some(text),
                '\\' => text.push(self.0.next()?),
                letter => text.push(letter),
            }
        }
    }

    fn is_next(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let mut ahead = self.0.clone();
        let is_word = word.chars().all(|letter| ahead.next() == Some(letter));
        is_word && ahead.next().is_none_or(|letter| letter.is_whitespace() || letter == '(')
    }

    /// Takes an operator, which is written in capitals.
    fn take(&mut self, word: &str) -> bool {
        let taken = self.is_next(word);
        if taken {
            for _ in word.chars() {
                self.0.next();
            }
        }
        taken
    }
}

fn one_or(mut terms: Vec<Term>, several: impl Fn(Vec<Term>) -> Term) -> Option<Term> {
    if terms.len() > 1 { Some(several(terms)) } else { terms.pop() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(text: &str, namespace: &str, metric: &str, dimensions: &[(&str, &str)]) -> Option<bool> {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Search::parse(text).unwrap_or_else(|| panic!("{text}")).finds(namespace, metric, &dimensions)
    }

    #[test]
    fn a_search_finds_what_its_schema_and_exact_terms_say() {
        let variant = [("EndpointName", "fraud-eu"), ("VariantName", "blue")];
        let cases = [
            ("{AWS/SageMaker,EndpointName,VariantName} MetricName=\"ModelLatency\"", Some(true)),
            (" {\"AWS/SageMaker\", EndpointName, VariantName}, MetricName=\"ModelLatency\" ", Some(true)),
            ("{AWS/SageMaker,EndpointName,VariantName}", Some(true)),
            ("{AWS/SageMaker,EndpointName,VariantName} MetricName=\"Invocations\"", Some(false)),
            ("{AWS/Lambda,EndpointName,VariantName} MetricName=\"ModelLatency\"", Some(false)),
            ("{AWS/SageMaker,InferenceComponentName}", Some(false)),
            ("{AWS/SageMaker,EndpointName} MetricName=\"ModelLatency\"", None),
            ("\"ModelLatency\" EndpointName=\"fraud-eu\" NOT VariantName=\"green\"", Some(true)),
            ("\"ModelLatency\" AND NOT \"blue\"", Some(false)),
            ("(MetricName=\"Invocations\" OR MetricName=\"ModelLatency\") Namespace=\"AWS/SageMaker\"", Some(true)),
            ("{AWS/SageMaker,EndpointName,VariantName} MetricName=\"ModelLatency\" fraud", None),
            ("MetricName=\"Invocations\" fraud", Some(false)),
            ("MetricName=latency", None),
            ("\"ModelLatency\" OR fraud", Some(true)),
            ("NOT Namespace=AWS", None),
        ];
        for (text, expected) in cases {
            assert_eq!(finds(text, "AWS/SageMaker", "ModelLatency", &variant), expected, "{text}");
        }
    }

    /// Examples of the page.
    #[test]
    fn the_documented_examples_are_read() {
        for text in [
            " {AWS/EC2,InstanceId} MetricName=\"CPUUtilization\" ",
            " {MyNamespace}, \"CustomCount1\" ",
            " {AWS/NetworkELB, LoadBalancer} \"ConsumedLCUs\" OR flow ",
            " {\"My Namespace\", \"Dimension@Name\"}, \"Custom:Name[Special_Characters\" ",
            " InstanceType=\"t2.micro\" Namespace=\"AWS/EC2\" ",
            "{AWS/EC2,InstanceId} network AND packets",
            " {AWS/EC2,InstanceId} MetricName=\"CPUUtilization\" NOT i-1234567890123456 ",
            " (EC2 OR EBS) AND ReadOps AND ProjectA ",
            " {AWS/Lambda,FunctionName} MetricName=\"Errors\" OR (MetricName=\"Invocations\" AND (ProjectA OR ProjectB)) ",
        ] {
            assert!(Search::parse(text).is_some(), "{text}");
        }
        let escaped = Search::parse("\"Europe\\\\France Traffic\\(Network\\)\"").unwrap();
        assert_eq!(escaped.term, Some(Term::Exact(None, "Europe\\France Traffic(Network)".into())));
    }

    #[test]
    fn what_is_no_search_is_refused() {
        let deep = "(".repeat(500);
        for text in ["", "{", "{}", "{AWS/EC2", "\"open", "a OR", "NOT", "(a", "a)", "a = b", &deep] {
            assert_eq!(Search::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(\\{AWS/EC2,)?(AND|OR|NOT|[a\"=(){},: \\\\]|.){0,20}") {
            if let Some(search) = Search::parse(&text) {
                search.finds("AWS/EC2", "a", &BTreeMap::new());
            }
        }
    }
}
