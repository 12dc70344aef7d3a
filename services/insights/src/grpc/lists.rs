//! The lists: their orders and the sizes of their pages (R-API-3).

use visits_core::{Part, SortKey};
use visits_durable::store::Versioned;
use visits_runtime::order::Orders;
use visits_runtime::paging::Listing;

use crate::domain::coding::Coding;
use crate::domain::frame::Frame;
use crate::store::releases::Kept;

/// Coding frames, whose names are their versions.
pub(super) const FRAMES: Listing = listing(Orders {
    fields: &["name", "effective_date"],
    default: &[SortKey::descending("effective_date")],
    key: "name",
});
/// Answers to code: by pseudonymous keys alone, which say nothing of date or place (M30).
pub(super) const ANSWERS: Listing = listing(Orders {
    fields: &[],
    default: &[SortKey::ascending("name")],
    key: "name",
});
/// Releases.
pub(super) const RELEASES: Listing = listing(Orders {
    fields: &["number"],
    default: &[SortKey::descending("number")],
    key: "number",
});

const fn listing(orders: Orders) -> Listing {
    Listing {
        orders,
        page_default: 20,
        page_max: 100,
    }
}

/// What a frame holds in a field of an order.
pub(super) fn of_frame(frame: &Frame, field: &str) -> Part {
    match field {
        "effective_date" => Part::text(&frame.content.effective_date),
        _ => Part::text(&frame.content.version),
    }
}

/// What the answers of a visit hold in the only field of their order.
pub(super) fn of_coding(coding: &Versioned<Coding>, _: &str) -> Part {
    Part::text(&coding.id)
}

/// What a release holds in the only field of an order.
pub(super) fn of_release(kept: &Kept, _: &str) -> Part {
    Part::Number(kept.release.number.into())
}
