//! The lists: their orders and the sizes of their pages (R-API-3).

use visits_core::{Part, SortKey};
use visits_durable::store::Versioned;
use visits_runtime::order::Orders;
use visits_runtime::paging::Listing;

use crate::domain::inspector::Inspector;
use crate::domain::script::CallScript;
use crate::domain::visit::Visit;
use crate::store::school::Stored;

/// Visits. Names are UUIDv7: their order is that of time.
pub(super) const VISITS: Listing = long(Orders {
    fields: &["name", "visit_date"],
    default: &[SortKey::ascending("name")],
    key: "name",
});
/// Schools.
pub(super) const SCHOOLS: Listing = long(Orders {
    fields: &["urn", "pupils_on_roll", "idaci_quintile"],
    default: &[SortKey::ascending("urn")],
    key: "urn",
});
/// Inspectors, whose names are their codes.
pub(super) const INSPECTORS: Listing = long(Orders {
    fields: &["name"],
    default: &[SortKey::ascending("name")],
    key: "name",
});
/// Versions of the call's script.
pub(super) const SCRIPTS: Listing = Listing {
    orders: Orders {
        fields: &["name", "effective_date"],
        default: &[SortKey::descending("effective_date")],
        key: "name",
    },
    page_default: 20,
    page_max: 100,
};

const fn long(orders: Orders) -> Listing {
    Listing {
        orders,
        page_default: 50,
        page_max: 500,
    }
}

/// What a visit holds in a field of an order.
pub(super) fn of_visit(visit: &Versioned<Visit>, field: &str) -> Part {
    match field {
        "visit_date" => Part::text(&visit.value.visit_date),
        _ => Part::text(&visit.id),
    }
}

/// What a school holds in a field of an order.
pub(super) fn of_school(stored: &Stored, field: &str) -> Part {
    match field {
        "pupils_on_roll" => Part::number(stored.school.pupils_on_roll),
        "idaci_quintile" => Part::number(stored.school.idaci_quintile),
        _ => Part::text(&stored.school.urn),
    }
}

/// What an inspector holds in the only field of an order.
pub(super) fn of_inspector(inspector: &Versioned<Inspector>, _: &str) -> Part {
    Part::text(&inspector.value.code)
}

/// What a version of the call's script holds in a field of an order.
pub(super) fn of_script(script: &CallScript, field: &str) -> Part {
    match field {
        "effective_date" => Part::text(&script.effective_date),
        _ => Part::text(&script.version),
    }
}
