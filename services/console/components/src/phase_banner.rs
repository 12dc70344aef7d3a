//! Phase banner.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content, Tag};

/// Says that a service is still being built.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "phase_banner.html")]
pub struct PhaseBanner {
    /// The phase, for example "Beta".
    pub tag: Tag,
    /// What it says of the service.
    pub text: Content,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

impl PhaseBanner {
    fn tag(&self) -> Tag {
        let more = self.tag.classes.more();
        Tag {
            classes: format!("govuk-phase-banner__content__tag{more}"),
            ..self.tag.clone()
        }
    }
}
