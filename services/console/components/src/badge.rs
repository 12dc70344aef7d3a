//! The Ministry of Justice's badge.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// A property of something, in a word or two.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "badge.html")]
pub struct Badge {
    /// What it says.
    pub text: Content,
    /// Further classes, for example `moj-badge--red` or `moj-badge--large`.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_says_its_word_and_carries_its_classes() {
        let badge = Badge {
            text: "Late & open".into(),
            classes: "moj-badge--red".into(),
            ..Badge::default()
        };
        let shown = r#"<span class="moj-badge moj-badge--red">Late &amp; open</span>"#;
        assert_eq!(badge.to_string().trim(), shown);
    }
}
