//! Details.

use askama::Template;

use crate::attributes::Markup as _;
use crate::{Attributes, Content};

/// Text that is shown when it is asked for.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "details.html")]
pub struct Details {
    /// What one opens it by.
    pub summary_text: Content,
    /// What it shows when it is open.
    pub text: Content,
    /// Its id.
    pub id: String,
    /// Whether it is open from the beginning.
    pub open: bool,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}
