//! Pages of things whose identifiers are UUIDv7, newest first.

use uuid::Uuid;
use visits_core::{Fault, FieldViolation};
use visits_runtime::paging::PageRequest;

const PAGE_DEFAULT: u32 = 50;
const PAGE_MAX: u32 = 500;

/// A page that begins before the last one's last thing.
pub(super) struct Page {
    pub(super) request: PageRequest,
    pub(super) before: Option<Uuid>,
}

pub(super) fn page_of(size: i32, token: &str, filter: &str) -> Result<Page, Fault> {
    let request = PageRequest::read(size, token, filter, PAGE_DEFAULT, PAGE_MAX)?;
    let before = request.after.as_deref().map(str::parse).transpose();
    let before = before.map_err(|_| {
        let what = "is not a token of this list; leave it empty for the first page";
        Fault::invalid(vec![FieldViolation::new("page_token", what)])
    })?;
    Ok(Page { request, before })
}
