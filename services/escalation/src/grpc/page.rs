//! The lists: their orders and the sizes of their pages (R-API-3).

use visits_core::{Part, SortKey};
use visits_durable::store::Versioned;
use visits_runtime::order::Orders;
use visits_runtime::paging::Listing;

use crate::domain::case::Case;
use crate::domain::register::Directorship;

/// Cases. Names are UUIDv7: their order is that of time.
pub(super) const CASES: Listing = listing(Orders {
    fields: &["name", "create_time", "deadline_time"],
    default: &[SortKey::descending("name")],
    key: "name",
});
/// Entries of the register.
pub(super) const DIRECTORS: Listing = listing(Orders {
    fields: &["name", "region", "from_date"],
    default: &[SortKey::ascending("name")],
    key: "name",
});
/// Shifts.
pub(super) const SHIFTS: Listing = listing(Orders {
    fields: &["name"],
    default: &[SortKey::descending("name")],
    key: "name",
});
/// Recommendations, by the cases behind them, of which the caller is to know nothing (M33).
pub(super) const RECOMMENDATIONS: Listing = listing(Orders {
    fields: &[],
    default: &[SortKey::descending("name")],
    key: "name",
});

const fn listing(orders: Orders) -> Listing {
    Listing {
        orders,
        page_default: 50,
        page_max: 500,
    }
}

/// What a case holds in a field of an order.
pub(super) fn of_case(case: &Versioned<Case>, field: &str) -> Part {
    let deadline = case.value.window.as_ref().map(|window| window.deadline_at);
    match field {
        "create_time" => Part::Number(case.value.opened_at.as_microsecond()),
        "deadline_time" => Part::number(deadline.map(visits_core::Timestamp::as_microsecond)),
        _ => Part::text(&case.id),
    }
}

/// What an entry of the register holds in a field of an order.
pub(super) fn of_director(entry: &Versioned<Directorship>, field: &str) -> Part {
    match field {
        "region" => Part::text(&entry.value.region.slug()),
        "from_date" => Part::text(&entry.value.from),
        _ => Part::text(&entry.id),
    }
}

/// What stands in the order of its making holds.
pub(super) fn by_name<T>(held: &Versioned<T>, _: &str) -> Part {
    Part::text(&held.id)
}
