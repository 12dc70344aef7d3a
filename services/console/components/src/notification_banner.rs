//! Notification banner.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Tells about something that isn't the page's own matter, or that an action has succeeded. At
/// most one on a page, and none beside an error summary.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "notification_banner.html")]
pub struct NotificationBanner {
    /// What it says: a text becomes its heading, HTML its whole content.
    pub text: Content,
    /// Its title; "Success" or "Important" if empty.
    pub title_text: Content,
    /// The level of the title's heading; 2 if None.
    pub title_heading_level: Option<u8>,
    /// Whether it tells of a success (GOV.UK's `type`).
    pub success: bool,
    /// Its role; `alert` for a success and `region` otherwise, if empty.
    pub role: String,
    /// The id of its title; `govuk-notification-banner-title` if empty.
    pub title_id: String,
    /// Whether a success leaves the focus where it is (needs JavaScript). None says nothing.
    pub disable_auto_focus: Option<bool>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl NotificationBanner {
    /// Says that an action has succeeded.
    #[must_use]
    pub fn success(text: impl Into<Content>) -> Self {
        Self {
            text: text.into(),
            success: true,
            ..Self::default()
        }
    }

    fn role(&self) -> &str {
        match (self.role.as_str(), self.success) {
            ("", true) => "alert",
            ("", false) => "region",
            (given, _) => given,
        }
    }

    fn title(&self) -> Content {
        let usual = if self.success { "Success" } else { "Important" };
        self.title_text.or(usual)
    }

    fn title_id(&self) -> &str {
        if self.title_id.is_empty() {
            "govuk-notification-banner-title"
        } else {
            &self.title_id
        }
    }

    fn level(&self) -> u8 {
        self.title_heading_level.unwrap_or(2)
    }
}
