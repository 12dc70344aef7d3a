//! Text, which is escaped, and HTML, which is not.

use std::fmt::{self, Display, Write as _};

use askama::filters::HtmlSafe;

/// HTML that is shown as it is. Only what is known to be markup of ours becomes one; text from a
/// person or from another system is a [`Content::Text`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Markup that this program wrote itself.
    #[must_use]
    pub fn trusted(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// A component, or a page's fragment, to be put into another.
    #[must_use]
    pub fn of(component: &impl HtmlSafe) -> Self {
        Self(component.to_string())
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This, followed by `next`.
    #[must_use]
    pub fn and(mut self, next: &impl HtmlSafe) -> Self {
        // Writing to a String can't fail.
        let _ = write!(self.0, "{next}");
        self
    }
}

impl Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl HtmlSafe for Html {}

/// What GOV.UK's components take as `text` or as `html`: in one field, so that there is never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Escaped when it is shown.
    Text(String),
    /// Shown as it is.
    Html(Html),
}

impl Content {
    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Html(html) => html.is_empty(),
        }
    }

    /// Whether it is markup.
    pub(crate) fn is_html(&self) -> bool {
        matches!(self, Self::Html(_))
    }

    /// This, or `otherwise` where there is nothing.
    pub(crate) fn or(&self, otherwise: &str) -> Self {
        if self.is_empty() {
            otherwise.into()
        } else {
            self.clone()
        }
    }
}

impl Default for Content {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => escape(f, text),
            Self::Html(html) => html.fmt(f),
        }
    }
}
impl HtmlSafe for Content {}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<Html> for Content {
    fn from(html: Html) -> Self {
        Self::Html(html)
    }
}

/// Writes `text` so that it is text both between tags and in a quoted attribute.
pub(crate) fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for char in text.chars() {
        match char {
            '&' => f.write_str("&amp;")?,
            '<' => f.write_str("&lt;")?,
            '>' => f.write_str("&gt;")?,
            '"' => f.write_str("&quot;")?,
            '\'' => f.write_str("&#39;")?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_html_is_not() {
        let text = Content::from("<script>alert('\"&')</script>");
        let escaped = "&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;";
        assert_eq!(text.to_string(), escaped);
        let html = Content::from(Html::trusted("<b>bold</b>"));
        assert_eq!(html.to_string(), "<b>bold</b>");
    }

    #[test]
    fn fragments_follow_each_other() {
        let both = Html::trusted("<hr>").and(&Content::from("a < b"));
        assert_eq!(both.to_string(), "<hr>a &lt; b");
        assert!(Html::default().is_empty());
    }
}
