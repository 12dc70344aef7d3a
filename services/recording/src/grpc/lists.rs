//! The lists: their orders and the sizes of their pages (R-API-3).

use visits_core::{Part, SortKey};
use visits_runtime::order::Orders;
use visits_runtime::paging::Listing;

use crate::domain::Answer;
use crate::store::forms::StoredForm;

/// Versions of the form, of which one comes into effect on a day.
pub(super) const FORMS: Listing = of_fifty(Orders {
    fields: &["effective_from"],
    default: &[SortKey::descending("effective_from")],
    key: "effective_from",
});
/// Records.
pub(super) const RECORDS: Listing = of_fifty(Orders {
    fields: &["name", "visit_date"],
    default: &[SortKey::ascending("name")],
    key: "name",
});
/// Answers of a record, each at the place at which it was recorded.
pub(super) const ANSWERS: Listing = of_fifty(Orders {
    fields: &["given_time", "recorded_time"],
    default: &[SortKey::ascending("place")],
    key: "place",
});
/// Answers without what points to a person: nobody chooses their order, which could say when they
/// were given.
pub(super) const DEIDENTIFIED: Listing = Listing {
    orders: Orders {
        fields: &[],
        default: &[SortKey::ascending("place")],
        key: "place",
    },
    page_default: 100,
    page_max: 500,
};

const fn of_fifty(orders: Orders) -> Listing {
    Listing {
        orders,
        page_default: 50,
        page_max: 200,
    }
}

/// What a version of the form holds in the only field of an order.
pub(super) fn of_form(stored: &StoredForm, _: &str) -> Part {
    Part::text(&stored.form.effective_from)
}

/// What an answer holds in a field of an order, with its place among those of its record.
pub(super) fn of_answer((place, answer): &(i64, &Answer), field: &str) -> Part {
    match field {
        "given_time" => Part::Number(answer.statement.given_at.as_microsecond()),
        "recorded_time" => Part::Number(answer.statement.recorded_at.as_microsecond()),
        _ => Part::Number(*place),
    }
}
