//! The rule of a composite alarm: `ALARM("a") AND NOT (OK(b) OR INSUFFICIENT_DATA(c))`, `AT_LEAST(2, ALARM, (a, b, c))`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html>

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::CharIndices;

/// The state of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Alarm,
    Ok,
    Insufficient,
}

/// A rule, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Is(State, String),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    /// So many of these are in the state, or (`false`) are not in it.
    AtLeast(Quota, State, bool, Vec<String>),
    Constant(bool),
}

/// How many of several alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quota {
    Number(usize),
    Percent(usize),
}

/// Deeper than any rule that people write, and than CloudWatch accepts.
const DEPTH: usize = 100;
/// With so many alarms in a rule, all combinations of their states are still few.
const FEW: usize = 7;

impl Rule {
    /// Reads a rule; `None` if it is not written as documented.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { text, rest: text.char_indices().peekable() };
        let rule = parser.any(0)?;
        parser.next_token().is_none().then_some(rule)
    }

    /// Whether it holds, given the state of each alarm.
    pub(super) fn holds(&self, state: &impl Fn(&str) -> State) -> bool {
        match self {
            Self::Is(wanted, name) => state(name) == *wanted,
            Self::Not(rule) => !rule.holds(state),
            Self::All(rules) => rules.iter().all(|rule| rule.holds(state)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(state)),
            Self::AtLeast(quota, wanted, is, names) => {
                let count = names.iter().filter(|name| (state(name) == *wanted) == *is).count();
                match quota {
                    Quota::Number(number) => count >= *number,
                    Quota::Percent(percent) => count * 100 >= *percent * names.len(),
                }
            }
            Self::Constant(value) => *value,
        }
    }

    /// The alarms that it names.
    pub(super) fn names(&self) -> BTreeSet<&str> {
        match self {
            Self::Is(_, name) => BTreeSet::from([name.as_str()]),
            Self::Not(rule) => rule.names(),
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::names).collect(),
            Self::AtLeast(_, _, _, names) => names.iter().map(String::as_str).collect(),
            Self::Constant(_) => BTreeSet::new(),
        }
    }

    /// Whether it holds as soon as this alarm, and no other, is in ALARM.
    pub(super) fn suffices(&self, alarm: &str) -> bool {
        self.holds(&|name| if name == alarm { State::Alarm } else { State::Ok })
    }

    /// Whether it may come to hold because this alarm goes into ALARM.
    pub(super) fn may_need(&self, alarm: &str) -> bool {
        let others: Vec<&str> = self.names().into_iter().filter(|name| *name != alarm).collect();
        if others.len() > FEW {
            return true;
        }
        combinations(&others).any(|states| {
            let with = |own: State| {
                self.holds(&|name| {
                    let other = others.iter().zip(&states).find(|(other, _)| **other == name);
                    other.map_or(own, |(_, state)| *state)
                })
            };
            with(State::Alarm) && !with(State::Ok)
        })
    }

    /// Whether it can hold at all, as far as that was tried.
    pub(super) fn can_hold(&self) -> bool {
        let names: Vec<&str> = self.names().into_iter().collect();
        names.len() > FEW
            || combinations(&names).any(|states| {
                self.holds(&|name| {
                    let found = names.iter().zip(&states).find(|(known, _)| **known == name);
                    found.map_or(State::Ok, |(_, state)| *state)
                })
            })
    }
}

/// Every combination of states of so many alarms.
fn combinations(names: &[&str]) -> impl Iterator<Item = Vec<State>> {
    const STATES: [State; 3] = [State::Alarm, State::Ok, State::Insufficient];
    let length = names.len();
    let total = 3_usize.pow(u32::try_from(length).unwrap_or(u32::MAX).min(20));
    (0..total).map(move |mut number| {
        let digit = |number: usize| STATES.get(number % 3).copied().unwrap_or(State::Ok);
        (0..length)
            .map(|_| {
                let state = digit(number);
                number /= 3;
                state
            })
            .collect()
    })
}

#[derive(Debug)]
struct Parser<'t> {
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Comma,
    /// A word as it stands.
    Word(String),
    /// What stood in quotes.
    Quoted(String),
}

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Option<Rule> {
        let mut rules = vec![self.all(depth)?];
        while self.take_word("OR") {
            rules.push(self.all(depth)?);
        }
        one_or(rules, Rule::Any)
    }

    fn all(&mut self, depth: usize) -> Option<Rule> {
        let mut rules = vec![self.single(depth)?];
        while self.take_word("AND") {
            rules.push(self.single(depth)?);
        }
        one_or(rules, Rule::All)
    }

    fn single(&mut self, depth: usize) -> Option<Rule> {
        if depth > DEPTH {
            return None;
        }
        match self.next_token()? {
            Token::Open => {
                let rule = self.any(depth + 1)?;
                (self.next_token()? == Token::Close).then_some(rule)
            }
            Token::Word(word) => match word.to_uppercase().as_str() {
                "NOT" => Some(Rule::Not(Box::new(self.single(depth + 1)?))),
                "TRUE" => Some(Rule::Constant(true)),
                "FALSE" => Some(Rule::Constant(false)),
                "AT_LEAST" => self.at_least(),
                word => Some(Rule::Is(state(word)?, self.in_parentheses()?)),
            },
            Token::Close | Token::Comma | Token::Quoted(_) => None,
        }
    }

    fn at_least(&mut self) -> Option<Rule> {
        self.expect(&Token::Open)?;
        let Token::Word(quota) = self.next_token()? else { return None };
        let quota = match quota.strip_suffix('%') {
            Some(percent) => Quota::Percent(percent.parse().ok()?),
            None => Quota::Number(quota.parse().ok()?),
        };
        self.expect(&Token::Comma)?;
        let is = !self.take_word("NOT");
        let Token::Word(word) = self.next_token()? else { return None };
        let state = state(&word.to_uppercase())?;
        self.expect(&Token::Comma)?;
        self.expect(&Token::Open)?;
        let mut names = vec![self.name()?];
        loop {
            match self.next_token()? {
                Token::Comma => names.push(self.name()?),
                Token::Close => break,
                _ => return None,
            }
        }
        self.expect(&Token::Close)?;
        Some(Rule::AtLeast(quota, state, is, names))
    }

    fn expect(&mut self, token: &Token) -> Option<()> {
        (self.next_token()? == *token).then_some(())
    }

    fn name(&mut self) -> Option<String> {
        match self.next_token()? {
            Token::Word(name) | Token::Quoted(name) => Some(bare(&name)),
            _ => None,
        }
    }

    /// A name in parentheses. Without quotes it may hold spaces.
    fn in_parentheses(&mut self) -> Option<String> {
        self.expect(&Token::Open)?;
        self.skip_spaces();
        if self.rest.peek()?.1 == '"' {
            let name = self.name()?;
            self.expect(&Token::Close)?;
            return Some(name);
        }
        let start = self.rest.peek()?.0;
        let end = self.rest.by_ref().find(|(_, letter)| *letter == ')')?.0;
        let name = self.text.get(start..end)?.trim();
        (!name.is_empty()).then(|| bare(name))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let before = self.rest.clone();
        let taken = matches!(self.next_token(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        if !taken {
            self.rest = before;
        }
        taken
    }

    fn skip_spaces(&mut self) {
        while self.rest.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
    }

    fn next_token(&mut self) -> Option<Token> {
        self.skip_spaces();
        let (start, first) = self.rest.next()?;
        Some(match first {
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '"' => {
                let mut name = String::new();
                loop {
                    match self.rest.next()?.1 {
                        '"' => break Token::Quoted(name),
                        '\\' => name.push(self.rest.next()?.1),
                        letter => name.push(letter),
                    }
                }
            }
            _ => {
                let ends = |letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | ',' | '"');
                let mut end = start + first.len_utf8();
                while let Some((at, letter)) = self.rest.next_if(|(_, letter)| !ends(*letter)) {
                    end = at + letter.len_utf8();
                }
                Token::Word(self.text.get(start..end)?.to_owned())
            }
        })
    }
}

fn state(word: &str) -> Option<State> {
    match word {
        "ALARM" => Some(State::Alarm),
        "OK" => Some(State::Ok),
        "INSUFFICIENT_DATA" => Some(State::Insufficient),
        _ => None,
    }
}

/// The name of an alarm that is given by name or by ARN.
fn bare(name: &str) -> String {
    match name.split_once(":alarm:") {
        Some((arn, name)) if arn.starts_with("arn:") => name.to_owned(),
        _ => name.to_owned(),
    }
}

fn one_or(mut rules: Vec<Rule>, several: impl Fn(Vec<Rule>) -> Rule) -> Option<Rule> {
    if rules.len() > 1 { Some(several(rules)) } else { rules.pop() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Rule {
        Rule::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn an_alarm_alone_is_enough_or_not() {
        let cases = [
            ("ALARM(a)", true, true),
            ("ALARM(\"a\") OR ALARM(b)", true, true),
            ("alarm(a) or alarm(b)", true, true),
            ("ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a)", true, true),
            ("ALARM(a) AND NOT ALARM(deploying)", true, true),
            ("ALARM(a) AND (ALARM(b) OR ALARM(c))", false, true),
            ("(ALARM(a) AND ALARM(b)) OR ALARM(c)", false, true),
            ("AT_LEAST(2, ALARM, (a, b, \"c d\"))", false, true),
            ("AT_LEAST(30%, ALARM, (a, b, c))", true, true),
            ("AT_LEAST(1, NOT OK, (a, b))", true, true),
            ("ALARM(a) AND FALSE", false, false),
            ("NOT ALARM(a)", false, false),
            ("OK(a)", false, false),
            ("ALARM(a) AND ALARM(b) AND NOT ALARM(b)", false, false),
        ];
        for (text, suffices, may_need) in cases {
            let rule = parse(text);
            assert_eq!((rule.suffices("a"), rule.may_need("a")), (suffices, may_need), "{text}");
        }
    }

    #[test]
    fn a_rule_that_never_holds_is_found_out() {
        for text in ["FALSE", "ALARM(a) AND OK(a)", "NOT TRUE", "ALARM(a) AND FALSE", "AT_LEAST(3, ALARM, (a, b))"] {
            assert!(!parse(text).can_hold(), "{text}");
        }
        for text in ["TRUE", "ALARM(a) AND ALARM(b) AND NOT ALARM(c)", "INSUFFICIENT_DATA(a)"] {
            assert!(parse(text).can_hold(), "{text}");
        }
    }

    #[test]
    fn names_may_hold_spaces_quotes_and_words_of_the_rule() {
        let rule = parse("ALARM(\"a \\\"b\\\" OR (c)\") AND OK(d AND e)");
        assert_eq!(rule.names().into_iter().collect::<Vec<_>>(), ["a \"b\" OR (c)", "d AND e"]);
    }

    #[test]
    fn what_is_not_a_rule_is_refused() {
        let deep = format!("{}TRUE{}", "(".repeat(5_000), ")".repeat(5_000));
        for text in [
            "",
            "ALARM",
            "ALARM()",
            "ALARM(a) ALARM(b)",
            "ALARM(a) AND",
            "WARN(a)",
            "(ALARM(a)",
            "\"a\"",
            "ALARM(\"a)",
            &deep,
        ] {
            assert_eq!(Rule::parse(text), None, "{}", text.get(..20).unwrap_or(text));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(ALARM|OK|AND|OR|NOT|AT_LEAST|TRUE|[(),\"%\\\\ 2a]|.){0,40}") {
            if let Some(rule) = Rule::parse(&text) {
                rule.can_hold();
                rule.may_need("a");
            }
        }
    }
}
