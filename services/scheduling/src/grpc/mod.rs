//! Convert, call `app`, convert.

pub(crate) mod codes;
pub mod directors;
mod imports;
mod lists;
mod read_call;
mod read_list;
mod read_register;
mod read_visit;
mod reads;
mod register;
pub mod service;
mod upload;
mod visit;

use uuid::Uuid;

use crate::app::rights::Needs;
use crate::app::wish::Wish;
use crate::domain::visit::VisitId;

/// A request to change a visit, read.
pub(crate) struct Change {
    /// The caller's mark for this intent (R17).
    pub request_id: Uuid,
    /// The visit; `None` for one that is to be planned.
    pub id: Option<VisitId>,
    /// The etag of the visit as read; empty = don't check.
    pub etag: String,
    /// What the caller must be.
    pub needs: Needs,
    /// What is asked.
    pub wish: Wish,
}
