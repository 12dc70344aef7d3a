//! The components of GOV.UK Frontend 6.6 that our pages need, and three of the Ministry of
//! Justice's, rendered in Rust.
//!
//! One struct a component, its fields named as GOV.UK's options in snake_case:
//!
//! ```
//! use visits_components::{Button, Input, Hint};
//!
//! let reference = Input {
//!     hint: Some(Hint::new("For example, 100012")),
//!     classes: "govuk-input--width-10".into(),
//!     ..Input::new("urn", "School number (URN)")
//! };
//! let page = format!("{reference}{}", Button::new("Find the school"));
//! assert!(page.contains(r#"aria-describedby="urn-hint""#));
//! ```
//!
//! In an askama template a component, like [`Html`], is written as it is: `{{ reference }}`. Where
//! they differ from GOV.UK's options: `text` and `html` are one field, a [`Content`], whose text is
//! escaped; `type` is `kind`; `for` is `for_id`; an empty text means that the option isn't given.
//! The crown and GDS Transport are for services on gov.uk and aren't here.
//!
//! `tests/fixtures` compares what is rendered with GOV.UK's own fixtures (R-CON-28). The Ministry of
//! Justice publishes none: [`Timeline`], [`Badge`] and [`Alert`] follow its documentation, carry its
//! classes and have tests of their own.
//!
//! The templates are written for this crate; the outlines of the icons in [`Button`] and
//! [`Pagination`] are GOV.UK Frontend's (MIT licence, © Crown Copyright, Government Digital Service).

mod alert;
mod attributes;
mod back_link;
mod badge;
mod breadcrumbs;
mod button;
mod character_count;
mod checkboxes;
mod choices;
mod date_input;
mod details;
mod error_message;
mod error_summary;
mod fieldset;
mod form_group;
mod hint;
mod html;
mod input;
mod inset_text;
mod label;
mod notification_banner;
mod pagination;
mod panel;
mod phase_banner;
mod radios;
mod select;
mod service_navigation;
mod skip_link;
mod summary_list;
mod table;
mod tag;
mod task_list;
mod textarea;
mod timeline;
mod warning_text;

pub use alert::{Alert, AlertVariant};
pub use attributes::Attributes;
pub use back_link::BackLink;
pub use badge::Badge;
pub use breadcrumbs::{Breadcrumb, Breadcrumbs};
pub use button::Button;
pub use character_count::CharacterCount;
pub use checkboxes::Checkboxes;
pub use choices::Choice;
pub use date_input::{DateField, DateInput};
pub use details::Details;
pub use error_message::ErrorMessage;
pub use error_summary::{ErrorItem, ErrorSummary};
pub use fieldset::{Fieldset, Legend};
pub use form_group::FormGroup;
pub use hint::Hint;
pub use html::{Content, Html};
pub use input::{Affix, Input};
pub use inset_text::InsetText;
pub use label::Label;
pub use notification_banner::NotificationBanner;
pub use pagination::{PageItem, PageStep, Pagination};
pub use panel::{Panel, PanelAction, PanelActions};
pub use phase_banner::PhaseBanner;
pub use radios::Radios;
pub use select::{Select, SelectItem};
pub use service_navigation::{NavigationItem, NavigationSlots, ServiceNavigation};
pub use skip_link::SkipLink;
pub use summary_list::{
    SummaryAction, SummaryActions, SummaryCard, SummaryCell, SummaryList, SummaryRow,
};
pub use table::{Table, TableCell};
pub use tag::Tag;
pub use task_list::{Task, TaskList, TaskStatus};
pub use textarea::Textarea;
pub use timeline::{Timeline, TimelineItem};
pub use warning_text::WarningText;

/// Says of components that what they show is HTML, so that a template doesn't escape it again.
macro_rules! show_html {
    ($($component:ty),+ $(,)?) => {
        $(impl askama::filters::HtmlSafe for $component {})+
    };
}
show_html!(
    Alert,
    Badge,
    Breadcrumbs,
    CharacterCount,
    Checkboxes,
    DateInput,
    Pagination,
    Panel,
    PhaseBanner,
    Select,
    ServiceNavigation,
    TaskList,
    Timeline,
    date_input::DateFields<'_>,
    BackLink,
    Button,
    Details,
    ErrorMessage,
    ErrorSummary,
    Fieldset,
    Hint,
    Input,
    InsetText,
    Label,
    NotificationBanner,
    Radios,
    SkipLink,
    SummaryList,
    Table,
    Tag,
    Textarea,
    WarningText,
    choices::Choices<'_>,
);
