//! The grammar of a composite alarm's rule.

use std::iter::Peekable;
use std::str::CharIndices;

use super::{Quota, Rule};
use crate::cloudwatch::alarm::State;

/// Deeper than any rule that people write, and than CloudWatch accepts.
const DEPTH: usize = 100;

#[derive(Debug)]
pub(super) struct Parser<'t> {
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

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, rest: text.char_indices().peekable() }
    }

    /// The whole text as one rule.
    pub(super) fn whole(&mut self) -> Option<Rule> {
        let rule = self.any(0)?;
        self.next_token().is_none().then_some(rule)
    }

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
                word => Some(Rule::Is(State::read(word)?, self.in_parentheses()?)),
            },
            Token::Close | Token::Comma | Token::Quoted(_) => None,
        }
    }

    fn at_least(&mut self) -> Option<Rule> {
        self.expect(&Token::Open)?;
        let (Token::Word(quota) | Token::Quoted(quota)) = self.next_token()? else { return None };
        let quota = match quota.strip_suffix('%') {
            Some(percent) => Quota::Percent(percent.parse().ok()?),
            None => Quota::Number(quota.parse().ok()?),
        };
        self.expect(&Token::Comma)?;
        let is = !self.take_word("NOT");
        let Token::Word(word) = self.next_token()? else { return None };
        let state = State::read(&word.to_uppercase())?;
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
