//! The Ministry of Justice's alert.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Tells what has changed or gone wrong while a page is open. It stays until somebody takes it
/// away, and at most one on a page has the role `alert`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "alert.html")]
pub struct Alert {
    /// What it is about.
    pub variant: AlertVariant,
    /// Its title: read out with the variant, and shown where there is no text.
    pub title: String,
    /// What it says.
    pub text: Content,
    /// The level of the heading that shows the title above the text; None shows no heading.
    pub heading_level: Option<u8>,
    /// Its role; `region` if empty.
    pub role: String,
    /// Whether it can be taken away (needs JavaScript).
    pub dismissible: bool,
    /// Whether an alert leaves the focus where it is (needs JavaScript).
    pub disable_auto_focus: bool,
    /// Where the focus goes when it is taken away, as a selector.
    pub focus_on_dismiss_selector: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertVariant {
    /// Something to know.
    #[default]
    Information,
    /// Something has succeeded.
    Success,
    /// Something to look out for.
    Warning,
    /// Something has failed.
    Error,
}

impl AlertVariant {
    /// Its name, in classes and read out.
    fn name(self) -> &'static str {
        match self {
            Self::Information => "information",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// An outline of its own in a square of 30, so that colour doesn't speak alone.
    fn outline(self) -> &'static str {
        match self {
            Self::Information => {
                "M15 3a12 12 0 1 0 0 24a12 12 0 1 0 0-24zM13.5 8h3v3h-3zM13.5 13h3v9h-3z"
            }
            Self::Success => "M4 15l3-3l5 5l12-12l3 3l-15 15z",
            Self::Warning => "M15 2l14 25h-28zM13.5 10h3v9h-3zM13.5 21h3v3h-3z",
            Self::Error => {
                "M10 3h10l7 7v10l-7 7h-10l-7-7v-10zM9 11l4 4l-4 4l2 2l4-4l4 4l2-2l-4-4l4-4l-2-2l-4 4l-4-4z"
            }
        }
    }
}

impl Alert {
    fn role(&self) -> &str {
        if self.role.is_empty() {
            "region"
        } else {
            &self.role
        }
    }

    /// The level of the heading, if there is a text to stand above.
    fn heading(&self) -> Option<u8> {
        self.heading_level.filter(|_| !self.text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_a_region_that_says_its_variant_and_title() {
        let alert = Alert {
            variant: AlertVariant::Warning,
            title: "The feed is not live".into(),
            ..Alert::default()
        };
        let shown = alert.to_string();
        for part in [
            r#"role="region""#,
            r#"class="moj-alert moj-alert--warning""#,
            r#"aria-label="warning: The feed is not live""#,
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert!(!shown.contains("<button"), "{shown}");
    }

    #[test]
    fn a_title_becomes_a_heading_only_above_a_text() {
        let mut alert = Alert {
            title: "Not recorded yet".into(),
            heading_level: Some(2),
            ..Alert::default()
        };
        assert!(!alert.to_string().contains("<h2"));
        alert.text = "Your decision has not reached the server.".into();
        let heading = r#"<h2 class="moj-alert__heading">Not recorded yet</h2>"#;
        assert!(alert.to_string().contains(heading), "{alert}");
    }

    #[test]
    fn what_can_be_taken_away_has_a_button_that_a_script_shows() {
        let alert = Alert {
            dismissible: true,
            ..Alert::default()
        };
        let button = r#"<button type="button" class="moj-alert__dismiss" hidden>"#;
        assert!(alert.to_string().contains(button), "{alert}");
    }
}
