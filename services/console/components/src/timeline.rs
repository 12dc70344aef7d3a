//! The Ministry of Justice's timeline.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// What has happened, the newest first.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "timeline.html")]
pub struct Timeline {
    /// What has happened.
    pub items: Vec<TimelineItem>,
    /// The level of the items' headings; 2 if None.
    pub heading_level: Option<u8>,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// One thing that has happened.
#[derive(Clone, Debug, Default)]
pub struct TimelineItem {
    /// What it was, in a few words.
    pub label: Content,
    /// Who did it; read as "by" and the name.
    pub byline: Content,
    /// When it happened, for programs (RFC 3339).
    pub datetime: String,
    /// When it happened, in words, for example "23 October 2020 at 2:31pm BST".
    pub date_text: Content,
    /// More about it.
    pub text: Content,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl Timeline {
    fn level(&self) -> u8 {
        self.heading_level.unwrap_or(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_says_what_who_and_when_and_escapes_text() {
        let timeline = Timeline {
            items: vec![TimelineItem {
                label: "Decided: an NFD is required".into(),
                byline: "RD-SOUTH-EAST".into(),
                datetime: "2020-10-23T13:30:00Z".into(),
                date_text: "23 October 2020 at 2:30pm BST".into(),
                text: "Rationale <1>".into(),
                ..TimelineItem::default()
            }],
            heading_level: Some(3),
            ..Timeline::default()
        };
        let shown = timeline.to_string();
        for part in [
            r#"<div class="moj-timeline">"#,
            r#"<h3 class="moj-timeline__title">Decided: an NFD is required</h3>"#,
            r#"<p class="moj-timeline__byline">by RD-SOUTH-EAST</p>"#,
            r#"<time datetime="2020-10-23T13:30:00Z">23 October 2020 at 2:30pm BST</time>"#,
            r#"<div class="moj-timeline__description">Rationale &lt;1&gt;</div>"#,
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn what_is_not_known_leaves_no_empty_element() {
        let items = vec![TimelineItem::default()];
        let shown = Timeline {
            items,
            ..Timeline::default()
        };
        let shown = shown.to_string();
        assert!(
            !shown.contains("byline") && !shown.contains("description"),
            "{shown}"
        );
    }
}
