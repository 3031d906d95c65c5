//! The grammar of metric maths.

use std::iter::Peekable;
use std::str::CharIndices;

use super::Unsupported;
use super::operators::Operator;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(f64),
    /// A metric or an expression, by id; or a word such as `REPEAT`.
    Name(String),
    /// What stood in quotes.
    Text(String),
    Array(Vec<Node>),
    Negative(Box<Node>),
    Operation(Operator, Box<Node>, Box<Node>),
    Call(String, Vec<Node>),
}

impl Node {
    /// Shows it and all that it consists of.
    pub(super) fn visit<'n>(&'n self, see: &mut impl FnMut(&'n Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Name(_) | Self::Text(_) => {}
            Self::Negative(node) => node.visit(see),
            Self::Operation(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Self::Array(nodes) | Self::Call(_, nodes) => {
                for node in nodes {
                    node.visit(see);
                }
            }
        }
    }
}

/// Deeper than anybody writes.
const DEPTH: usize = 60;
/// Longer than CloudWatch takes: 2,048 characters.
const LONGEST: usize = 4_096;

/// Reads the whole text as one expression.
pub(super) fn expression(text: &str) -> Result<Node, Unsupported> {
    if text.len() > LONGEST {
        return Err(Unsupported::Syntax("it is longer than CloudWatch takes"));
    }
    let mut parser = Parser { text, rest: text.char_indices().peekable() };
    let node = parser.any(0)?;
    match parser.next_token()? {
        None => Ok(node),
        Some(_) => Err(Unsupported::Syntax("something follows its end")),
    }
}

#[derive(Debug)]
struct Parser<'t> {
    text: &'t str,
    rest: Peekable<CharIndices<'t>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Sign(&'static str),
    Number(f64),
    Word(String),
    Text(String),
}

/// Longer signs first.
const SIGNS: [&str; 19] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ",", "="];

type Parsed = Result<Node, Unsupported>;

impl Parser<'_> {
    fn any(&mut self, depth: usize) -> Parsed {
        let mut node = self.all(depth)?;
        while self.take(&["||", "OR"])?.is_some() {
            node = operation(Operator::Or, node, self.all(depth)?);
        }
        Ok(node)
    }

    fn all(&mut self, depth: usize) -> Parsed {
        let mut node = self.comparison(depth)?;
        while self.take(&["&&", "AND"])?.is_some() {
            node = operation(Operator::And, node, self.comparison(depth)?);
        }
        Ok(node)
    }

    fn comparison(&mut self, depth: usize) -> Parsed {
        const SIGNS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];
        let left = self.sum(depth)?;
        let Some(sign) = self.take(&SIGNS)? else { return Ok(left) };
        let operator = match sign {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<=" => Operator::LessOrEqual,
            ">=" => Operator::GreaterOrEqual,
            "<" => Operator::Less,
            _ => Operator::Greater,
        };
        let node = operation(operator, left, self.sum(depth)?);
        if self.take(&SIGNS)?.is_some() {
            return Err(Unsupported::Undocumented("a comparison of a comparison without parentheses"));
        }
        Ok(node)
    }

    fn sum(&mut self, depth: usize) -> Parsed {
        let mut node = self.product(depth)?;
        while let Some(sign) = self.take(&["+", "-"])? {
            let operator = if sign == "+" { Operator::Add } else { Operator::Subtract };
            node = operation(operator, node, self.product(depth)?);
        }
        Ok(node)
    }

    fn product(&mut self, depth: usize) -> Parsed {
        let mut node = self.power(depth)?;
        while let Some(sign) = self.take(&["*", "/"])? {
            let operator = if sign == "*" { Operator::Multiply } else { Operator::Divide };
            node = operation(operator, node, self.power(depth)?);
        }
        Ok(node)
    }

    fn power(&mut self, depth: usize) -> Parsed {
        let base = self.signed(depth)?;
        if self.take(&["^"])?.is_none() {
            return Ok(base);
        }
        if matches!(base, Node::Negative(_)) {
            return Err(Unsupported::Undocumented("a power after a minus without parentheses"));
        }
        let node = operation(Operator::Power, base, self.signed(depth)?);
        if self.take(&["^"])?.is_some() {
            return Err(Unsupported::Undocumented("a power of a power without parentheses"));
        }
        Ok(node)
    }

    fn signed(&mut self, depth: usize) -> Parsed {
        if depth > DEPTH {
            return Err(Unsupported::Syntax("it is nested too deeply"));
        }
        if self.take(&["-"])?.is_some() {
            return Ok(Node::Negative(Box::new(self.signed(depth + 1)?)));
        }
        match self.next_token()? {
            Some(Token::Number(number)) => Ok(Node::Number(number)),
            Some(Token::Text(text)) => Ok(Node::Text(text)),
            Some(Token::Word(word)) => match self.take(&["("])? {
                Some(_) => Ok(Node::Call(word, self.list(")", depth)?)),
                None => Ok(Node::Name(word)),
            },
            Some(Token::Sign("(")) => {
                let node = self.any(depth + 1)?;
                match self.take(&[")"])? {
                    // In parentheses a minus is clear, whatever follows.
                    Some(_) if matches!(node, Node::Negative(_)) => {
                        Ok(operation(Operator::Add, Node::Number(0.0), node))
                    }
                    Some(_) => Ok(node),
                    None => Err(Unsupported::Syntax("a parenthesis is not closed")),
                }
            }
            Some(Token::Sign("[")) => self.list("]", depth).map(Node::Array),
            Some(Token::Sign(_)) => Err(Unsupported::Syntax("an operator stands where a value is expected")),
            None => Err(Unsupported::Syntax("it ends where a value is expected")),
        }
    }

    fn list(&mut self, end: &'static str, depth: usize) -> Result<Vec<Node>, Unsupported> {
        let mut nodes = Vec::new();
        if self.take(&[end])?.is_some() {
            return Ok(nodes);
        }
        loop {
            nodes.push(self.any(depth + 1)?);
            match self.take(&[",", end])? {
                Some(",") => {}
                Some(_) => return Ok(nodes),
                None => return Err(Unsupported::Syntax("a list is not closed")),
            }
        }
    }

    /// Takes the next token if it is one of these signs or words.
    fn take(&mut self, wanted: &[&'static str]) -> Result<Option<&'static str>, Unsupported> {
        let before = self.rest.clone();
        let found = match self.next_token()? {
            Some(Token::Sign(sign)) => wanted.iter().find(|wanted| **wanted == sign).copied(),
            Some(Token::Word(word)) => wanted.iter().find(|wanted| **wanted == word).copied(),
            _ => None,
        };
        if found.is_none() {
            self.rest = before;
        }
        Ok(found)
    }

    fn next_token(&mut self) -> Result<Option<Token>, Unsupported> {
        while self.rest.next_if(|(_, letter)| letter.is_whitespace()).is_some() {}
        let Some((start, first)) = self.rest.peek().copied() else { return Ok(None) };
        let after = self.text.get(start..).unwrap_or_default();
        if let Some(sign) = SIGNS.iter().find(|sign| after.starts_with(**sign)) {
            for _ in 0..sign.len() {
                self.rest.next();
            }
            return if *sign == "=" {
                Err(Unsupported::Syntax("a single `=` is no operator"))
            } else {
                Ok(Some(Token::Sign(sign)))
            };
        }
        if first == '\'' || first == '"' {
            self.rest.next();
            let mut text = String::new();
            for (_, letter) in self.rest.by_ref() {
                if letter == first {
                    return Ok(Some(Token::Text(text)));
                }
                text.push(letter);
            }
            return Err(Unsupported::Syntax("a quotation is not closed"));
        }
        let is_number = first.is_ascii_digit() || first == '.';
        let belongs = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || is_number && letter == '.';
        let mut word = String::new();
        while let Some((_, letter)) = self.rest.next_if(|(_, letter)| belongs(*letter)) {
            word.push(letter);
        }
        if word.is_empty() {
            return Err(Unsupported::Syntax("it holds a character that no expression has"));
        }
        if is_number {
            let number = word.parse::<f64>().ok().filter(|number| number.is_finite());
            return number.map(|number| Some(Token::Number(number))).ok_or(Unsupported::Syntax("a number is odd"));
        }
        Ok(Some(Token::Word(word)))
    }
}

fn operation(operator: Operator, left: Node, right: Node) -> Node {
    Node::Operation(operator, Box::new(left), Box::new(right))
}
