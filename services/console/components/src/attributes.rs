//! Attributes of a tag, and the short forms in which templates write them.

use std::fmt::{self, Display};

use askama::filters::HtmlSafe;

use crate::html::escape;

/// Further attributes of a component's tag, in the order in which they were given.
///
/// A name is part of the program, never of its data: a name can't be escaped. A value can be
/// anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<(&'static str, Option<String>)>);

impl Attributes {
    /// No attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// These and `name="value"`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, Some(value.into())));
        self
    }

    /// These and `name` without a value.
    #[must_use]
    pub fn flag(mut self, name: &'static str) -> Self {
        self.0.push((name, None));
        self
    }
}

impl Display for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            write!(f, " {name}")?;
            if let Some(value) = value {
                f.write_str("=\"")?;
                escape(f, value)?;
                f.write_str("\"")?;
            }
        }
        Ok(())
    }
}
impl HtmlSafe for Attributes {}

/// ` name="value"`, or nothing where the value is empty.
pub(crate) struct Attribute<'a> {
    name: &'static str,
    value: &'a str,
}

impl Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.value.is_empty() {
            return Ok(());
        }
        write!(f, " {}=\"", self.name)?;
        escape(f, self.value)?;
        f.write_str("\"")
    }
}
impl HtmlSafe for Attribute<'_> {}

/// Further class names after a component's own.
pub(crate) struct MoreClasses<'a>(&'a str);

impl Display for MoreClasses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        escape(f, self.0)
    }
}
impl HtmlSafe for MoreClasses<'_> {}

/// What templates ask of an option that is a text.
pub(crate) trait Markup {
    /// The option as the attribute `name`, if it isn't empty.
    fn attr(&self, name: &'static str) -> Attribute<'_>;
    /// The option as class names after those of the component.
    fn more(&self) -> MoreClasses<'_>;
}

impl Markup for str {
    fn attr(&self, name: &'static str) -> Attribute<'_> {
        Attribute { name, value: self }
    }

    fn more(&self) -> MoreClasses<'_> {
        MoreClasses(self)
    }
}

/// The given ids, without empty ones, as `aria-describedby` has them.
pub(crate) fn described_by(ids: &[&str]) -> String {
    let given: Vec<&str> = ids.iter().copied().filter(|id| !id.is_empty()).collect();
    given.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        let attributes = Attributes::new()
            .with("data-note", "\" onclick=\"x")
            .flag("hidden");
        let shown = " data-note=\"&quot; onclick=&quot;x\" hidden";
        assert_eq!(attributes.to_string(), shown);
    }

    #[test]
    fn an_empty_option_leaves_no_trace() {
        assert_eq!("".attr("id").to_string() + &"".more().to_string(), "");
        assert_eq!("a".attr("id").to_string(), " id=\"a\"");
        assert_eq!("a b".more().to_string(), " a b");
        assert_eq!(described_by(&["", "x-hint", "x-error"]), "x-hint x-error");
    }
}
