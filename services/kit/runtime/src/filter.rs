//! Filters of lists: a documented subset of AIP-160 (R-API-4).
//!
//! ```text
//! filter     = [ comparison { "AND" comparison } ]
//! comparison = field operator value
//! field      = letters, digits, "_" and "."          one of those that the list names
//! operator   = "=" | "!=" | "<=" | ">=" | "<" | ">" | ":"
//! value      = "\"" any text, \" and \\ escaped "\"" | any text without space or quote
//! ```
//!
//! `state = OPEN AND region = "South East"`. An error names the position, counted in characters
//! from 1. What an operator means for a field is the list's own business.

use visits_core::{Fault, FieldViolation};

use crate::limits;

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `:`, has
    Has,
}

/// The longer operators first, so that `<=` is not read as `<`.
const OPERATORS: [(&str, Op); 7] = [
    ("!=", Op::NotEqual),
    ("<=", Op::LessOrEqual),
    (">=", Op::GreaterOrEqual),
    ("=", Op::Equal),
    ("<", Op::Less),
    (">", Op::Greater),
    (":", Op::Has),
];

/// One comparison; all of a filter's must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The field, one of those allowed.
    pub field: String,
    /// The comparison.
    pub op: Op,
    /// The value, unquoted.
    pub value: String,
}

impl Term {
    /// Refuses a term whose operator or value the list can't serve, in the filter's own words.
    #[must_use]
    pub fn refuse(&self, why: &str) -> Fault {
        fault(format!("`{}`: {why}", self.field))
    }

    /// The value, if the operator is `=`, which is all that most fields support.
    ///
    /// # Errors
    /// `InvalidInput` for another operator.
    pub fn equal(&self) -> Result<&str, Fault> {
        if self.op == Op::Equal {
            Ok(&self.value)
        } else {
            Err(self.refuse("only = is supported"))
        }
    }
}

fn fault(description: String) -> Fault {
    Fault::invalid(vec![FieldViolation::new("filter", description)])
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// Reads a filter whose comparisons may name the fields `allowed`. An empty filter has no terms.
///
/// # Errors
/// `InvalidInput` on `filter`, with the position of what was not understood.
pub fn parse(text: &str, allowed: &[&str]) -> Result<Vec<Term>, Fault> {
    if text.len() > limits::MAX_FILTER_BYTES {
        return Err(fault(format!(
            "has {} bytes; at most {} are allowed",
            text.len(),
            limits::MAX_FILTER_BYTES
        )));
    }
    let mut reader = Reader { text, at: 0 };
    let mut terms = Vec::new();
    reader.skip_space();
    if reader.rest().is_empty() {
        return Ok(terms);
    }
    if allowed.is_empty() {
        return Err(fault("this list has no filter; leave it empty".to_owned()));
    }
    loop {
        terms.push(reader.term(allowed)?);
        let spaced = reader.skip_space();
        if reader.rest().is_empty() {
            return Ok(terms);
        }
        if !(spaced && reader.word_and()) {
            return Err(reader.error("expected AND between comparisons"));
        }
    }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn error(&self, what: &str) -> Fault {
        self.error_at(self.at, what)
    }

    fn error_at(&self, at: usize, what: &str) -> Fault {
        let position = self.text[..at].chars().count() + 1;
        fault(format!("at position {position}: {what}"))
    }

    fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        let skipped = rest.len() - rest.trim_start().len();
        self.at += skipped;
        skipped > 0
    }

    fn word_and(&mut self) -> bool {
        let after = self.rest().strip_prefix("AND");
        let found = after.is_some_and(|rest| rest.starts_with(char::is_whitespace));
        if found {
            self.at += "AND".len();
        }
        found
    }

    fn term(&mut self, allowed: &[&str]) -> Result<Term, Fault> {
        self.skip_space();
        let start = self.at;
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
            .unwrap_or(rest.len());
        let field = rest[..length].to_owned();
        if !allowed.contains(&field.as_str()) {
            let known = allowed.join(", ");
            let what = format!("expected one of the fields {known}, found `{field}`");
            return Err(self.error_at(start, &what));
        }
        self.at += length;
        self.skip_space();
        let rest = self.rest();
        let Some((sign, op)) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign)) else {
            return Err(self.error("expected one of = != < <= > >= :"));
        };
        self.at += sign.len();
        self.skip_space();
        let value = self.value()?;
        Ok(Term {
            field,
            op: *op,
            value,
        })
    }

    fn value(&mut self) -> Result<String, Fault> {
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let rest = self.rest();
        let length = rest
            .find(|c: char| c.is_whitespace() || c == '"')
            .unwrap_or(rest.len());
        if length == 0 || &rest[..length] == "AND" {
            return Err(self.error("expected a value"));
        }
        let value = rest[..length].to_owned();
        self.at += length;
        Ok(value)
    }

    fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut value = String::new();
        let mut characters = self.text[start + 1..].char_indices();
        while let Some((offset, c)) = characters.next() {
            match c {
                '"' => {
                    self.at = start + 1 + offset + 1;
                    return Ok(value);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => {
                        return Err(self.error_at(start + 1 + offset, "expected \\\" or \\\\"));
                    }
                },
                other => value.push(other),
            }
        }
        Err(self.error_at(start, "the quote is never closed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 3] = ["state", "region", "visit_date"];

    fn terms(text: &str) -> Vec<(String, Op, String)> {
        let terms = parse(text, &FIELDS).expect(text);
        terms
            .into_iter()
            .map(|term| (term.field, term.op, term.value))
            .collect()
    }

    fn complaint(text: &str) -> String {
        let fault = parse(text, &FIELDS).expect_err(text);
        assert_eq!(fault.violations[0].field, "filter");
        fault.violations[0].description.clone()
    }

    #[test]
    fn comparisons_joined_by_and_are_read_quoted_or_bare() {
        assert_eq!(
            terms(r#"state = OPEN AND region="South \"East\"" AND visit_date >= 2020-10-05"#),
            [
                ("state".into(), Op::Equal, "OPEN".into()),
                ("region".into(), Op::Equal, r#"South "East""#.into()),
                ("visit_date".into(), Op::GreaterOrEqual, "2020-10-05".into()),
            ]
        );
        assert_eq!(terms("  "), []);
        assert_eq!(terms("state:OPEN")[0].1, Op::Has);
        assert_eq!(terms("state!=OPEN")[0].1, Op::NotEqual);
    }

    #[test]
    fn an_error_names_the_position_and_what_would_be_right() {
        assert!(
            complaint("grade = 1").starts_with("at position 1: expected one of the fields state")
        );
        assert!(complaint("state OPEN").starts_with("at position 7: expected one of ="));
        assert!(
            complaint("state = OPEN OR state = CLOSED").starts_with("at position 14: expected AND")
        );
        assert!(complaint("state = ").starts_with("at position 9: expected a value"));
        assert!(complaint("state = AND region = x").starts_with("at position 9: expected a value"));
        assert!(complaint("region = \"South").starts_with("at position 10: the quote"));
        assert!(complaint(r#"region = "é\n""#).starts_with("at position 12: expected \\\""));
        assert!(
            complaint("state = OPEN AND ")
                .starts_with("at position 18: expected one of the fields")
        );
        assert!(complaint(&"x".repeat(2000)).contains("at most 1024"));
        let none = parse("state = OPEN", &[]).expect_err("no field");
        assert!(none.violations[0].description.contains("has no filter"));
    }

    #[test]
    fn a_term_that_the_list_cannot_serve_is_refused_in_the_same_form() {
        let terms = parse("state < OPEN", &FIELDS).expect("parses");
        let fault = terms[0].equal().expect_err("only =");
        assert_eq!(
            fault.violations[0].description,
            "`state`: only = is supported"
        );
    }
}
