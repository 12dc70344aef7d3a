//! Inset text.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Text set apart from what surrounds it.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "inset_text.html")]
pub struct InsetText {
    /// What it says.
    pub text: Content,
    /// Its id.
    pub id: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}
